// The data page: pictures with their labels, found by filters, chosen by mouse or keys, decided about one by one or all at once.
// Owns: the list, its keys, its decisions. Leaves: one picture to task_page.js, the filters to filter_bar.js.

import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { html } from "htm/preact";
import { classList } from "./class_colours.js";
import { moved } from "./class_tree.js";
import { ask, Dialog } from "./dialog.js";
import { FilterBar, viewCounts } from "./filter_bar.js";
import { described, FAULTS, LabelledPicture } from "./labelled_picture.js";
import { NOTHING, everything, nothing, picked, settled, walked } from "./selection.js";
import TaskPage from "./task_page.js";
import { dumpFilters, parseFilters } from "./task_filters.js";
import { ago, badgesOf, number, outcomeWords, percent, pictures, whoIs } from "./task_words.js";

const TOP = 48;
/** What can be done to pictures: [action, title, key, needs]. */
export const DECISIONS = [
  ["approve", "Approve", "a", "labels/approve_unapprove/action"],
  ["reject", "Reject", "r", "labels/reject/action"],
  ["acceptSkip", "Accept skip", "k", "labels/approve_unapprove/action"],
  ["unapprove", "Take approval back", "u", "labels/approve_unapprove/action"],
  ["reopen", "Return, keep labels", "b", "labels/reject/action"],
];

export default function TasksPage({ project, api, say, go, reload, rest, onProgress }) {
  const filters = useMemo(() => parseFilters(rest[0]), [rest[0]]);
  const opened = /^\d+$/.test(rest[1] ?? "") ? Number(rest[1]) : null;
  const colours = useMemo(() => new Map(classList(project.categories).map((one) => [one.key, one])), [project.categories]);
  const [skip, setSkip] = useState(0);
  const list = useTasks(api, filters, skip, say);
  const [people, setPeople] = useState([]);
  useEffect(() => {
    let here = true;
    api.get("/people").then((found) => here && setPeople(found.people), () => {});
    return () => (here = false);
  }, [api.base]);
  useEffect(() => setSkip(0), [rest[0]]);

  const decide = useCallback(
    async (action, what) => {
      try {
        const outcome = await api.post("/review", { action, ...what }, { deadline: 300_000 });
        const words = outcomeWords(action, outcome);
        say([words.text, ...words.reasons].join(" "), words.kind);
      } catch (error) {
        say(`${error.message} ${error.hint ?? ""}`, "bad");
      }
      api.get("").then((document) => onProgress(document.progress), () => {});
      return list.read();
    },
    [api.base, list.read],
  );
  const open = (id) => go("data", dumpFilters(filters), ...(id === null ? [] : [String(id)]));

  if (opened !== null) {
    return html`<${TaskPage} key=${opened} number=${opened} project=${project} api=${api} say=${say} colours=${colours} list=${list} open=${open} decide=${decide} reload=${reload} />`;
  }
  return html`<div class="page wide data-page">
    <div class="page-head"><h1>Data</h1><span class="muted">${list.count === null ? "" : pictures(list.count)}</span></div>
    <${FilterBar} filters=${filters} classes=${[...colours.values()]} people=${people} counts=${viewCounts(project.progress)}
      onFilters=${(next) => go("data", dumpFilters(next))} />
    <${Grid} project=${project} list=${list} filters=${filters} colours=${colours} decide=${decide} open=${open} />
    <${Pager} skip=${skip} list=${list} onSkip=${setSkip} />
  </div>`;
}

/** A page of tasks: {tasks, count, loading, problem, read()}. What was asked for last is shown last; `read` gives the tasks too, or null. */
function useTasks(api, filters, skip, say) {
  const [state, setState] = useState({ tasks: [], count: null, loading: true, problem: null });
  const turn = useRef(0);
  const key = `${dumpFilters(filters)} ${skip}`;
  const read = useCallback(async () => {
    const mine = ++turn.current;
    setState((now) => ({ ...now, loading: true }));
    try {
      const page = await api.get("/tasks", { ...filters, skip, top: TOP });
      if (mine !== turn.current) return null;
      setState({ tasks: page.value, count: page.count, loading: false, problem: null });
      return page.value;
    } catch (error) {
      if (mine !== turn.current) return null;
      setState((now) => ({ ...now, loading: false, problem: error }));
      say(`${error.message} ${error.hint ?? ""}`, "bad");
      return null;
    }
  }, [key, api.base]);
  useEffect(() => {
    read();
    return () => ++turn.current;
  }, [read]);
  return { ...state, read };
}

function Grid({ project, list, filters, colours, decide, open }) {
  const { tasks } = list;
  const ids = useMemo(() => tasks.map((task) => task.id), [tasks]);
  const [state, setState] = useState(NOTHING);
  const [busy, setBusy] = useState(false);
  const [help, setHelp] = useState(false);
  const grid = useRef(null);
  useEffect(() => setState((now) => settled(now, ids)), [ids]);
  const decisions = DECISIONS.filter(([, , , needs]) => project.can(needs));
  const chosen = tasks.filter((task) => state.ids.has(task.id));

  const act = async (action) => {
    const count = state.all ? list.count : chosen.length;
    if (!count || busy) return;
    if (!(await sure(action, count))) return;
    setBusy(true);
    const what = state.all ? { filter: filters } : { tasks: chosen.map(({ id, version }) => ({ id, version })) };
    await decide(action, what);
    setState(nothing);
    setBusy(false);
  };
  const goTo = (index, range) => {
    setState((now) => walked(now, ids, index, { range }));
    grid.current.querySelectorAll("[role=option]")[index]?.focus();
  };
  const pick = (index, range) => setState((now) => picked(now, ids, index, { range }));
  const key = (event) => {
    if (event.altKey || event.target.closest("input, dialog")) return;
    const columns = getComputedStyle(grid.current).gridTemplateColumns.split(" ").length;
    const to = event.ctrlKey || event.metaKey ? null : moved(state.focus, event.key, ids.length, columns);
    const decision = decisions.find(([, , letter]) => letter === event.key.toLowerCase());
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() !== "a") return;
      setState((now) => everything(now, ids));
    } else if (to !== null) goTo(to, event.shiftKey);
    else if (event.key === " ") pick(state.focus, false);
    else if (event.key === "Enter") open(ids[state.focus]);
    else if (event.key === "Escape") setState(nothing);
    else if (event.key === "?") setHelp(true);
    else if (decision && state.ids.size) act(decision[0]);
    else return;
    event.preventDefault();
  };

  if (!tasks.length) {
    const text = list.loading ? "Looking …" : list.problem ? "The pictures could not be read." : "No pictures match these filters.";
    return html`<p class="empty" role="status">${list.loading ? html`<span class="spinner"></span> ` : null}${text}</p>`;
  }
  return html`<div class=${`cards${list.loading ? " stale" : ""}`} role="listbox" aria-multiselectable="true" aria-label="Pictures" ref=${grid} onKeyDown=${key}>
      ${tasks.map(
        (task, index) => html`<${Card} key=${task.id} task=${task} colours=${colours} selected=${state.all || state.ids.has(task.id)} current=${index === state.focus}
          onFocus=${() => setState((now) => ({ ...now, focus: index }))} onOpen=${() => open(task.id)} onPick=${(range) => pick(index, range)} />`,
      )}
    </div>
    ${chosen.length || state.all
      ? html`<div class="decide" role="toolbar" aria-label="What becomes of the selected pictures">
          <strong aria-live="polite">${number(state.all ? list.count : chosen.length)} selected</strong>
          ${chosen.length === tasks.length && !state.all && list.count > tasks.length
            ? html`<button type="button" class="button quiet" onClick=${() => setState((now) => ({ ...now, all: true }))}>Select all ${number(list.count)}</button>`
            : null}
          ${decisions.map(
            ([action, title, letter]) => html`<button key=${action} type="button" class=${`button${action === "approve" ? " primary" : action === "reject" ? " danger" : ""}`}
              disabled=${busy} aria-keyshortcuts=${letter} onClick=${() => act(action)}>${title} <kbd aria-hidden="true">${letter.toUpperCase()}</kbd></button>`,
          )}
          <span class="grow"></span>
          ${busy ? html`<span class="spinner"></span>` : null}
          <button type="button" class="button quiet" onClick=${() => setState(nothing)}>Clear <kbd aria-hidden="true">Esc</kbd></button>
        </div>`
      : null}
    ${help ? html`<${Keys} decisions=${decisions} onClose=${() => setHelp(false)} />` : null}`;
}

function Card({ task, colours, selected, current, onFocus, onOpen, onPick }) {
  const proposed = task.state === "prelabeled";
  const labels = proposed ? task.prelabels : task.labels;
  const badges = badgesOf(task);
  const spoken = [task.name, ...badges.map((badge) => badge.text), task.fault ? FAULTS[task.fault] : `${proposed ? "proposed: " : ""}${described(labels, colours)}`];
  const picked = (event) => {
    event.stopPropagation();
    onPick(event.shiftKey);
  };
  const clicked = (event) => (event.shiftKey || event.ctrlKey || event.metaKey ? picked(event) : onOpen());
  return html`<div class=${`task-card${selected ? " selected" : ""}`} role="option" aria-selected=${selected} tabindex=${current ? 0 : -1}
      aria-label=${spoken.join("; ")} onFocus=${onFocus} onClick=${clicked}>
    <div class="thumb"><${LabelledPicture} task=${task} labels=${labels} colours=${colours} proposed=${proposed} /></div>
    <span class="pick" onClick=${picked} title="Select" aria-hidden="true">✓</span>
    <div class="task-foot">
      <span class="task-name" title=${task.path}>${task.name}</span>
      <span class="row wrap">
        ${badges.map((badge) => html`<span key=${badge.text} class=${`badge ${badge.kind}`}>${badge.text}</span>`)}
        ${task.agreement === null ? null : html`<span class="small muted num" title="Agreement">${percent(task.agreement)}</span>`}
      </span>
      <span class="small muted task-labels">${labels.length ? described(labels, colours) : task.labeledBy ? "" : "nobody yet"}</span>
      ${task.labeledBy ? html`<span class="small muted task-by">${whoIs(task.labeledBy).split("@")[0]}, ${ago(task.labeledAt)}</span>` : null}
    </div>
  </div>`;
}

function Pager({ skip, list, onSkip }) {
  if (list.count === null || list.count <= TOP) return null;
  const last = Math.min(skip + TOP, list.count);
  const to = (place) => {
    onSkip(place);
    scrollTo({ top: 0 });
  };
  return html`<nav class="pager row" aria-label="Pages">
    <button type="button" class="button" disabled=${skip === 0} onClick=${() => to(Math.max(0, skip - TOP))}>← Earlier</button>
    <span class="num">${number(skip + 1)}–${number(last)} of ${number(list.count)}</span>
    <button type="button" class="button" disabled=${last >= list.count} onClick=${() => to(skip + TOP)}>Later →</button>
  </nav>`;
}

function Keys({ decisions, onClose }) {
  const keys = [
    ["arrows", "from picture to picture"],
    ["Shift + arrows", "select on the way"],
    ["Space", "select, or not any more"],
    ["Ctrl + A", "select the whole page"],
    ["Enter", "open"],
    ...decisions.map(([, title, letter]) => [letter.toUpperCase(), title.toLowerCase()]),
    ["Esc", "select nothing"],
  ];
  return html`<${Dialog} title="Keys" onClose=${onClose}>
    <dl class="keys">${keys.map(([key, what]) => html`<dt><kbd>${key}</kbd></dt><dd>${what}</dd>`)}</dl>
  </${Dialog}>`;
}

/** Whether it is to be done: labels of many pictures do not go by a slip of the finger. */
export async function sure(action, count) {
  if (count < 2 || (action !== "reject" && action !== "reopen")) return true;
  const text =
    action === "reject"
      ? "Their labels go, and the pictures return to the queue. What people answered stays in the history."
      : "The pictures return to the queue; their labels stay there as proposals.";
  return ask({ title: `${action === "reject" ? "Reject" : "Return"} ${pictures(count)}?`, text, yes: action === "reject" ? "Reject" : "Return", danger: action === "reject" });
}
