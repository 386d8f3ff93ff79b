// How long the label page takes from the key to the next picture, in a real browser. Called by labeling_page.py.
import { openPage, run } from "../tools/browser/browser.mjs";

await run(async (browser, { link, times }) => {
  const page = await openPage(browser);
  await page.goto(link);
  await page.waitForSelector(".canvas:not(.loading) img");
  // From the key to the frame in which another picture stands in the canvas, whole and not faded.
  await page.evaluate(() => {
    globalThis.seen = [];
    const shown = () => {
      const image = document.querySelector(".canvas:not(.loading) img");
      return image?.complete && image.naturalWidth ? image.src : null;
    };
    addEventListener("keydown", () => {
      const began = performance.now();
      const before = shown();
      const look = () => {
        const now = shown();
        if (now && now !== before) globalThis.seen.push(performance.now() - began);
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    }, true);
  });
  for (let done = 1; done <= times; done += 1) {
    await page.waitForTimeout(400); // a person looks at the picture; the next one is loaded meanwhile
    await page.keyboard.press("s");
    await page.waitForFunction((count) => globalThis.seen.length >= count, done);
  }
  return { shown: await page.evaluate(() => globalThis.seen), problems: page.problems };
});
