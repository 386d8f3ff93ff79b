// The page on which pictures are labelled: what is on it, submitting, skipping, and what is said about both.
// Owns: the page's keys and bars. Leaves: tasks and answers to work.js, choosing to classify.js, drawing to detect.js.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { html } from "htm/preact";
import { isClassification, missingWords } from "./answers.js";
import Classify from "./classify.js";
import { Conflicts } from "./conflicts.js";
import Detect, { untagged } from "./detect.js";
import { ask, Dialog } from "./dialog.js";
import { counted, Note } from "./frame.js";
import { Instructions } from "./instructions.js";
import { NotStored } from "./outbox.js";
import { began, ready, shown } from "./pictures.js";
import { useWork } from "./use_work.js";

const LAYOUTS = [1, 4, 6, 9, 16];
const LAYOUT_KEY = "labeling:layout";

export default function LabelPage({ project, session, api, say, reload, onProgress, onSaving }) {
  const choosing = isClassification(project);
  const [layout, setLayout] = useState(() => (choosing ? keptLayout() : 1));
  const work = useWork({ project, session, api, size: layout, onProgress, say });
  const [problem, setProblem] = useState({ text: "" });
  const [said, setSaid] = useState("");
  const [panel, setPanel] = useState(null); // instructions | keys
  const control = useRef(null);
  const tasks = work.page();
  const ids = idsOf(tasks);
  const check = choosing ? undefined : untagged;
  // What was wrong is wrong for these answers on this page; after the next choice it is not said any more.
  const complain = (text) => setProblem({ text, answers: work.answers, ids: idsOf(work.page()) });
  const complaint = problem.answers === work.answers && problem.ids === ids ? problem.text : "";

  useEffect(() => onSaving(savingOf(work)), [work.sending, work.outbox.waiting().length, work.outbox.refused().length]);
  useEffect(() => () => onSaving(null), []);
  useEffect(() => {
    if (!ids) return;
    let here = true;
    setSaid(tasks.length === 1 ? `Picture ${tasks[0].name}` : `${tasks.length} pictures`);
    ready(tasks.map((task) => task.image)).then(() => here && shown());
    return () => (here = false);
  }, [ids]);

  const send = async (how) => {
    began();
    try {
      await how();
    } catch (error) {
      if (error instanceof NotStored) complain(`${error.message} Nothing was submitted; free some space for this site.`);
      else say(error.message, "bad");
    }
  };
  const submit = () => {
    const found = work.missing(check);
    if (found.length) complain(missingWords(found, work.page().length));
    else send(() => work.submit());
  };
  const skip = () => {
    if (choosing && layout > 1) control.current?.skip();
    else send(() => work.skipPage());
  };
  const relayout = async (size) => {
    if (size === layout) return;
    if (work.wouldLose()) {
      const text = "What you chose on this page and did not submit yet is cleared by another layout.";
      if (!(await ask({ title: "Clear this page?", text, yes: "Clear and switch", no: "Stay", danger: true }))) return;
    }
    setLayout(size);
    keepLayout(size);
    work.resize(size);
    focusWork();
  };

  const keys = useRef(null);
  keys.current = { submit, skip };
  useEffect(() => {
    const key = (event) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      const target = event.target;
      if (target.closest?.("dialog, textarea, select, input:not([type=range], [type=checkbox], [type=radio])")) return;
      if (event.key === "?") setPanel("keys");
      else if (event.key.toLowerCase() === "s" && !event.shiftKey) keys.current.skip();
      else if (event.key === "Enter" && !ownsEnter(target)) keys.current.submit();
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, []);

  const onFault = useCallback((task) => work.pictureFailed(task).then((broken) => broken && setSaid(`${task.name} cannot be shown`)), [work]);
  const again = (entry, changes = {}) => {
    work.outbox.again(entry, changes);
    work.flush();
    work.onChange();
  };
  const drop = (entry) => work.giveUp(entry);
  const correct = async (entry) => {
    const [{ task, state, labels }] = entry.answers;
    try {
      await api.put(`/tasks/${task}`, { version: entry.refused.current.version, state, labels });
      drop(entry);
    } catch (error) {
      say(`${error.message} ${error.hint}`, "bad");
    }
  };

  const refused = work.outbox.refused();
  const conflicts = html`<${Conflicts} project=${project} entries=${refused} onDrop=${drop} onCorrect=${correct}
    onReopen=${(entry) => work.giveUp(entry, { keep: true })}
    onAgain=${(entry) => again(entry, entry.refused.current ? { version: entry.refused.current.version } : {})} />`;
  if (!tasks.length) {
    return html`<div class="page">${conflicts}<${Nothing} work=${work} reload=${reload} project=${project} /></div>`;
  }
  const broken = tasks.length === 1 && tasks[0].fault && !choosing;
  const main = choosing
    ? html`<${Classify} project=${project} tasks=${tasks} answers=${work.answers} live=${() => ({ tasks: work.page(), answers: work.answers })} onAnswers=${(answers) => work.answerAll(answers)} layout=${layout}
        onFault=${onFault} control=${control} announce=${setSaid} />`
    : broken
      ? html`<${Note} title="This picture cannot be shown" text=${tasks[0].fault === "missing" ? "It is gone from the storage." : "The file is no picture that a browser can show."}>
          <button type="button" class="button primary" onClick=${skip}>Skip it <kbd>S</kbd></button></${Note}>`
      : html`<${Detect} project=${project} task=${tasks[0]} answer=${work.answers.get(tasks[0].id) ?? null} onAnswer=${(answer) => work.answer(tasks[0], answer)} say=${say} />`;

  return html`<div class="label-page">
    <h1 class="visually-hidden">Label pictures of ${project.title}</h1>
    ${conflicts}
    <div class="toolbar label-tools" onClick=${(event) => event.detail > 0 && focusWork()}>
      ${choosing ? html`<${Layouts} layout=${layout} relayout=${relayout} />` : null}
      ${choosing && layout > 1
        ? html`<button type="button" class="button small" onClick=${() => control.current?.selectAll(!control.current.every())}>Select all <kbd>Ctrl A</kbd></button>`
        : null}
      ${!choosing ? html`<h2 class="label-name small" title=${tasks[0].path}>${tasks[0].name}</h2>` : null}
      ${!choosing && tasks[0].rejected ? html`<span class="badge warn">rejected before</span>` : null}
      <span class="grow"></span>
      <button type="button" class="button small quiet" aria-pressed=${panel === "instructions"} onClick=${() => setPanel(panel === "instructions" ? null : "instructions")}>Instructions</button>
      ${choosing ? html`<button type="button" class="button small quiet" onClick=${() => setPanel("keys")}>Keys <kbd>?</kbd></button>` : null}
    </div>
    <div class=${`label-body${panel === "instructions" ? " with-panel" : ""}`}>
      <div class="label-main">${main}</div>
      ${panel === "instructions" ? html`<aside class="card label-panel" aria-label="Instructions"><${Instructions} project=${project} /></aside>` : null}
    </div>
    <div class="label-bar">
      <p class="problem grow" role="alert">${complaint}</p>
      <span class="muted small num">${work.remaining === null ? "" : `${work.remaining} left for you`}</span>
      <button type="button" class="button" onClick=${skip}>Skip <kbd>S</kbd></button>
      <button type="button" class="button primary" onClick=${submit}>Submit <kbd>Enter</kbd></button>
    </div>
    <p class="visually-hidden" role="status" aria-live="polite">${said}</p>
    ${panel === "keys" ? html`<${Keys} onClose=${() => setPanel(null)} />` : null}
  </div>`;
}

function idsOf(tasks) {
  return tasks.map((task) => task.id).join();
}

/** Nothing on the page: why, and what to do. */
function Nothing({ work, reload, project }) {
  const again = () => work.fill();
  const button = html`<button type="button" class="button primary" onClick=${again}>Look again</button>`;
  if (work.phase === "loading") return html`<p class="empty" role="status"><span class="spinner"></span> Taking pictures …</p>`;
  if (work.phase === "offline") return html`<${Note} title=${work.error.message} text="Trying again by itself; what you submitted is kept.">${button}</${Note}>`;
  if (work.phase === "paused") return html`<${Note} title="The project is paused" text="It goes on here by itself when it runs again.">${button}</${Note}>`;
  if (work.phase === "error") {
    return html`<${Note} title=${work.error.message} text=${work.error.hint}>${button}<button type="button" class="button" onClick=${reload}>Reload the project</button></${Note}>`;
  }
  const { done, total } = counted(project.progress);
  if (!total) return html`<${Note} title="There are no pictures yet" text="They appear here when the project has found them.">${button}</${Note}>`;
  if (done >= total) return html`<${Note} title=${`All ${total} pictures are done`} text="Thank you. New ones appear here by themselves.">${button}</${Note}>`;
  return html`<${Note} title="Nothing left for you" text="Every picture is done, or in the hands of somebody else. New ones appear here by themselves.">${button}</${Note}>`;
}

function Layouts({ layout, relayout }) {
  return html`<div class="row" role="group" aria-label="Pictures on a page">
    ${LAYOUTS.map(
      (size) => html`<button key=${size} type="button" class="button small icon num" aria-pressed=${size === layout} aria-label=${size === 1 ? "1 picture" : `${size} pictures`}
        onClick=${() => relayout(size)}>${size}</button>`,
    )}
  </div>`;
}

const KEYS = [
  ["1 … 9", "choose or take away one of the first nine labels"],
  ["Enter", "submit the page"],
  ["S", "skip the picture, or the selected ones"],
  ["Arrows", "go from picture to picture"],
  ["Space", "select the picture in focus"],
  ["Ctrl A", "select all pictures"],
  ["Esc", "select nothing"],
  ["?", "these keys"],
];

function Keys({ onClose }) {
  return html`<${Dialog} title="Keys" onClose=${onClose}>
    <dl class="keys">${KEYS.map(([key, what]) => html`<dt><kbd>${key}</kbd></dt><dd>${what}</dd>`)}</dl>
  </${Dialog}>`;
}

/** What the bar says about answers on their way. */
function savingOf(work) {
  const waiting = work.outbox.waiting().length;
  const refused = work.outbox.refused().length;
  if (refused) return { kind: "bad", text: `${refused} not taken`, hint: "See above the pictures." };
  if (!waiting) return null;
  if (work.sending) return { kind: "warn", text: `${waiting} kept here`, hint: `${work.sending.message} ${work.sending.hint}` };
  return { kind: "info", text: "saving …", hint: "On the way to the server." };
}

/** Who used the mouse goes on with the pictures: else Enter would press the same button again, and not submit. */
function focusWork() {
  document.querySelector(".tiles [role=option][tabindex='0'], .label-main .canvas")?.focus({ preventScroll: true });
}

/** Links and the bars' own buttons do their own on Enter; on pictures and labels it submits. */
function ownsEnter(element) {
  return Boolean(element.closest?.("a, summary, button")) && !element.closest(".label-main");
}

function keptLayout() {
  const kept = Number(read());
  return LAYOUTS.includes(kept) ? kept : 6;
}

function read() {
  try {
    return localStorage.getItem(LAYOUT_KEY);
  } catch {
    return null;
  }
}

function keepLayout(size) {
  try {
    localStorage.setItem(LAYOUT_KEY, String(size));
  } catch {
    // the next visit begins with six again
  }
}
