// Boxes and polygons as numbers: where they may be, how they move, and fractions that no service refuses.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as geometry from "../../../localazure/web/labeling/shape_geometry.js";

const SIZE = [640, 480];

/** Numbers that look random and are the same in every run. */
function* numbers(seed) {
  let state = seed;
  for (;;) {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    yield state / 2 ** 32;
  }
}

test("a box is drawn between any two corners, on whole pixels, inside of the picture", () => {
  assert.deepEqual(geometry.boxBetween([100.4, 200.6], [50.2, 20], SIZE), [50, 20, 50, 181]);
  assert.deepEqual(geometry.boxBetween([-30, -10], [10, 12], SIZE), [0, 0, 10, 12]);
  assert.deepEqual(geometry.boxBetween([600, 470], [9999, 9999], SIZE), [600, 470, 40, 10]);
  assert.equal(geometry.boxBetween([700, 10], [900, 90], SIZE), null);
  assert.equal(geometry.boxBetween([10, 10], [10.3, 90], SIZE), null);
});

test("in a very small picture edges lie on eighths of a pixel", () => {
  assert.deepEqual(geometry.boxBetween([1.3, 1.06], [2.01, 3.9], [10, 8]), [1.25, 1, 0.75, 2.875]);
});

test("a template box is put around a point and pushed inside", () => {
  assert.deepEqual(geometry.boxAround([100, 100], [50, 50], SIZE), [75, 75, 50, 50]);
  assert.deepEqual(geometry.boxAround([0, 479], [50, 50], SIZE), [0, 430, 50, 50]);
  assert.deepEqual(geometry.boxAround([5, 5], [50, 50], [20, 500]), [0, 0, 20, 50]);
});

test("each handle pulls its own edges, turns over, and never leaves a box without a size", () => {
  const box = [100, 100, 50, 40];
  assert.deepEqual(geometry.pullHandle(box, "se", [200, 180], SIZE), [100, 100, 100, 80]);
  assert.deepEqual(geometry.pullHandle(box, "n", [999, 90], SIZE), [100, 90, 50, 50]);
  assert.deepEqual(geometry.pullHandle(box, "e", [80, 0], SIZE), [80, 100, 20, 40]);
  assert.deepEqual(geometry.pullHandle(box, "w", [150, 120], SIZE), [150, 100, 1, 40]);
  assert.deepEqual(geometry.pullHandle([600, 100, 40, 40], "w", [640, 0], SIZE), [639, 100, 1, 40]);
  for (const handle of geometry.HANDLES) {
    const [x, y, w, h] = geometry.pullHandle(box, handle, [150, 140], SIZE);
    assert.ok(w >= 1 && h >= 1 && x >= 0 && y >= 0 && x + w <= 640 && y + h <= 480, handle);
  }
});

test("handles stand at corners and in the middle of sides", () => {
  assert.deepEqual(geometry.handlePoints([10, 20, 100, 50]), { nw: [10, 20], n: [60, 20], ne: [110, 20], e: [110, 45], se: [110, 70], s: [60, 70], sw: [10, 70], w: [10, 45] });
});

test("moving stops at the edge of the picture and keeps the size", () => {
  assert.deepEqual(geometry.moved({ box: [10, 20, 30, 40] }, -100, 1000, SIZE), { box: [0, 440, 30, 40] });
  assert.deepEqual(geometry.moved({ rings: [[[0, 0], [10, 0], [0, 10]]] }, 5.5, 600, SIZE), { rings: [[[5.5, 470], [15.5, 470], [5.5, 480]]] });
});

test("growing pulls the lower right corner only", () => {
  assert.deepEqual(geometry.grown([600, 100, 30, 30], 50, -50, SIZE), [600, 100, 40, 1]);
});

test("corners of polygons are found, added, moved and removed, but never below three", () => {
  const rings = [[[0, 0], [100, 0], [100, 100]]];
  assert.deepEqual(geometry.nearestCorner(rings, [98, 3], 5), { ring: 0, index: 1 });
  assert.equal(geometry.nearestCorner(rings, [50, 0], 5), null);
  const edge = geometry.nearestEdge(rings, [50, 2], 5);
  assert.deepEqual(edge, { ring: 0, index: 0, at: [50, 0] });
  const four = geometry.withNewCorner(rings, edge);
  assert.deepEqual(four, [[[0, 0], [50, 0], [100, 0], [100, 100]]]);
  assert.deepEqual(geometry.withCorner(four, { ring: 0, index: 1 }, [50, -9], SIZE)[0][1], [50, 0]);
  assert.deepEqual(geometry.withoutCorner(four, { ring: 0, index: 1 }), rings);
  assert.equal(geometry.withoutCorner(rings, { ring: 0, index: 1 }), null);
});

test("a ring loses repeated points; what encloses nothing is no ring", () => {
  assert.deepEqual(geometry.tidyRing([[0, 0], [0, 0], [9, 0], [9, 9], [0, 0]], SIZE), [[0, 0], [9, 0], [9, 9]]);
  assert.equal(geometry.tidyRing([[0, 0], [5, 5], [9, 9]], SIZE), null);
  assert.equal(geometry.tidyRing([[0, 0], [5, 5]], SIZE), null);
  assert.equal(geometry.tidyRing([[700, 0], [800, 5], [900, 9]], SIZE), null);
});

test("pixels become fractions and come back to the same pixel", () => {
  const next = numbers(7);
  const draw = () => next.next().value;
  for (let i = 0; i < 500; i += 1) {
    const size = [1 + Math.floor(draw() * 9000), 1 + Math.floor(draw() * 9000)];
    const box = geometry.boxBetween([draw() * size[0], draw() * size[1]], [draw() * size[0], draw() * size[1]], size);
    if (!box) continue;
    const shape = geometry.toFractions({ box }, size);
    const [x, y, w, h] = shape.bbox;
    assert.ok(x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= 1 && y + h <= 1, JSON.stringify({ size, box, shape }));
    geometry.toPixels(shape, size).box.forEach((value, place) => assert.ok(Math.abs(value - box[place]) < 0.02, JSON.stringify({ size, box, shape })));
  }
});

test("what comes from elsewhere is clamped to the picture, and left out when nothing is left of it", () => {
  assert.deepEqual(geometry.tidyFractions({ bbox: [-0.5, 0.9, 1, 0.5] }), { bbox: [0, 0.9, 0.5, 0.1] });
  assert.equal(geometry.tidyFractions({ bbox: [0.5, 0.5, 0, 0.1] }), null);
  assert.equal(geometry.tidyFractions({ bbox: [1.2, 0.5, 0.2, 0.1] }), null);
  assert.equal(geometry.tidyFractions({ bbox: [0.1, NaN, 0.2, 0.1] }), null);
  assert.equal(geometry.tidyFractions({ bbox: "0.1" }), null);
  assert.equal(geometry.tidyFractions({}), null);
  assert.deepEqual(geometry.tidyFractions({ segmentation: [[0, 0, 2, 0, 2, 2], [0.1, 0.1]] }), { segmentation: [[0, 0, 1, 0, 1, 1]] });
  assert.equal(geometry.tidyFractions({ segmentation: [[0, 0, 0.5, 0.5, 0.9, 0.9]] }), null);
});

test("several rings go over the wire as several lists", () => {
  const shape = { segmentation: [[0, 0, 0.5, 0, 0, 0.5], [0.5, 0.5, 1, 0.5, 1, 1]] };
  const pixels = geometry.toPixels(shape, SIZE);
  assert.deepEqual(pixels.rings[1], [[320, 240], [640, 240], [640, 480]]);
  assert.deepEqual(geometry.toFractions(pixels, SIZE), shape);
  assert.deepEqual(geometry.boundsOf(pixels), [0, 0, 640, 480]);
});
