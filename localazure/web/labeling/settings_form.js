// The settings of a project as a form: its fields with their bounds, what was changed, what is wrong.
// Owns: the table of fields. Pure. Leaves: showing to settings.js, deciding to the service, which looks again.

/** By path in the settings document: {path, label, hint, kind, least, most, step, choices}. */
export const FIELDS = [
  { path: "overlap", group: "queue", label: "Answers per picture", hint: "How many people label each picture. It cannot change once there are answers.", kind: "whole", least: 1, most: 10 },
  { path: "leaseMinutes", group: "queue", label: "Minutes for a picture", hint: "So long a picture is kept for who took it.", kind: "whole", least: 1, most: 1440 },
  {
    path: "order",
    group: "queue",
    label: "Order of the queue",
    hint: "What people get first.",
    kind: "choice",
    choices: [
      ["manual", "as they came"],
      ["clustered", "alike pictures together"],
      ["prelabeled", "proposals first"],
      ["uncertain", "most uncertain first"],
    ],
  },
  { path: "gold.every", group: "queue", label: "A gold picture among every", hint: "0: none. People answer gold pictures without knowing it, and get a score.", kind: "whole", least: 0, most: 1000 },
  { path: "agreementIou", group: "agreement", label: "Overlap of boxes that agree", hint: "0 to 1: from here on two boxes count as the same.", kind: "number", least: 0, most: 1, step: 0.05 },
  { path: "consensus.minimumAgreement", group: "agreement", label: "Agreement that is enough", hint: "0 to 1: below it the picture needs a review.", kind: "number", least: 0, most: 1, step: 0.05 },
  { path: "assist.enabled", group: "assist", label: "Propose labels by a model", hint: "Trained on what is labelled; proposals count for nothing until somebody submits them.", kind: "flag" },
  { path: "assist.after", group: "assist", label: "First training after", hint: "so many labelled pictures", kind: "whole", least: 1, most: 100000 },
  { path: "assist.retrainEvery", group: "assist", label: "Train again every", hint: "so many further pictures", kind: "whole", least: 1, most: 100000 },
  { path: "assist.threshold", group: "assist", label: "Least score of a proposal", hint: "0 to 1", kind: "number", least: 0, most: 1, step: 0.05 },
  { path: "assist.budgetMinutes", group: "assist", label: "Minutes of training at most", hint: "Labeling goes on meanwhile.", kind: "number", least: 0.1, most: 600, step: 0.5 },
];

const get = (document, path) => path.split(".").reduce((part, key) => part?.[key], document);

/** What the fields show: text for numbers, so that half a number can stand there while it is typed. */
export function toForm(settings) {
  const form = Object.fromEntries(FIELDS.map((field) => [field.path, field.kind === "flag" ? Boolean(get(settings, field.path)) : String(get(settings, field.path))]));
  return { ...form, instructions: settings.instructions ?? "", "assist.classes": [...(settings.assist?.classes ?? [])] };
}

/** {path: sentence} of what cannot be saved. */
export function problemsOf(form) {
  const problems = {};
  for (const field of FIELDS) {
    if (field.kind !== "whole" && field.kind !== "number") continue;
    const text = form[field.path].trim().replace(",", ".");
    const value = Number(text);
    const fits = text !== "" && Number.isFinite(value) && value >= field.least && value <= field.most && (field.kind === "number" || Number.isInteger(value));
    if (!fits) problems[field.path] = `${field.kind === "whole" ? "A whole number" : "A number"} from ${field.least} to ${field.most}.`;
  }
  if (form.instructions.length > 65_536) problems.instructions = "At most 65,536 characters.";
  return problems;
}

/** The body of PUT settings: what differs from `settings`, and nothing else; null when nothing does. */
export function changesOf(form, settings) {
  const body = {};
  const put = (path, value) => {
    const keys = path.split(".");
    const last = keys.pop();
    keys.reduce((part, key) => (part[key] ??= {}), body)[last] = value;
  };
  for (const field of FIELDS) {
    const value = field.kind === "flag" || field.kind === "choice" ? form[field.path] : Number(form[field.path].trim().replace(",", "."));
    if (value !== get(settings, field.path)) put(field.path, value);
  }
  if (form.instructions !== settings.instructions) body.instructions = form.instructions;
  const before = settings.assist?.classes ?? [];
  if ([...form["assist.classes"]].sort().join("\n") !== [...before].sort().join("\n")) put("assist.classes", form["assist.classes"]);
  return Object.keys(body).length ? body : null;
}

/** The three choices of adding a class, as people know them. */
export const CHOICES = [
  { choice: "continue", name: "Continue", text: "Labels stay as they are; the new class is for what comes." },
  { choice: "startOverKeep", name: "Start over, keep labels as defaults", text: "Every picture returns to the queue with its labels as proposals." },
  { choice: "startOverRemove", name: "Start over, remove all labels", text: "Every picture returns to the queue without labels." },
];
