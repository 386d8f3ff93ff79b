// Zooming, panning and pinching as numbers.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as view from "../../../localazure/web/labeling/canvas_view.js";

const WINDOW = [800, 600];
const close = (a, b) => a.forEach((value, i) => assert.ok(Math.abs(value - b[i]) < 1e-6, `${a} is not ${b}`));

test("the whole picture is shown in the middle, large and small ones too", () => {
  for (const picture of [[8000, 4000], [10, 8], [640, 480], [1, 5000]]) {
    const { scale, x, y } = view.fitted(picture, WINDOW);
    assert.ok(picture[0] * scale <= 776.0001 && picture[1] * scale <= 576.0001);
    close([x * 2 + picture[0] * scale, y * 2 + picture[1] * scale], WINDOW);
  }
});

test("zooming keeps the point under the pointer", () => {
  const picture = [1024, 768];
  const before = view.fitted(picture, WINDOW);
  const point = view.toPicture(before, [300, 200]);
  const after = view.zoomed(before, 3, [300, 200], picture, WINDOW);
  close(view.toPicture(after, [300, 200]), point);
  assert.ok(Math.abs(after.scale / before.scale - 3) < 1e-9);
});

test("zooming has ends", () => {
  const picture = [1024, 768];
  let near = view.fitted(picture, WINDOW);
  for (let i = 0; i < 99; i += 1) near = view.zoomed(near, 2, [400, 300], picture, WINDOW);
  assert.equal(near.scale, 32);
  for (let i = 0; i < 99; i += 1) near = view.zoomed(near, 0.5, [400, 300], picture, WINDOW);
  close([near.scale], [view.fitted(picture, WINDOW).scale / 2]);
});

test("a piece of the picture stays in the window wherever it is dragged", () => {
  const picture = [1000, 1000];
  const large = view.panned({ scale: 4, x: 0, y: 0 }, -1e6, 1e6, picture, WINDOW);
  assert.deepEqual(large, { scale: 4, x: 48 - 4000, y: 600 - 48 });
  assert.deepEqual(view.panned({ scale: 0.1, x: 0, y: 0 }, 1e6, -1e6, picture, WINDOW), { scale: 0.1, x: 700, y: 0 });
});

test("two fingers carry what is under them", () => {
  const picture = [4000, 4000];
  const before = { scale: 0.5, x: -300, y: -300 };
  const fingers = [[[100, 300], [300, 300]], [[150, 320], [450, 320]]];
  const after = view.pinched(before, ...fingers, picture, WINDOW);
  assert.equal(after.scale, 0.75);
  close(view.toPicture(after, [300, 320]), view.toPicture(before, [200, 300]));
});

test("a box out of sight comes into it, one in sight stays where it is", () => {
  const picture = [4000, 4000];
  const now = { scale: 1, x: 0, y: 0 };
  assert.equal(view.shown(now, [100, 100, 50, 50], picture, WINDOW).x, 0);
  assert.deepEqual(view.shown(now, [2000, 100, 50, 50], picture, WINDOW), { scale: 1, x: -1625, y: 0 });
  assert.equal(view.shown(now, [0, 0, 4000, 4000], picture, WINDOW), now);
});

test("lines of a wheel are as good as pixels, and no turn zooms without end", () => {
  assert.equal(view.wheelFactor({ deltaY: 3, deltaMode: 1 }), view.wheelFactor({ deltaY: 48, deltaMode: 0 }));
  assert.equal(view.wheelFactor({ deltaY: -99999, deltaMode: 0 }), view.wheelFactor({ deltaY: -300, deltaMode: 0 }));
});
