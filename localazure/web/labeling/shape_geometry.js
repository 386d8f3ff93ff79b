/**
 * Boxes and polygons as numbers.
 *
 * Owns: where a shape may be, how it moves, grows and bends, and the way between pixels of the picture and fractions of it.
 * Leaves: pointers and keys to canvas_gestures.js and shape_keys.js, what was done and undone to shape_state.js.
 *
 * A geometry is {box: [x, y, w, h]} or {rings: [[[x, y], ...], ...]}, in pixels of the picture. A shape that goes over the wire has
 * fractions instead: {bbox: [x, y, w, h]} or {segmentation: [[x, y, x, y, ...], ...]}. A size is [width, height] of the picture.
 */

/** The two corners and four sides a box is pulled by; the letters say which edges move. */
export const HANDLES = Object.freeze(["nw", "n", "ne", "e", "se", "s", "sw", "w"]);

const FINEST = 1e-6;
const SMALL_PICTURE_PX = 100;

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const fine = (value) => Math.round(value / FINEST) / Math.round(1 / FINEST);
const numbers = (list, count) => Array.isArray(list) && (count === undefined || list.length === count) && list.every(Number.isFinite);

/** Edges of boxes lie on whole pixels; in a very small picture on eighths, because there a pixel is a large thing. */
export const gridStep = ([width, height]) => (Math.min(width, height) < SMALL_PICTURE_PX ? 1 / 8 : 1);

export const snap = (value, step) => Math.round(value / step) * step;

export const clampPoint = ([x, y], [width, height]) => [clamp(x, 0, width), clamp(y, 0, height)];

/** The box between two points, on the grid and inside of the picture; null when it would have no width or no height. */
export function boxBetween(a, b, size) {
  const step = gridStep(size);
  const [ax, ay] = clampPoint([snap(a[0], step), snap(a[1], step)], size);
  const [bx, by] = clampPoint([snap(b[0], step), snap(b[1], step)], size);
  const box = [Math.min(ax, bx), Math.min(ay, by), Math.abs(ax - bx), Math.abs(ay - by)];
  return box[2] > 0 && box[3] > 0 ? box : null;
}

/** A box of a given size around a point, pushed inside of the picture. */
export function boxAround([x, y], [w, h], size) {
  const step = gridStep(size);
  const width = Math.min(w, size[0]);
  const height = Math.min(h, size[1]);
  const left = clamp(snap(x - width / 2, step), 0, size[0] - width);
  const top = clamp(snap(y - height / 2, step), 0, size[1] - height);
  return [left, top, width, height];
}

/** Where each handle of a box is. */
export function handlePoints([x, y, w, h]) {
  const across = { w: x, e: x + w };
  const down = { n: y, s: y + h };
  return Object.fromEntries(
    HANDLES.map((name) => {
      const vertical = name.match(/[ns]/)?.[0];
      const horizontal = name.match(/[we]/)?.[0];
      return [name, [across[horizontal] ?? x + w / 2, down[vertical] ?? y + h / 2]];
    }),
  );
}

/** The box after one of its handles went to a point. It may turn over; it never gets thinner than one step of the grid. */
export function pullHandle([x, y, w, h], handle, point, size) {
  const step = gridStep(size);
  const [px, py] = clampPoint([snap(point[0], step), snap(point[1], step)], size);
  const pulled = (start, length, low, high, to, limit) => {
    if (!handle.includes(low) && !handle.includes(high)) return [start, length];
    const fixed = handle.includes(low) ? start + length : start;
    let moving = to;
    if (Math.abs(moving - fixed) < step) moving = fixed + step <= limit ? fixed + step : fixed - step;
    return [Math.min(fixed, moving), Math.abs(moving - fixed)];
  };
  const [left, width] = pulled(x, w, "w", "e", px, size[0]);
  const [top, height] = pulled(y, h, "n", "s", py, size[1]);
  return [left, top, width, height];
}

/** The smallest box around a geometry. */
export function boundsOf(geometry) {
  if (geometry.box) return geometry.box;
  const points = geometry.rings.flat();
  const xs = points.map((point) => point[0]);
  const ys = points.map((point) => point[1]);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return [left, top, Math.max(...xs) - left, Math.max(...ys) - top];
}

/** The geometry moved by (dx, dy), as far as the picture lets it. Moves of boxes keep to the grid. */
export function moved(geometry, dx, dy, size) {
  const [x, y, w, h] = boundsOf(geometry);
  const step = geometry.box ? gridStep(size) : 0;
  const shift = (start, length, by, limit) => clamp(step ? snap(start + by, step) : start + by, 0, Math.max(0, limit - length)) - start;
  const [sx, sy] = [shift(x, w, dx, size[0]), shift(y, h, dy, size[1])];
  if (geometry.box) return { box: [x + sx, y + sy, w, h] };
  return { rings: geometry.rings.map((ring) => ring.map(([px, py]) => [px + sx, py + sy])) };
}

/** How far several geometries can go together, so that all of them stay inside of the picture. */
export function sharedShift(geometries, dx, dy, size) {
  const all = geometries.map(boundsOf);
  const room = (axis) => [-Math.min(...all.map((box) => box[axis])), size[axis] - Math.max(...all.map((box) => box[axis] + box[axis + 2]))];
  return [clamp(dx, ...room(0)), clamp(dy, ...room(1))];
}

/** A box whose right and lower edge went by (dw, dh), inside of the picture, at least one step of the grid thick. */
export function grown([x, y, w, h], dw, dh, size) {
  const step = gridStep(size);
  return [x, y, clamp(w + dw, step, size[0] - x), clamp(h + dh, step, size[1] - y)];
}

/** The area of a ring of points, whichever way round it goes. */
export function ringArea(ring) {
  let twice = 0;
  ring.forEach(([x, y], i) => {
    const [nx, ny] = ring[(i + 1) % ring.length];
    twice += x * ny - nx * y;
  });
  return Math.abs(twice) / 2;
}

const distance = ([ax, ay], [bx, by]) => Math.hypot(ax - bx, ay - by);

/** A ring without points that repeat the one before; null when fewer than three are left or they enclose nothing. */
export function tidyRing(ring, size, tolerance = 0) {
  const points = [];
  for (const point of ring.map((each) => clampPoint(each, size))) {
    if (points.length === 0 || distance(points.at(-1), point) > tolerance) points.push(point);
  }
  while (points.length > 1 && distance(points[0], points.at(-1)) <= tolerance) points.pop();
  return points.length >= 3 && ringArea(points) > 0 ? points : null;
}

/** The corner of a polygon nearest to a point, {ring, index}; null when none is within the tolerance. */
export function nearestCorner(rings, point, tolerance) {
  let best = null;
  rings.forEach((corners, ring) =>
    corners.forEach((corner, index) => {
      const away = distance(corner, point);
      if (away <= tolerance && (best === null || away < best.away)) best = { ring, index, away };
    }),
  );
  return best && { ring: best.ring, index: best.index };
}

/** The place on a polygon's outline nearest to a point, {ring, index (of the corner before it), at}; null when none is near. */
export function nearestEdge(rings, point, tolerance) {
  let best = null;
  rings.forEach((corners, ring) =>
    corners.forEach((start, index) => {
      const end = corners[(index + 1) % corners.length];
      const [dx, dy] = [end[0] - start[0], end[1] - start[1]];
      const along = clamp(((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / (dx * dx + dy * dy || 1), 0, 1);
      const at = [start[0] + along * dx, start[1] + along * dy];
      const away = distance(at, point);
      if (away <= tolerance && (best === null || away < best.away)) best = { ring, index, at, away };
    }),
  );
  return best && { ring: best.ring, index: best.index, at: best.at };
}

const withRing = (rings, ring, corners) => rings.map((each, i) => (i === ring ? corners : each));

export const withCorner = (rings, { ring, index }, point, size) =>
  withRing(rings, ring, rings[ring].map((each, i) => (i === index ? clampPoint(point, size) : each)));

export const withNewCorner = (rings, { ring, index, at }) => withRing(rings, ring, [...rings[ring].slice(0, index + 1), at, ...rings[ring].slice(index + 1)]);

/** The rings without one corner; null when its ring would have fewer than three. */
export function withoutCorner(rings, { ring, index }) {
  if (rings[ring].length <= 3) return null;
  return withRing(rings, ring, rings[ring].filter((_, i) => i !== index));
}

/** Fractions of the picture -> pixels of it. */
export function toPixels(shape, [width, height]) {
  if (shape.segmentation) {
    return {
      rings: shape.segmentation.map((flat) => Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i] * width, flat[2 * i + 1] * height])),
    };
  }
  const [x, y, w, h] = shape.bbox;
  return { box: [x * width, y * height, w * width, h * height] };
}

function span(start, length) {
  const low = fine(clamp(start, 0, 1));
  const extent = fine(fine(clamp(start + length, 0, 1)) - low);
  return extent > 0 ? [low, extent] : null;
}

/** Pixels -> fractions, clamped to the picture; null when nothing of the shape is left. */
export function toFractions(geometry, [width, height]) {
  if (geometry.box) {
    const [x, y, w, h] = geometry.box;
    return tidyFractions({ bbox: [x / width, y / height, w / width, h / height] });
  }
  return tidyFractions({ segmentation: geometry.rings.map((ring) => ring.flatMap(([x, y]) => [x / width, y / height])) });
}

/** The geometry of a shape in fractions, inside of the picture and at least something; null for what cannot be drawn. */
export function tidyFractions({ bbox, segmentation }) {
  if (Array.isArray(segmentation) && segmentation.length > 0) {
    const rings = segmentation
      .filter((flat) => numbers(flat) && flat.length % 2 === 0)
      .map((flat) => tidyRing(Array.from({ length: flat.length / 2 }, (_, i) => [fine(flat[2 * i]), fine(flat[2 * i + 1])]), [1, 1]))
      .filter(Boolean);
    return rings.length > 0 ? { segmentation: rings.map((ring) => ring.flat()) } : null;
  }
  if (!numbers(bbox, 4)) return null;
  const across = span(bbox[0], bbox[2]);
  const down = span(bbox[1], bbox[3]);
  return across && down ? { bbox: [across[0], down[0], across[1], down[1]] } : null;
}

/** A label's place as a project of a kind takes it: polygons become the boxes around them, boxes polygons of four corners; null as above. */
export function tidyAs(kind, { bbox, segmentation }) {
  const box = tidyFractions({ bbox });
  const polygon = tidyFractions({ segmentation });
  if (kind === "polygon") {
    if (polygon || !box) return polygon;
    const [x, y, w, h] = box.bbox;
    return tidyFractions({ segmentation: [[x, y, x + w, y, x + w, y + h, x, y + h]] });
  }
  return box ?? (polygon && tidyFractions({ bbox: boundsOf(toPixels(polygon, [1, 1])) }));
}
