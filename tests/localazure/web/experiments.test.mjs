// What is said of experiments: outcomes, comparisons with the model before, what comes next.
import assert from "node:assert/strict";
import { test } from "node:test";
import { badgeOf, figure, ordersOf, outcome, outlook, trainingBefore, underWay } from "../../../localazure/web/labeling/experiment_words.js";

const training = (number, value, more = {}) => ({
  number,
  kind: "training",
  state: "Completed",
  detail: { pictures: 12, metrics: { meanAveragePrecision50: value }, ...more },
});

test("a training tells what it learned from and how good it is where it had not looked", () => {
  assert.equal(outcome(training(1, 0.814)), "Learned from 12 pictures; on labeled pictures that it had not seen: mAP@50 0.81.");
  assert.match(outcome(training(2, 0.9), training(1, 0.814)), /mAP@50 0\.90, up from 0\.81\.$/);
  assert.match(outcome(training(2, 0.7), training(1, 0.814)), /mAP@50 0\.70, down from 0\.81\.$/);
  assert.match(outcome(training(2, 0.8139), training(1, 0.8141)), /mAP@50 0\.81, as before\.$/);
  assert.match(outcome(training(1, 0.5, { message: "Left out: Kiwi (1)." })), /0\.50\. Left out: Kiwi \(1\)\.$/);
});

test("classifiers are told by how often they are right", () => {
  assert.deepEqual(figure({ accuracyTop1: 0.666, averagePrecision: 0.9 }), { name: "right", value: 0.666, text: "67 %" });
  assert.deepEqual(figure({ accuracy: 0.9, averagePrecision: 0.8 }), { name: "right", value: 0.9, text: "90 %" });
  assert.equal(figure({}), null);
  assert.equal(figure(undefined), null);
});

test("pre-labels and groups are counted", () => {
  const detail = { looked: 11, prelabeled: 9, unreadable: 1, leftAlone: 1 };
  assert.equal(
    outcome({ kind: "inference", state: "Completed", detail }),
    "9 of 11 pictures got proposals. 1 picture could not be read. 1 picture is being labeled and was left alone.",
  );
  assert.equal(outcome({ kind: "inference", state: "Queued", detail: {} }), "");
  assert.equal(outcome({ kind: "clustering", state: "Completed", detail: { pictures: 30, groups: 4, message: "" } }), "30 pictures in 4 groups.");
  assert.equal(outcome({ kind: "training", state: "Failed", detail: { message: "No picture is labeled yet." } }), "No picture is labeled yet.");
});

test("what comes next is said, with how far it is", () => {
  const off = { enabled: false, labeled: 3, next: null, model: null };
  assert.equal(outlook(off, []).share, null);
  assert.deepEqual(outlook({ enabled: true, pictures: 500, labeled: 3, next: 12, model: null }, []), {
    text: "The first training begins at 12 labeled pictures; there are 3.",
    share: 0.25,
  });
  assert.match(outlook({ enabled: true, pictures: 500, labeled: 12, next: 62, model: 1 }, []).text, /^The next training begins at 62/);
  const running = { ...training(2, 0), state: "Running" };
  assert.match(outlook({ enabled: true, pictures: 500, labeled: 62, next: 112, model: 1 }, [running]).text, /labeling goes on/);
  assert.match(outlook({ enabled: true, pictures: 23, labeled: 12, next: 62, model: 1 }, []).text, /at 62 labeled pictures; there are 23 in all/);
  assert.equal(outlook({ enabled: true, pictures: 500, labeled: 20, next: 12, model: null }, []).share, 1);
});

test("only unfinished ones are under way, and unknown states are shown as they are", () => {
  assert.deepEqual(["Queued", "Running", "Completed", "Failed", "Canceled"].filter((state) => underWay({ state })), ["Queued", "Running"]);
  assert.deepEqual(badgeOf({ state: "Odd" }), { text: "Odd", kind: "" });
});

test("the training before is the newest completed one with a smaller number", () => {
  const runs = [training(5, 0.1), { ...training(4, 0.1), state: "Failed" }, training(3, 0.1), training(1, 0.1)];
  assert.equal(trainingBefore(runs[0], runs).number, 3);
  assert.equal(trainingBefore(runs[3], runs), undefined);
});

test("groups are an order for classification only", () => {
  assert.deepEqual(ordersOf("object-detection").map((order) => order.key), ["manual", "prelabeled", "uncertain"]);
  assert.equal(ordersOf("image-classification-multilabel").length, 4);
});
