/**
 * What part of the picture is seen, and how large.
 *
 * Owns: fitting, zooming around a point, panning, pinching, and the way from the screen to the picture.
 * Leaves: applying a view to elements to canvas_stage.js.
 *
 * A view is {scale, x, y}: pixels of the screen for one pixel of the picture, and where the picture's corner is in the window.
 * A picture and a window are [width, height].
 */

const MOST_SCALE = 32;
const MARGIN_PX = 12;
const KEEP_PX = 48;

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** The view that shows the whole picture in the middle. */
export function fitted(picture, windowSize) {
  const room = windowSize.map((length) => Math.max(length - 2 * MARGIN_PX, 16));
  const scale = Math.min(room[0] / picture[0], room[1] / picture[1]);
  return { scale, x: (windowSize[0] - picture[0] * scale) / 2, y: (windowSize[1] - picture[1] * scale) / 2 };
}

/** A view may go anywhere as long as a piece of the picture stays in the window; a picture smaller than it stays whole. */
export function kept(view, picture, windowSize) {
  const place = (start, length, room) => {
    if (length <= room) return clamp(start, 0, room - length);
    return clamp(start, Math.min(KEEP_PX, room) - length, room - Math.min(KEEP_PX, room));
  };
  return {
    scale: view.scale,
    x: place(view.x, picture[0] * view.scale, windowSize[0]),
    y: place(view.y, picture[1] * view.scale, windowSize[1]),
  };
}

/** The view after zooming by a factor; the point of the picture under `at` stays where it is. */
export function zoomed(view, factor, at, picture, windowSize) {
  const whole = fitted(picture, windowSize).scale;
  const scale = clamp(view.scale * factor, Math.min(whole / 2, 1), Math.max(MOST_SCALE, whole * 4));
  const ratio = scale / view.scale;
  return kept({ scale, x: at[0] - (at[0] - view.x) * ratio, y: at[1] - (at[1] - view.y) * ratio }, picture, windowSize);
}

export const panned = (view, dx, dy, picture, windowSize) => kept({ ...view, x: view.x + dx, y: view.y + dy }, picture, windowSize);

/** The view after two fingers went from `before` to `after` (two points each): they carry what is under them. */
export function pinched(view, before, after, picture, windowSize) {
  const middle = ([a, b]) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const apart = ([a, b]) => Math.max(Math.hypot(a[0] - b[0], a[1] - b[1]), 1);
  const [from, to] = [middle(before), middle(after)];
  const shifted = { ...view, x: view.x + to[0] - from[0], y: view.y + to[1] - from[1] };
  return zoomed(shifted, apart(after) / apart(before), to, picture, windowSize);
}

export const toPicture = (view, [x, y]) => [(x - view.x) / view.scale, (y - view.y) / view.scale];

/** How much a turn of the wheel zooms; a line or page of scrolling counts as the pixels it stands for. */
export function wheelFactor({ deltaY, deltaMode, ctrlKey }) {
  const pixels = deltaY * (deltaMode === 1 ? 16 : deltaMode === 2 ? 400 : 1);
  return Math.exp(-clamp(pixels, -300, 300) * (ctrlKey ? 0.01 : 0.0016));
}

/** A view that shows a box of the picture, moved as little as possible; zoomed out only when the box does not fit. */
export function shown(view, [x, y, w, h], picture, windowSize) {
  const place = (start, length, from, room) => {
    const [low, high] = [start + from * view.scale, start + (from + length) * view.scale];
    if (low >= 0 && high <= room) return start;
    return start + (room - high - low) / 2;
  };
  if (w * view.scale > windowSize[0] || h * view.scale > windowSize[1]) return view;
  return kept({ ...view, x: place(view.x, w, x, windowSize[0]), y: place(view.y, h, y, windowSize[1]) }, picture, windowSize);
}
