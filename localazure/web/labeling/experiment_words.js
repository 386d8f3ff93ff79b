// How experiments, their figures and what comes next are said.
// Owns: the words. Pure. Leaves: where they stand to experiments.js.

import { number, percent, pictures } from "./task_words.js";

export const KINDS = { training: "Training", inference: "Pre-labels", clustering: "Groups" };

export const ORDERS = [
  { key: "manual", name: "As listed" },
  { key: "clustered", name: "Similar pictures together", only: "classification" },
  { key: "prelabeled", name: "Pre-labeled first, the surest ahead" },
  { key: "uncertain", name: "What the model is least sure of first" },
];

const BADGES = { Completed: "ok", Failed: "bad", Running: "info", Queued: "", Canceled: "" };
const STATES = { Completed: "done", Failed: "failed", Running: "running", Queued: "waiting", Canceled: "cancelled" };

/** The orders that a project of this task can have. */
export function ordersOf(task) {
  const classification = task.startsWith("image-classification");
  return ORDERS.filter((order) => order.only !== "classification" || classification);
}

export function isClassification(task) {
  return task.startsWith("image-classification");
}

/** Whether it is still to be done. */
export function underWay(run) {
  return run.state === "Queued" || run.state === "Running";
}

/** {text, kind} of the state's badge. */
export function badgeOf(run) {
  return { text: STATES[run.state] ?? run.state, kind: BADGES[run.state] ?? "" };
}

/** What came out of a run, in sentences; `before` is the training before it. */
export function outcome(run, before) {
  const { detail } = run;
  const said = [];
  if (run.kind === "training" && run.state === "Completed") said.push(trained(detail, before?.detail));
  if (run.kind === "inference" && detail.looked !== undefined) {
    said.push(`${number(detail.prelabeled)} of ${pictures(detail.looked)} got proposals.`);
    if (detail.unreadable) said.push(`${pictures(detail.unreadable)} could not be read.`);
    if (detail.leftAlone) said.push(`${pictures(detail.leftAlone)} ${detail.leftAlone === 1 ? "is" : "are"} being labeled and ${detail.leftAlone === 1 ? "was" : "were"} left alone.`);
  }
  if (run.kind === "clustering" && run.state === "Completed") said.push(`${pictures(detail.pictures)} in ${number(detail.groups)} groups.`);
  if (detail.message) said.push(detail.message);
  return said.filter(Boolean).join(" ");
}

/** The figure that tells most: {name, value}; null when there is none. */
export function figure(metrics) {
  if (!metrics) return null;
  if (metrics.meanAveragePrecision50 !== undefined) return { name: "mAP@50", value: metrics.meanAveragePrecision50, text: metrics.meanAveragePrecision50.toFixed(2) };
  const right = metrics.accuracyTop1 ?? metrics.accuracy;
  return right === undefined ? null : { name: "right", value: right, text: percent(right) };
}

function trained(detail, before) {
  const now = figure(detail.metrics);
  const learned = `Learned from ${pictures(detail.pictures)}`;
  if (!now) return `${learned}.`;
  const earlier = figure(before?.metrics);
  const change = !earlier || earlier.name !== now.name ? "" : `, ${compared(now, earlier)}`;
  return `${learned}; on labeled pictures that it had not seen: ${now.name} ${now.text}${change}.`;
}

function compared(now, earlier) {
  if (now.text === earlier.text) return "as before";
  return `${now.value > earlier.value ? "up" : "down"} from ${earlier.text}`;
}

/** What happens next by itself: {text, share}; share (0..1) is null where nothing is waited for. */
export function outlook(assist, runs) {
  if (!assist.enabled) return { text: "It does nothing by itself; the settings turn it on.", share: null };
  const training = runs.find((run) => run.kind === "training" && underWay(run));
  if (training) return { text: "A model is being trained; labeling goes on meanwhile.", share: null };
  if (assist.labeled >= assist.next) return { text: `${number(assist.labeled)} labeled pictures: a training is due.`, share: 1 };
  if (assist.next > assist.pictures) return { text: `By itself it would train again at ${number(assist.next)} labeled pictures; there are ${number(assist.pictures)} in all. It can be asked to.`, share: null };
  const word = assist.model === null ? "The first training" : "The next training";
  return { text: `${word} begins at ${number(assist.next)} labeled pictures; there are ${number(assist.labeled)}.`, share: assist.labeled / assist.next };
}

/** The training before a run, in a list with the newest first. */
export function trainingBefore(run, runs) {
  return runs.find((one) => one.kind === "training" && one.state === "Completed" && one.number < run.number);
}
