// Pictures of this page and the next one, loaded and decoded before they are shown; and how long it took to show them.
// Owns: the loaded pictures and the performance marks. Leaves: which they are to label_page.js.

const held = new Map();

/** Load these pictures and forget all others; a picture that the document holds is shown at once. `onFail(url)`: it did not load. */
export function preload(urls, onFail) {
  for (const url of held.keys()) if (!urls.includes(url)) held.delete(url);
  for (const url of urls) {
    if (held.has(url)) continue;
    const image = new Image();
    image.src = url;
    const ready = image.decode().then(
      () => true,
      () => {
        if (held.get(url)?.image === image) {
          held.delete(url);
          onFail(url);
        }
        return false;
      },
    );
    held.set(url, { image, ready });
  }
}

/** When all of these pictures that were asked for are decoded, or have failed. */
export function ready(urls) {
  return Promise.all(urls.map((url) => held.get(url)?.ready));
}

/** The page was submitted: from here the time counts. */
export function began() {
  performance.clearMarks("labeling:next");
  performance.mark("labeling:next");
}

/** The page's pictures stand on the screen: measured as "labeling:shown", in milliseconds. */
export function shown() {
  requestAnimationFrame(() => {
    if (!performance.getEntriesByName("labeling:next").length) return;
    performance.measure("labeling:shown", "labeling:next");
    performance.clearMarks("labeling:next");
  });
}
