// One picture of the data page: its labels, what each person answered, what happened, and correcting it in place.
// Owns: the page. Leaves: drawing to detect.js, choosing classes to classify.js, the list around it to tasks_page.js.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { html } from "htm/preact";
import { isClassification } from "./answers.js";
import Classify from "./classify.js";
import Detect, { untagged } from "./detect.js";
import { Note } from "./frame.js";
import { described, FAULTS, LabelledPicture } from "./labelled_picture.js";
import { ago, badgesOf, duration, happened, moment, percent, STATES, whoIs } from "./task_words.js";

/** What a picture in this state can be decided to: [action, title, key, needs, kind]. */
function decisionsFor(task) {
  if (task.review) return [["unapprove", "Take approval back", "u", "labels/approve_unapprove/action", ""]];
  if (task.state === "labeled") {
    return [
      ["approve", "Approve", "a", "labels/approve_unapprove/action", "primary"],
      ...(task.gold ? [] : [["reject", "Reject", "r", "labels/reject/action", "danger"], ["reopen", "Return, keep labels", "b", "labels/reject/action", ""]]),
    ];
  }
  if (task.state === "skipped") {
    return [["acceptSkip", "Accept skip", "k", "labels/approve_unapprove/action", "primary"], ["reject", "Back to the queue", "r", "labels/reject/action", ""]];
  }
  if (task.state === "review") return [["reject", "Reject all answers", "r", "labels/reject/action", "danger"]];
  return [];
}

export default function TaskPage({ number, project, api, say, colours, list, open, decide }) {
  const [task, setTask] = useState(null);
  const [problem, setProblem] = useState(null);
  const [editing, setEditing] = useState(false);
  const [busy, setBusy] = useState(false);
  const read = useCallback(async () => {
    try {
      setTask(await api.get(`/tasks/${number}`));
      setProblem(null);
    } catch (error) {
      setProblem(error);
    }
  }, [api.base, number]);
  useEffect(() => void read(), [read]);

  const { before, after, place } = useNeighbours(list.tasks, number);
  const decisions = task ? decisionsFor(task).filter(([, , , needs]) => project.can(needs)) : [];
  const act = async (action) => {
    if (busy) return;
    setBusy(true);
    const left = await decide(action, { tasks: [{ id: task.id, version: task.version }] });
    const next = left && !left.some((one) => one.id === number) ? left[place] ?? left[place - 1] : null;
    if (next) return open(next.id); // decided, and out of the list: on with the next one in it
    await read();
    setBusy(false);
    return undefined;
  };
  const save = async (answer) => {
    setBusy(true);
    try {
      await api.put(`/tasks/${number}`, { version: task.version, state: answer.state, labels: answer.labels.map(plain) });
      say("Corrected.", "ok");
      setEditing(false);
      await Promise.all([read(), list.read()]);
    } catch (error) {
      say(`${error.message} ${error.hint ?? ""}`, "bad");
      if (error.code === "VersionConflict") await read();
    }
    setBusy(false);
  };
  const makeGold = async () => {
    try {
      await (task.gold ? api.delete(`/tasks/${number}/gold`) : api.put(`/tasks/${number}/gold`));
      await Promise.all([read(), list.read()]);
    } catch (error) {
      say(`${error.message} ${error.hint ?? ""}`, "bad");
    }
  };

  const keys = useRef(null);
  keys.current = { act, decisions, before, after, edit: () => setEditing(true), canEdit: project.can("labels/update/action") };
  useEffect(() => {
    const key = (event) => {
      const now = keys.current;
      if (editing || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea, select, dialog")) return;
      const decision = now.decisions.find(([, , letter]) => letter === event.key.toLowerCase());
      if (decision) now.act(decision[0]);
      else if (event.key === "ArrowLeft" && now.before) open(now.before.id);
      else if (event.key === "ArrowRight" && now.after) open(now.after.id);
      else if (event.key === "Escape") open(null);
      else if (event.key.toLowerCase() === "e" && now.canEdit) now.edit();
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, [editing]);

  const head = html`<div class="page-head task-head">
    <button type="button" class="button" onClick=${() => open(null)}>← All pictures</button>
    <h1>${task ? task.name : `Picture ${number}`}</h1>
    ${task ? badgesOf(task).map((badge) => html`<span key=${badge.text} class=${`badge ${badge.kind}`}>${badge.text}</span>`) : null}
    <span class="grow"></span>
    <button type="button" class="button icon" aria-label="The picture before" disabled=${!before || editing} onClick=${() => open(before.id)}>←</button>
    <button type="button" class="button icon" aria-label="The next picture" disabled=${!after || editing} onClick=${() => open(after.id)}>→</button>
  </div>`;
  if (problem) return html`<div class="page wide">${head}<${Note} title=${problem.message} text=${problem.hint} /></div>`;
  if (!task) return html`<div class="page wide">${head}<p class="empty"><span class="spinner"></span></p></div>`;
  if (editing) return html`<div class="page wide task-page">${head}<${Editor} project=${project} task=${task} say=${say} busy=${busy} onSave=${save} onCancel=${() => setEditing(false)} /></div>`;

  const proposed = task.state === "prelabeled";
  const labels = proposed ? task.prelabels : task.labels;
  return html`<div class="page wide task-page">${head}
    <div class="task-body">
      <div class="task-main stack">
        <div class="task-picture"><${LabelledPicture} task=${task} labels=${labels} colours=${colours} proposed=${proposed} written=${true} lazy=${false} /></div>
        <div class="decide still" role="toolbar" aria-label="Decisions">
          ${decisions.map(
            ([action, title, letter, , kind]) => html`<button key=${action} type="button" class=${`button ${kind}`} disabled=${busy} aria-keyshortcuts=${letter} onClick=${() => act(action)}>
              ${title} <kbd aria-hidden="true">${letter.toUpperCase()}</kbd></button>`,
          )}
          ${project.can("labels/update/action")
            ? html`<button type="button" class="button" disabled=${busy || Boolean(task.fault)} aria-keyshortcuts="e" onClick=${() => setEditing(true)}>Correct <kbd aria-hidden="true">E</kbd></button>`
            : null}
          ${project.can("projects/write") && (task.gold || task.state === "labeled")
            ? html`<button type="button" class="button" onClick=${makeGold}>${task.gold ? "No gold picture any more" : "Make it gold"}</button>`
            : null}
          ${busy ? html`<span class="spinner"></span>` : null}
        </div>
      </div>
      <aside class="task-side stack">
        <${Facts} task=${task} labels=${labels} proposed=${proposed} colours=${colours} />
        <${Answers} task=${task} colours=${colours} canChoose=${project.can("labels/update/action")} busy=${busy} onChoose=${save} />
        <${Happened} events=${task.history} />
      </aside>
    </div>
  </div>`;
}

/** The tasks before and after this one in the list. One that left the list by a decision keeps the place where it was. */
function useNeighbours(tasks, number) {
  const last = useRef(0);
  const place = tasks.findIndex((one) => one.id === number);
  if (place < 0) return { before: tasks[last.current - 1], after: tasks[last.current], place: last.current };
  last.current = place;
  return { before: tasks[place - 1], after: tasks[place + 1], place };
}

/** A label as it is sent: what the server adds by itself is left out. */
function plain(label) {
  const { class: key, bbox, segmentation } = label;
  return segmentation ? { class: key, segmentation } : bbox ? { class: key, bbox } : { class: key };
}

function Facts({ task, labels, proposed, colours }) {
  const rows = [
    [proposed ? "Proposed" : "Labels", html`<${Chips} labels=${labels} colours=${colours} />`],
    ["Labeled by", task.labeledBy ? html`<span title=${task.labeledBy}>${whoIs(task.labeledBy)}</span>, <time datetime=${task.labeledAt} title=${moment(task.labeledAt)}>${ago(task.labeledAt)}</time>` : null],
    ["Agreement", task.agreement === null ? null : percent(task.agreement)],
    ["Uncertainty", task.uncertainty === null ? null : percent(task.uncertainty)],
    ["Kept for", task.assigned],
    ["Group", task.group],
    ["Fault", task.fault ? FAULTS[task.fault] : null],
    ["File", html`<span class="path">${task.path}</span>`],
    ["Size", task.width ? `${task.width} × ${task.height}` : null],
  ];
  return html`<section class="card"><h2 class="visually-hidden">About this picture</h2>
    <dl class="facts">${rows.filter(([, what]) => what !== null && what !== undefined && what !== "").map(([name, what]) => html`<dt key=${name}>${name}</dt><dd>${what}</dd>`)}</dl>
  </section>`;
}

function Chips({ labels, colours }) {
  if (!labels.length) return html`<span class="muted">none</span>`;
  const counts = new Map();
  for (const label of labels) counts.set(label.class, [...(counts.get(label.class) ?? []), label]);
  return html`<span class="chips">${[...counts].map(
    ([key, those]) => html`<span key=${key} class="chip"><span class="swatch" style=${{ background: colours.get(key)?.color }}></span>${colours.get(key)?.name ?? key}
      ${those.length > 1 ? html`<span class="num muted">× ${those.length}</span>` : those[0].source === "prelabel" ? html`<span class="num muted">${percent(those[0].confidence)}</span>` : null}</span>`,
  )}</span>`;
}

/** Answers of the newest round side by side; each may be chosen as what the picture has. */
function Answers({ task, colours, canChoose, busy, onChoose }) {
  const known = task.known ? [{ person: "Known answer", state: "labeled", labels: task.known, seconds: null, at: null, round: null }] : [];
  const answers = [...known, ...task.answers];
  if (!answers.length) return null;
  const newest = Math.max(...task.answers.map((answer) => answer.round), 0);
  return html`<section class="card stack"><h2>Answers</h2>
    <div class="answers">
      ${answers.map(
        (answer) => html`<figure key=${`${answer.person} ${answer.round}`} class=${`answer${answer.round !== null && answer.round < newest ? " older" : ""}`}>
          <div class="thumb"><${LabelledPicture} task=${task} labels=${answer.labels} colours=${colours} /></div>
          <figcaption class="stack">
            <strong class="person" title=${answer.person}>${answer.person}</strong>
            <span class="small">${answer.state === "skipped" ? STATES.skipped : described(answer.labels, colours)}</span>
            ${answer.at ? html`<span class="small muted"><time datetime=${answer.at} title=${moment(answer.at)}>${ago(answer.at)}</time>${answer.seconds ? html`, took ${duration(answer.seconds)}` : null}${answer.round < newest ? ", rejected" : ""}</span>` : null}
            ${canChoose && answer.state === "labeled" && answer.labels.length && answer.at && !task.gold
              ? html`<button type="button" class="button small" disabled=${busy} onClick=${() => onChoose(answer)}>Use this answer</button>`
              : null}
          </figcaption>
        </figure>`,
      )}
    </div>
  </section>`;
}

function Happened({ events }) {
  if (!events.length) return null;
  return html`<section class="card stack"><h2>History</h2>
    <ol class="happened">${events.map(
      (event) => html`<li key=${event.n}><time class="small muted" datetime=${event.at} title=${moment(event.at)}>${ago(event.at)}</time>
        <span><strong title=${event.who}>${whoIs(event.who)}</strong> ${happened(event)}</span></li>`,
    )}</ol>
  </section>`;
}

function Editor({ project, task, say, busy, onSave, onCancel }) {
  const choosing = isClassification(project);
  const first = task.labels.length ? { state: "labeled", labels: task.labels.map(plain) } : null;
  const [answer, setAnswer] = useState(first);
  const [announced, setAnnounced] = useState("");
  const answers = new Map([[task.id, answer]]);
  const current = useRef(answers);
  current.current = answers;
  const control = useRef(null);
  const open = { ...task, state: "open" };
  const missing = answer?.labels?.length ? untagged(answer) : "has no label";
  const save = () => (missing ? say(`This picture ${missing}.`, "warn") : onSave({ state: "labeled", labels: answer.labels }));
  const part = choosing
    ? html`<${Classify} project=${project} tasks=${[open]} answers=${answers} live=${() => ({ tasks: [open], answers: current.current })} layout=${1}
        onAnswers=${(next) => setAnswer(next.get(task.id))} onFault=${() => {}} control=${control} announce=${setAnnounced} />`
    : html`<${Detect} project=${project} task=${open} answer=${answer} onAnswer=${setAnswer} say=${say} />`;
  return html`<div class="task-editor">
    <div class="label-main">${part}</div>
    <div class="decide still" role="toolbar" aria-label="Correcting">
      <button type="button" class="button primary" disabled=${busy} onClick=${save}>Save correction</button>
      <button type="button" class="button" disabled=${busy} onClick=${() => onSave({ state: "skipped", labels: [] })}>Skip the picture</button>
      <button type="button" class="button quiet" disabled=${busy} onClick=${onCancel}>Cancel</button>
      ${busy ? html`<span class="spinner"></span>` : null}
    </div>
    <p class="visually-hidden" role="status" aria-live="polite">${announced}</p>
  </div>`;
}
