// The shapes of one picture as a reducer: what each action leaves, and that undo brings back what was.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EMPTY, labelsOf, reduce, samePlaces, shapesOf } from "../../../localazure/web/labeling/shape_state.js";

const SIZE = [1000, 500];
const APPLE = { class: "apple", bbox: [0.1, 0.1, 0.2, 0.2] };
const PEAR = { class: "pear", bbox: [0.5, 0.5, 0.2, 0.2], confidence: 0.75 };

const after = (state, ...actions) => actions.reduce(reduce, state);
const loaded = (labels = [APPLE, PEAR], proposed = false) => reduce(EMPTY, { do: "load", shapes: shapesOf(labels, proposed, "box") });
const drawn = (box) => ({ do: "add", geometry: { box }, of: "apple", size: SIZE });

test("what is drawn is added with its class, in fractions, and nothing is selected by it", () => {
  const state = after(loaded([]), drawn([100, 50, 300, 100]));
  assert.deepEqual(labelsOf(state.shapes), [{ class: "apple", bbox: [0.1, 0.1, 0.3, 0.2] }]);
  assert.deepEqual(state.selected, []);
  assert.equal(state.note, "box drawn, left 100, top 50, 300 by 100 pixels");
});

test("what is put by key is selected, so that the arrow keys move it", () => {
  assert.deepEqual(after(loaded([]), { ...drawn([1, 1, 9, 9]), chosen: true }).selected, ["n1"]);
});

test("a shape without a size is never added", () => {
  const state = loaded([]);
  assert.deepEqual(after(state, drawn([100, 50, 0, 100])).shapes, []);
  assert.deepEqual(after(state, drawn([1000, 50, 10, 10])).shapes, []);
});

test("labels that cannot be drawn stay out, the others are clamped", () => {
  assert.deepEqual(labelsOf(shapesOf([{ class: "a", bbox: [0, 0, 0, 1] }, { class: "b", bbox: [0.9, 0, 0.5, 1] }], false, "box")), [{ class: "b", bbox: [0.9, 0, 0.1, 1] }]);
});

test("a box in a project of polygons is a polygon there, a polygon in one of boxes a box, and what is both is what the project takes", () => {
  const ring = [0.1, 0.1, 0.5, 0.1, 0.5, 0.4];
  const as = (kind, label) => labelsOf(shapesOf([{ class: "a", ...label }], false, kind))[0];
  assert.deepEqual(as("polygon", { bbox: [0.1, 0.2, 0.3, 0.4] }), { class: "a", segmentation: [[0.1, 0.2, 0.4, 0.2, 0.4, 0.6, 0.1, 0.6]] });
  assert.deepEqual(as("box", { segmentation: [ring] }), { class: "a", bbox: [0.1, 0.1, 0.4, 0.3] });
  assert.deepEqual(as("box", { segmentation: [ring], bbox: [0, 0, 1, 1] }), { class: "a", bbox: [0, 0, 1, 1] });
  assert.deepEqual(as("polygon", { segmentation: [ring], bbox: [0, 0, 1, 1] }), { class: "a", segmentation: [ring] });
  assert.equal(as("polygon", { bbox: [0.1, 0.2, 0, 0.4] }), undefined);
});

test("a class that the project does not have is none", () => {
  assert.deepEqual(labelsOf(loaded().shapes, new Set(["pear"])).map((label) => label.class), [null, "pear"]);
});

test("labels are the same when their classes and places are", () => {
  assert.equal(samePlaces([PEAR], [{ class: "pear", bbox: [...PEAR.bbox] }]), true);
  assert.equal(samePlaces([PEAR], [{ ...PEAR, class: "apple" }]), false);
  assert.equal(samePlaces([PEAR], [{ ...PEAR, segmentation: [[0, 0, 1, 0, 1, 1]] }]), false);
  assert.equal(samePlaces([], [PEAR]), false);
});

test("the template box is 50 by 50, then as large as the last box, also on the next picture", () => {
  assert.deepEqual(EMPTY.template, [50, 50]);
  const state = after(loaded([]), drawn([100, 50, 300, 100]));
  assert.deepEqual(state.template, [300, 100]);
  assert.deepEqual(reduce(state, { do: "load", shapes: [] }).template, [300, 100]);
  const resized = after(state, { do: "change", changes: new Map([["n1", { box: [100, 50, 80, 60] }]]), what: "resized", size: SIZE });
  assert.deepEqual(resized.template, [80, 60]);
});

test("undo and redo go back and forth through any row of actions", () => {
  const actions = [
    drawn([10, 10, 50, 50]),
    { do: "select", ids: ["s1"] },
    { do: "relabel", to: "pear", name: "pear" },
    { do: "nudge", dx: 3, dy: 4, size: SIZE },
    { do: "selectAll" },
    { do: "remove" },
    drawn([500, 100, 20, 20]),
    { do: "removeAll" },
  ];
  const states = [loaded()];
  for (const action of actions) states.push(reduce(states.at(-1), action));
  const lists = states.map((state) => state.shapes).filter((shapes, i, all) => i === 0 || shapes !== all[i - 1]);
  assert.equal(lists.length, 7);
  let state = states.at(-1);
  for (const shapes of lists.toReversed().slice(1)) {
    state = reduce(state, { do: "undo" });
    assert.deepEqual(state.shapes, shapes);
  }
  assert.equal(reduce(state, { do: "undo" }).note, "There is nothing to undo");
  for (const shapes of lists.slice(1)) {
    state = reduce(state, { do: "redo" });
    assert.deepEqual(state.shapes, shapes);
  }
  assert.equal(reduce(state, { do: "redo" }).note, "There is nothing to redo");
});

test("a new step ends what could be done again", () => {
  const state = after(loaded(), { do: "removeAll" }, { do: "undo" }, drawn([1, 1, 9, 9]));
  assert.deepEqual(state.future, []);
});

test("arrow keys in a row are one step to undo", () => {
  const nudge = { do: "nudge", dx: 1, dy: 0, size: SIZE };
  const state = after(loaded(), { do: "select", ids: ["s1"] }, nudge, nudge, nudge);
  assert.deepEqual(state.shapes[0].bbox, [0.103, 0.1, 0.2, 0.2]);
  assert.deepEqual(reduce(state, { do: "undo" }).shapes[0].bbox, APPLE.bbox);
  const twice = after(loaded(), { do: "select", ids: ["s1"] }, nudge, { do: "select", ids: ["s2"] }, { do: "select", ids: ["s1"] }, nudge);
  assert.deepEqual(reduce(twice, { do: "undo" }).shapes[0].bbox, [0.101, 0.1, 0.2, 0.2]);
});

test("growing makes the next template box as large", () => {
  const state = after(loaded(), { do: "select", ids: ["s1"] }, { do: "grow", dw: 10, dh: -5, size: SIZE });
  assert.deepEqual(state.shapes[0].bbox, [0.1, 0.1, 0.21, 0.19]);
  assert.deepEqual(state.template, [210, 95]);
});

test("locked shapes do not move, change their label or go; unlocking brings that back", () => {
  const locked = after(loaded(), { do: "select", ids: ["s1"] }, { do: "lock" });
  for (const action of [{ do: "nudge", dx: 9, dy: 0, size: SIZE }, { do: "relabel", to: "pear", name: "pear" }, { do: "remove" }]) {
    const state = reduce(locked, action);
    assert.equal(state.shapes, locked.shapes);
    assert.equal(state.note, "Locked; press L to unlock");
  }
  assert.deepEqual(reduce(locked, { do: "removeAll" }).shapes.map((shape) => shape.id), ["s1"]);
  assert.equal(after(locked, { do: "lock" }, { do: "remove" }).shapes.length, 1);
});

test("without a selection L locks all, and again unlocks all", () => {
  const all = after(loaded(), { do: "lock" });
  assert.deepEqual(all.shapes.map((shape) => shape.locked), [true, true]);
  assert.deepEqual(reduce(all, { do: "lock" }).shapes.map((shape) => shape.locked), [false, false]);
});

test("a proposal that is touched is a person's; its score goes", () => {
  const proposals = loaded([APPLE, PEAR], true);
  assert.deepEqual(labelsOf(proposals.shapes)[1], { ...PEAR, proposed: true, source: "prelabel" });
  const state = after(proposals, { do: "select", ids: ["s2"] }, { do: "relabel", to: "apple", name: "apple" });
  assert.deepEqual(labelsOf(state.shapes)[1], { class: "apple", bbox: PEAR.bbox });
  assert.equal(state.shapes[0].proposed, true);
});

test("accepting and dropping a proposal go on to the next one", () => {
  const first = after(loaded([APPLE, PEAR], true), { do: "accept" });
  assert.deepEqual(first.selected, ["s1"]);
  const accepted = reduce(first, { do: "accept" });
  assert.deepEqual([accepted.shapes[0].proposed, accepted.selected], [false, ["s2"]]);
  const dropped = reduce(accepted, { do: "drop" });
  assert.deepEqual([dropped.shapes.map((shape) => shape.id), dropped.selected], [["s1"], []]);
  assert.equal(reduce(dropped, { do: "drop" }).note, "No proposal is selected");
  assert.equal(reduce(dropped, { do: "accept" }).note, "No proposals are left");
  assert.deepEqual(after(loaded([APPLE, PEAR], true), { do: "accept", all: true }).shapes.map((shape) => shape.proposed), [false, false]);
});

test("an answer that was kept shows again what nobody had accepted", () => {
  const state = after(loaded([APPLE, PEAR], true), { do: "select", ids: ["s1"] }, { do: "accept" });
  assert.deepEqual(shapesOf(labelsOf(state.shapes), false, "box").map((shape) => [shape.proposed, shape.confidence]), [[false, null], [true, 0.75]]);
});

test("Shift adds to the selection and takes from it; unknown ids are nobody", () => {
  const state = after(loaded(), { do: "select", ids: ["s1"] }, { do: "select", ids: ["s2", "zzz"], add: true });
  assert.deepEqual(state.selected, ["s1", "s2"]);
  assert.deepEqual(reduce(state, { do: "select", ids: ["s1"], add: true }).selected, ["s2"]);
});

test("walking goes round through the shapes", () => {
  const state = after(loaded(), { do: "walk", by: 1 });
  assert.deepEqual(state.selected, ["s1"]);
  assert.deepEqual(after(state, { do: "walk", by: 1 }, { do: "walk", by: 1 }).selected, ["s1"]);
  assert.deepEqual(reduce(state, { do: "walk", by: -1 }).selected, ["s2"]);
});

test("what is selected is there: undo of a drawing takes it out of the selection", () => {
  const state = after(loaded([]), drawn([1, 1, 9, 9]), { do: "selectAll" }, { do: "undo" });
  assert.deepEqual([state.shapes, state.selected], [[], []]);
});

test("an action that is not known is a mistake of ours", () => {
  assert.throws(() => reduce(EMPTY, { do: "toString" }), TypeError);
});
