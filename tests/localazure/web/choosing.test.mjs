// Answers and classes: what a choice does to an answer, what keeps a page from being submitted, what is sent.
import assert from "node:assert/strict";
import { test } from "node:test";
import { firstAnswer, missing, missingWords, sameAnswer, SKIPPED, wire } from "../../../localazure/web/labeling/answers.js";
import { choose, chooseForAll, flatten, has, moved, skipAll } from "../../../localazure/web/labeling/class_tree.js";

const leaf = (key) => ({ key, name: key.toUpperCase(), color: "#000", subclasses: [] });
const CATEGORIES = [
  { key: "fruit", name: "Fruit", multiSelect: true, classes: [{ ...leaf("apple"), subclasses: [leaf("red"), leaf("green")] }, leaf("banana")] },
  { key: "state", name: "State", multiSelect: false, classes: [leaf("fresh"), leaf("rotten")] },
];
const ROWS = flatten(CATEGORIES);
const row = (key) => ROWS.find((one) => one.key === key);
const labeled = (...keys) => ({ state: "labeled", labels: keys.map((key) => ({ class: key })) });

test("a tree becomes rows in order, with depth, path and digits for the first nine", () => {
  assert.deepEqual(ROWS.map((one) => [one.key, one.depth, one.digit]), [["apple", 0, 1], ["red", 1, 2], ["green", 1, 3], ["banana", 0, 4], ["fresh", 0, 5], ["rotten", 0, 6]]);
  assert.deepEqual(row("red").path, ["APPLE", "RED"]);
  const many = flatten([{ key: "c", name: "c", classes: Array.from({ length: 12 }, (_, index) => leaf(`k${index}`)) }]);
  assert.deepEqual(many.map((one) => one.digit), [1, 2, 3, 4, 5, 6, 7, 8, 9, null, null, null]);
});

test("several of a category that takes several, one of a category that takes one", () => {
  assert.deepEqual(choose(null, row("banana"), ROWS, true), labeled("banana"));
  assert.deepEqual(choose(labeled("banana"), row("red"), ROWS, true), labeled("red", "banana"));
  assert.deepEqual(choose(labeled("banana", "fresh"), row("rotten"), ROWS, true), labeled("banana", "rotten"));
  assert.deepEqual(choose(labeled("banana", "fresh"), row("banana"), ROWS, false), labeled("fresh"));
  assert.equal(choose(labeled("fresh"), row("fresh"), ROWS, false), null);
  assert.deepEqual(choose(SKIPPED, row("fresh"), ROWS, true), labeled("fresh"));
  assert.deepEqual(choose(labeled("gone"), row("fresh"), ROWS, true), labeled("fresh"), "a class that the project lost goes");
});

test("for several pictures: all get it, and when all have it, it goes", () => {
  const tasks = [{ id: 1 }, { id: 2 }, { id: 3, fault: "missing" }];
  const some = new Map([[1, labeled("red")], [2, null], [3, null]]);
  const all = chooseForAll(some, tasks, row("red"), ROWS);
  assert.deepEqual([...all], [[1, labeled("red")], [2, labeled("red")], [3, null]]);
  assert.deepEqual([...chooseForAll(all, tasks, row("red"), ROWS)], [[1, null], [2, null], [3, null]]);
  assert.equal(some.get(2), null, "the old answers stay as they were");
});

test("choosing what a model proposed accepts it", () => {
  const proposed = firstAnswer({ prelabels: [{ class: "banana", name: "x", confidence: 0.8, source: "prelabel" }] });
  assert.deepEqual(proposed, { state: "labeled", labels: [{ class: "banana", confidence: 0.8 }], proposed: true });
  const next = chooseForAll(new Map([[1, proposed]]), [{ id: 1 }], row("banana"), ROWS);
  assert.deepEqual(next.get(1), labeled("banana"));
});

test("skipping is taken back by skipping again", () => {
  const tasks = [{ id: 1 }, { id: 2 }];
  const skipped = skipAll(new Map([[1, labeled("red")], [2, null]]), tasks);
  assert.deepEqual([...skipped.values()].map((one) => one.state), ["skipped", "skipped"]);
  assert.deepEqual([...skipAll(skipped, tasks).values()], [null, null]);
  assert.equal(has(skipped.get(1), "red"), false);
});

test("the focus goes through the grid and stays inside", () => {
  assert.deepEqual(["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp", "Home", "End"].map((key) => moved(4, key, 9, 3)), [5, 3, 7, 1, 0, 8]);
  assert.deepEqual([moved(8, "ArrowDown", 9, 3), moved(0, "ArrowUp", 9, 3), moved(4, "x", 9, 3)], [8, 0, null]);
});

test("a task comes with its own labels, else with proposals, else with nothing", () => {
  assert.deepEqual(firstAnswer({ labels: [{ class: "red", bbox: [0, 0, 1, 1], name: "x", source: "person" }], prelabels: [] }), { state: "labeled", labels: [{ class: "red", bbox: [0, 0, 1, 1] }] });
  assert.equal(firstAnswer({ labels: [], prelabels: [] }), null);
  assert.equal(firstAnswer({ fault: "missing", prelabels: [{ class: "red" }] }), null);
});

test("what is missing is said by place", () => {
  const tasks = [{ id: 1 }, { id: 2 }, { id: 3, fault: "undecodable" }, { id: 4 }];
  const answers = new Map([[1, labeled("red")], [4, SKIPPED]]);
  const found = missing(tasks, answers);
  assert.deepEqual(found.map((one) => one.place), [2, 3]);
  assert.equal(missingWords(found, 4), "Pictures 2 and 3 are not done. Label them, or skip them (S).");
  assert.equal(missingWords(found.slice(0, 1), 4), "Picture 2 has no label yet. Label it, or skip it (S).");
  assert.equal(missingWords(missing([tasks[1]], answers), 1), "This picture has no label yet. Label it, or skip it (S).");
  assert.equal(missingWords(missing([tasks[0]], answers, () => "has 2 shapes without a label"), 1), "This picture has 2 shapes without a label. Label it, or skip it (S).");
  const many = missing(Array.from({ length: 9 }, (_, id) => ({ id })), new Map());
  assert.equal(missingWords(many, 9), "Pictures 1, 2, 3, 4, 5, 6 and 3 more are not done. Label them, or skip them (S).");
  assert.equal(missingWords([], 4), "");
});

test("only what the server wants to know is sent", () => {
  const task = { id: 7, version: 3, lease: { token: "t" } };
  const answer = { state: "labeled", labels: [{ class: "red", bbox: [0, 0, 1, 1], confidence: 0.5, name: "Red" }], proposed: true, unfinished: true };
  assert.deepEqual(wire(task, answer, 2.345), { task: 7, lease: "t", version: 3, seconds: 2.3, state: "labeled", labels: [{ class: "red", bbox: [0, 0, 1, 1] }] });
  assert.deepEqual(wire(task, { ...answer, state: "skipped" }, 99_999), { task: 7, lease: "t", version: 3, seconds: 3600, state: "skipped", labels: [] });
  assert.equal(sameAnswer(answer, { state: "labeled", labels: [{ class: "red", bbox: [0, 0, 1, 1] }] }), true);
  assert.equal(sameAnswer(null, answer), false);
});
