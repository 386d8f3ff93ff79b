// What a person answers for a task, and when it may go out.
// Owns: first answers, what is still missing, what is sent. Pure: no browser, no requests. Leaves: drawing and choosing to the pages.

/**
 * An answer: {state: "labeled" | "skipped", labels: [{class, bbox? | segmentation?, confidence?}], proposed?: true}.
 * `proposed`: the labels are the model's, and nobody has touched them.
 */

export const SKIPPED = Object.freeze({ state: "skipped", labels: [] });

/** Whether the project's tasks are answered by choosing classes, not by drawing. */
export function isClassification(project) {
  return project.task.startsWith("image-classification");
}

/** The answer that a task comes with: a person's own labels, or the proposals; null when there is neither. */
export function firstAnswer(task) {
  if (task.fault) return null;
  if (task.labels?.length) return { state: "labeled", labels: task.labels.map(plain) };
  if (task.prelabels?.length) {
    return { state: "labeled", labels: task.prelabels.map((one) => ({ ...plain(one), confidence: one.confidence })), proposed: true };
  }
  return null;
}

/** Whether two answers say the same. */
export function sameAnswer(one, other) {
  return JSON.stringify(sent(one)) === JSON.stringify(sent(other));
}

/** Why these tasks cannot be submitted yet: [{task, place, why}], `place` from 1. `check(answer)` is the drawing page's own. */
export function missing(tasks, answers, check = () => null) {
  const found = [];
  tasks.forEach((task, index) => {
    const answer = answers.get(task.id) ?? null;
    const why = whyNot(task, answer, check);
    if (why) found.push({ task, place: index + 1, why });
  });
  return found;
}

function whyNot(task, answer, check) {
  if (answer?.state === "skipped") return null;
  if (task.fault) return "cannot be shown, so it can only be skipped";
  if (!answer?.labels.length) return "has no label yet";
  return check(answer);
}

/** The sentence for what is missing. */
export function missingWords(found, total) {
  if (!found.length) return "";
  const [first] = found;
  if (total === 1) return `This picture ${first.why}. Label it, or skip it (S).`;
  const places = found.map((one) => one.place);
  const shown = places.length > 6 ? `${places.slice(0, 6).join(", ")} and ${places.length - 6} more` : listed(places);
  if (found.length === 1) return `Picture ${shown} ${first.why}. Label it, or skip it (S).`;
  return `Pictures ${shown} are not done. Label them, or skip them (S).`;
}

/** The answer as a submit carries it. */
export function wire(task, answer, seconds) {
  return {
    task: task.id,
    lease: task.lease.token,
    version: task.version,
    seconds: Math.round(Math.min(seconds, 3600) * 10) / 10,
    ...sent(answer),
  };
}

function sent(answer) {
  if (!answer) return null;
  return { state: answer.state, labels: answer.state === "skipped" ? [] : answer.labels.map(plain) };
}

function plain(label) {
  const kept = { class: label.class };
  if (label.bbox) kept.bbox = label.bbox;
  if (label.segmentation) kept.segmentation = label.segmentation;
  return kept;
}

function listed(places) {
  if (places.length < 2) return String(places[0]);
  return `${places.slice(0, -1).join(", ")} and ${places.at(-1)}`;
}
