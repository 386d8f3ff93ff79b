// How a task's state, times and shares are said.
// Owns: the words. Pure. Leaves: where they stand to the pages.

/** {text, kind} of each badge of a task, the most important first. */
export function badgesOf(task) {
  const badges = [];
  if (task.review === "approved") badges.push({ text: "approved", kind: "ok" });
  else if (task.review === "skip-accepted") badges.push({ text: "skip accepted", kind: "ok" });
  else badges.push({ text: STATES[task.state] ?? task.state, kind: KINDS[task.state] ?? "" });
  if (task.gold) badges.push({ text: "gold", kind: "warn" });
  if (task.fault) badges.push({ text: task.fault, kind: "bad" });
  return badges;
}

export const STATES = { open: "open", prelabeled: "pre-labeled", labeled: "labeled", skipped: "skipped", review: "needs review" };
const KINDS = { labeled: "info", review: "bad", skipped: "", prelabeled: "", open: "" };

const DONE = { approve: "approved", unapprove: "taken back", reject: "rejected", reopen: "returned to the queue", acceptSkip: "accepted as skipped" };

/** What became of a decision: {text, kind, reasons}, each reason once with how often it counted. */
export function outcomeWords(action, { done, refused }) {
  const reasons = new Map();
  for (const { code, message } of refused) reasons.set(code, [message, (reasons.get(code)?.[1] ?? 0) + 1]);
  const parts = [];
  if (done.length || !refused.length) parts.push(`${pictures(done.length)} ${DONE[action]}`);
  if (refused.length) parts.push(`${pictures(refused.length)} left as ${refused.length === 1 ? "it is" : "they are"}`);
  return {
    text: `${parts.join(", ")}.`,
    kind: refused.length ? "warn" : "ok",
    reasons: [...reasons.values()].map(([message, count]) => (count > 1 ? message.replace(/\.$/, ` (${count}).`) : message)),
  };
}

/** A line of the history: "labeled it", "rejected the labels". */
export function happened(event) {
  const said = HAPPENED[event.what];
  if (typeof said === "function") return said(event.detail ?? {});
  return said ?? event.what;
}

const HAPPENED = {
  submitted: (detail) => (detail.state === "skipped" ? "skipped" : "submitted an answer"),
  labeled: "labeled",
  skipped: "skipped",
  approved: "approved",
  unapproved: "took the approval back",
  rejected: "rejected the labels",
  reopened: "returned it to the queue",
  "skip-accepted": "accepted the skip",
  corrected: "corrected",
  consensus: "the answers agree",
  "needs-review": "the answers disagree",
  imported: (detail) => (detail.labeled ? `imported labels of ${pictures(detail.labeled)}` : "imported labels"),
  prelabeled: "proposed labels",
  exported: "exported labels",
  settings: "changed the settings",
  "class-added": "added a class",
  paused: "paused the project",
  resumed: "resumed the project",
  invited: (detail) => `made a link for ${detail.email ?? "somebody"}`,
  revoked: (detail) => `ended the links of ${detail.email ?? "somebody"}`,
  "person-put": (detail) => `let ${detail.email ?? "somebody"} in`,
  "person-removed": (detail) => `took ${detail.email ?? "somebody"} out`,
  "team-put": (detail) => `let the team ${detail.team ?? ""} in`,
  "team-removed": (detail) => `took the team ${detail.team ?? ""} out`,
  assigned: (detail) => (detail.email ? `kept ${pictures(detail.tasks ?? 0)} for ${detail.email}` : `gave ${pictures(detail.tasks ?? 0)} to everybody`),
  refreshed: (detail) => `looked for new pictures${detail.added ? ` and found ${pictures(detail.added)}` : ""}`,
  gold: (detail) => (detail.gold === false ? "took it out of the gold pictures" : "made it a gold picture"),
};

/** Who that is: the name if it is known, else the e-mail; whoever came with a token and not through the pages is a program. */
export function whoIs(identity, names = new Map()) {
  if (names.has(identity)) return names.get(identity);
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(identity) ? "a program" : identity;
}

/** "1 picture", "2,000 pictures". */
export function pictures(count) {
  return `${number(count)} ${count === 1 ? "picture" : "pictures"}`;
}

export function number(value, digits = 0) {
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}

/** A share of 0..1 as "87 %"; a dash for nothing. */
export function percent(share) {
  return share === null || share === undefined ? "–" : `${Math.round(100 * share)} %`;
}

/** "12 s", "3 min", "2 h 10 min", "4 days". */
export function duration(seconds) {
  if (seconds < 60) return `${number(seconds, seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 && hours < 10 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${number(Math.round(hours / 24))} days`;
}

/** How long ago, for people: "just now", "5 min ago", "20 Nov 2026". */
export function ago(text, now = Date.now()) {
  const then = Date.parse(text);
  if (Number.isNaN(then)) return "";
  const seconds = (now - then) / 1000;
  if (seconds < 45) return "just now";
  if (seconds < 36 * 3600) return `${duration(Math.max(seconds, 60))} ago`;
  return new Date(then).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}

/** The whole moment, as a title of what `ago` says. */
export function moment(text) {
  const then = new Date(text);
  return Number.isNaN(then.getTime()) ? "" : then.toLocaleString("en-GB");
}
