// Answers that the server did not take: why, both sides' labels, and a choice.
// Owns: showing and choosing. Leaves: sending again to the outbox.

import { html } from "htm/preact";

/**
 * `entries`: refused entries of the outbox. `onDrop(entry)`, `onAgain(entry)`, `onCorrect(entry)` (the task's labels are replaced), `onReopen(entry)`
 * (the answer itself is wrong: the picture comes back with it). */
export function Conflicts({ project, entries, onDrop, onAgain, onCorrect, onReopen }) {
  if (!entries.length) return null;
  return html`<section class="note warn stack conflicts" aria-label="Answers that were not taken">
    <h2>${entries.length === 1 ? "One answer was not taken" : `${entries.length} answers were not taken`}</h2>
    ${entries.map((entry) => html`<${Refused} key=${entry.id} project=${project} entry=${entry} onDrop=${onDrop} onAgain=${onAgain} onCorrect=${onCorrect} onReopen=${onReopen} />`)}
  </section>`;
}

function Refused({ project, entry, onDrop, onAgain, onCorrect, onReopen }) {
  const [answer] = entry.answers;
  const { status, message, hint, current, code } = entry.refused;
  const wrong = status === 400;
  const finished = current && !["open", "prelabeled"].includes(current.state);
  const correct = finished && project.can("labels/update/action");
  const again = !wrong && !finished && code !== "AlreadyDone";
  return html`<div class="card refused">
    <div class="grow"><strong>${current?.name ?? `Picture ${answer.task}`}</strong><div>${message} <span class="muted">${hint}</span></div></div>
    <dl class="sides">
      <dt>Yours</dt><dd>${said(project, answer)}</dd>
      ${current ? html`<dt>${current.labeledBy ? `From ${current.labeledBy.includes("@") ? current.labeledBy : "an administrator"}` : "There now"}</dt><dd>${said(project, current)}</dd>` : null}
    </dl>
    <div class="row wrap">
      <button type="button" class="button" onClick=${() => onDrop(entry)}>${current ? "Keep what is there" : "Let mine go"}</button>
      ${wrong ? html`<button type="button" class="button primary" onClick=${() => onReopen(entry)}>Open it again</button>` : null}
      ${correct ? html`<button type="button" class="button" onClick=${() => onCorrect(entry)}>Put mine in its place</button>` : null}
      ${again ? html`<button type="button" class="button" onClick=${() => onAgain(entry)}>Send mine again</button>` : null}
    </div>
  </div>`;
}

/** Labels in words: "Apple, Banana", "Apple 2 times", "skipped". */
export function said(project, { state, labels }) {
  if (state === "skipped") return "skipped";
  if (!labels?.length) return "no labels";
  const names = namesOf(project.categories.flatMap((category) => category.classes));
  const counts = new Map();
  for (const label of labels) counts.set(label.class, (counts.get(label.class) ?? 0) + 1);
  return [...counts].map(([key, count]) => `${names.get(key) ?? key}${count > 1 ? ` ${count} times` : ""}`).join(", ");
}

function namesOf(classes) {
  return new Map(classes.flatMap((one) => [[one.key, one.name], ...namesOf(one.subclasses ?? [])]));
}
