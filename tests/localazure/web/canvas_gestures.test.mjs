// Pointers with each tool, without a browser: what a press, a way and a release leave.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as gestures from "../../../localazure/web/labeling/canvas_gestures.js";

const SHAPES = new Map([
  ["box", { geometry: { box: [100, 100, 200, 100] }, locked: false }],
  ["fixed", { geometry: { box: [500, 300, 50, 50] }, locked: true }],
  ["tri", { geometry: { rings: [[[20, 300], [120, 300], [70, 400]]] }, locked: false }],
]);

function setting(tool, more = {}) {
  const inside = ([x, y], [left, top, w, h]) => x >= left && x <= left + w && y >= top && y <= top + h;
  return {
    tool,
    size: [640, 480],
    scale: 1,
    shapes: SHAPES,
    selected: new Set(),
    template: [50, 50],
    readOnly: false,
    coarse: false,
    hit: (point) => (inside(point, [100, 100, 200, 100]) ? "box" : inside(point, [500, 300, 50, 50]) ? "fixed" : inside(point, [45, 302, 50, 40]) ? "tri" : null),
    ...more,
  };
}

function play(now, points, keys = {}) {
  let step = gestures.press(gestures.IDLE, points[0], now, keys);
  const effects = [...step.effects];
  for (const point of points.slice(1)) {
    step = gestures.drag(step.gesture, point, now);
    effects.push(...step.effects);
  }
  step = gestures.release(step.gesture, points.at(-1), now);
  return { gesture: step.gesture, effects: [...effects, ...step.effects] };
}

const click = (gesture, point, now) => gestures.release(gestures.press(gesture, point, now).gesture, point, now);

test("a rectangle is drawn from corner to corner, also out of the picture", () => {
  assert.deepEqual(play(setting("rectangle"), [[10, 20], [60, 90]]).effects, [{ do: "draw", geometry: { box: [10, 20, 50, 70] } }]);
  assert.deepEqual(play(setting("rectangle"), [[600, 460], [900, 900]]).effects, [{ do: "draw", geometry: { box: [600, 460, 40, 20] } }]);
  assert.deepEqual(play(setting("rectangle"), [[150, 150], [160, 170]]).effects[0].do, "draw");
});

test("a line is no rectangle, and a click chooses what is under it", () => {
  assert.deepEqual(play(setting("rectangle"), [[10, 20], [10, 90]]).effects, []);
  assert.deepEqual(play(setting("rectangle"), [[150, 150], [152, 151]]).effects, [{ do: "select", ids: ["box"], add: false }]);
  assert.deepEqual(play(setting("rectangle"), [[400, 50]]).effects, [{ do: "select", ids: [], add: false }]);
});

test("how far a click may slip is measured on the screen, not on the picture", () => {
  assert.equal(play(setting("rectangle", { scale: 20 }), [[10, 20], [12, 22]]).effects[0].do, "draw");
  assert.equal(play(setting("rectangle", { scale: 0.1 }), [[10, 20], [40, 40]]).effects[0].do, "select");
});

test("a template box is put where the pointer is let go", () => {
  assert.deepEqual(play(setting("template"), [[10, 20], [300, 200]]).effects, [{ do: "draw", geometry: { box: [275, 175, 50, 50] } }]);
});

test("Esc in the middle leaves nothing", () => {
  const now = setting("rectangle");
  const { gesture } = gestures.drag(gestures.press(gestures.IDLE, [10, 10], now).gesture, [90, 90], now);
  assert.deepEqual(gestures.draftBox(gesture, now), [10, 10, 80, 80]);
  const ended = gestures.cancel();
  assert.deepEqual(ended, { gesture: gestures.IDLE, effects: [] });
  assert.deepEqual(gestures.release(ended.gesture, [90, 90], now).effects, []);
});

test("a shape is chosen and moved in one go", () => {
  const { effects } = play(setting("move"), [[150, 150], [160, 170]]);
  assert.deepEqual(effects[0], { do: "select", ids: ["box"], add: false });
  assert.deepEqual([...effects[1].changes], [["box", { box: [110, 120, 200, 100] }]]);
});

test("all that is selected moves together, but what is locked stays", () => {
  const { effects } = play(setting("move", { selected: new Set(["box", "fixed", "tri"]) }), [[150, 150], [160, 150]]);
  assert.deepEqual([...effects[0].changes.keys()], ["box", "tri"]);
});

test("what moves together keeps its distances at the edge of the picture", () => {
  const { effects } = play(setting("move", { selected: new Set(["box", "tri"]) }), [[150, 150], [150, 400]]);
  assert.deepEqual(effects[0].changes.get("box"), { box: [100, 180, 200, 100] });
  assert.deepEqual(effects[0].changes.get("tri").rings[0][2], [70, 480]);
});

test("a locked shape is chosen and does not move", () => {
  const { effects } = play(setting("move"), [[520, 320], [580, 380]]);
  assert.deepEqual(effects, [{ do: "select", ids: ["fixed"], add: false }]);
});

test("handles of the one selected box resize it; nothing is resized while several are selected or it is locked", () => {
  const { effects } = play(setting("move", { selected: new Set(["box"]) }), [[302, 199], [350, 260]]);
  assert.deepEqual([...effects[0].changes], [["box", { box: [100, 100, 250, 160] }]]);
  assert.equal(effects[0].what, "resized");
  const several = play(setting("move", { selected: new Set(["box", "tri"]) }), [[300, 199], [350, 260]]);
  assert.equal(several.effects[0].what, "moved");
  assert.deepEqual(play(setting("move", { selected: new Set(["fixed"]) }), [[551, 351], [600, 400]]).effects, []);
});

test("in a box too narrow for all handles a corner wins over a side", () => {
  const narrow = new Map([["box", { geometry: { box: [100, 100, 4, 100] }, locked: false }]]);
  const now = setting("move", { shapes: narrow, selected: new Set(["box"]) });
  assert.equal(gestures.press(gestures.IDLE, [101, 100], now).gesture.handle, "nw");
  assert.equal(gestures.press(gestures.IDLE, [102, 100], now).gesture.handle, "n");
});

test("a press beside everything clears the selection, a way from there moves the picture", () => {
  assert.deepEqual(play(setting("move"), [[400, 50]]).effects, [{ do: "select", ids: [], add: false }]);
  assert.equal(gestures.press(gestures.IDLE, [400, 50], setting("move")).gesture.kind, "pan");
});

test("Shift adds to what is selected", () => {
  assert.deepEqual(play(setting("move"), [[150, 150]], { add: true }).effects, [{ do: "select", ids: ["box"], add: true }]);
});

test("a polygon closes at its first point, by a second click on the last, or by Enter", () => {
  const now = setting("polygon");
  const corners = [[200, 300], [300, 300], [250, 400]];
  const three = corners.reduce((gesture, point) => click(gesture, point, now).gesture, gestures.IDLE);
  assert.equal(three.points.length, 3);
  const ways = [click(three, [202, 301], now), click(three, [250, 400], now), gestures.close(three, now)];
  for (const way of ways) assert.deepEqual(way, { gesture: gestures.IDLE, effects: [{ do: "draw", geometry: { rings: [corners] } }] });
});

test("with fewer than three points a polygon does not close; its last point can be taken back", () => {
  const now = setting("polygon");
  const two = [[200, 300], [300, 300]].reduce((gesture, point) => click(gesture, point, now).gesture, gestures.IDLE);
  assert.deepEqual(gestures.close(two, now).effects.map((effect) => effect.do), ["say"]);
  assert.equal(gestures.close(two, now).gesture.points.length, 2);
  assert.equal(click(two, [200, 301], now).gesture.kind, "polygon");
  assert.equal(gestures.unpoint(two).gesture.points.length, 1);
  assert.equal(gestures.unpoint(gestures.unpoint(two).gesture).gesture.kind, "idle");
});

test("points of a polygon lie inside of the picture", () => {
  assert.deepEqual(click(gestures.IDLE, [900, -40], setting("polygon")).gesture.points, [[640, 0]]);
});

test("an edge gets a point where it is clicked, a point goes when it is clicked, and moves when it is pulled", () => {
  const now = setting("points", { selected: new Set(["tri"]) });
  const rings = (played) => played.effects[0].changes.get("tri").rings;
  assert.deepEqual(rings(play(now, [[70, 302]])), [[[20, 300], [70, 300], [120, 300], [70, 400]]]);
  assert.deepEqual(rings(play(now, [[70, 302], [70, 250]])), [[[20, 300], [70, 250], [120, 300], [70, 400]]]);
  assert.deepEqual(rings(play(now, [[121, 301], [200, 320]])), [[[20, 300], [200, 320], [70, 400]]]);
  assert.deepEqual(play(now, [[121, 301]]).effects, [{ do: "say", text: "A polygon needs at least three points" }]);
  const square = new Map([["tri", { geometry: { rings: [[[20, 300], [120, 300], [120, 400], [20, 400]]] }, locked: false }]]);
  assert.deepEqual(rings(play({ ...now, shapes: square }, [[120, 400]])), [[[20, 300], [120, 300], [20, 400]]]);
});

test("points that would leave nothing of a polygon are not moved there", () => {
  const now = setting("points", { selected: new Set(["tri"]) });
  assert.deepEqual(play(now, [[70, 400], [70, 300]]).effects.map((effect) => effect.do), ["say"]);
});

test("on a page that is only read, one can choose and nothing else", () => {
  for (const tool of ["rectangle", "template", "polygon", "move", "points"]) {
    const now = setting(tool, { readOnly: true, selected: new Set(["box"]) });
    assert.deepEqual(play(now, [[300, 200], [350, 260]]).effects.filter((effect) => effect.do !== "select"), [], tool);
  }
});

test("a finger reaches handles from farther away than a mouse", () => {
  const now = setting("move", { selected: new Set(["box"]) });
  assert.equal(gestures.press(gestures.IDLE, [313, 210], now).gesture.kind, "pan");
  assert.equal(gestures.press(gestures.IDLE, [313, 210], { ...now, coarse: true }).gesture.kind, "resize");
});

test("the mouse pointer says what a press would do", () => {
  const now = setting("move", { selected: new Set(["box"]) });
  const over = (point, more = {}) => gestures.cursorAt(gestures.IDLE, point, { ...now, ...more });
  assert.deepEqual([over([100, 100]), over([200, 200]), over([150, 150]), over([520, 320]), over([400, 50])], ["nw-resize", "s-resize", "move", "pointer", "default"]);
  assert.equal(over([100, 100], { tool: "rectangle" }), "crosshair");
});
