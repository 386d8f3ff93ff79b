// Classification: a grid of pictures, the classes beside it, both by mouse, keys and screen reader.
// Owns: choosing pictures and classes. Leaves: taking and submitting to label_page.js, what choosing means to class_tree.js.

import { useEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import { html } from "htm/preact";
import { chooseForAll, flatten, has, moved, skipAll } from "./class_tree.js";

const FAULTS = { missing: "The picture is gone from the storage", undecodable: "This file cannot be shown as a picture" };

/**
 * `tasks` and `answers` (a Map by task id) are what is drawn; `live()` gives both as they are at this moment, since keys may come faster than
 * pages are drawn. `onAnswers(map)` takes the changed answers. `control`: what the label page may call, {skip(), selectAll(on), every()}.
 */
export default function Classify({ project, tasks, answers, live, onAnswers, layout, onFault, control, announce }) {
  const rows = useMemo(() => flatten(project.categories), [project.categories]);
  const [, draw] = useReducer((count) => count + 1, 0);
  const at = useRef({ ids: "", selected: new Set(), focus: 0 }).current;
  const grid = useRef(null);
  const columns = Math.ceil(Math.sqrt(Math.min(layout, tasks.length)));
  const ids = settle(at, tasks);

  useEffect(() => {
    const nowhere = [null, document.body, document.querySelector("main")].includes(document.activeElement);
    if (nowhere) grid.current?.querySelector("[role=option]")?.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    // The tiles stay, their pictures change: who was in the grid begins at its first picture again.
    if (grid.current?.contains(document.activeElement)) grid.current.querySelector("[role=option]")?.focus();
  }, [ids]);

  const now = () => {
    const current = live();
    settle(at, current.tasks);
    return { ...current, targets: targetsOf(at, current.tasks) };
  };
  const apply = (row) => {
    const current = now();
    const next = chooseForAll(current.answers, current.targets, row, rows);
    onAnswers(next);
    const on = current.targets.some((task) => has(next.get(task.id), row.key));
    announce(`${row.name} ${on ? "on" : "taken from"} ${counted(current.targets.length)}`);
  };
  const skip = () => {
    const current = now();
    const next = skipAll(current.answers, current.targets);
    onAnswers(next);
    const skipped = current.targets.every((task) => next.get(task.id)?.state === "skipped");
    announce(`${counted(current.targets.length)} ${skipped ? "will be skipped" : "not skipped any more"}`);
  };
  const toggle = (task) => {
    if (layout === 1 || !task) return;
    if (!at.selected.delete(task.id)) at.selected.add(task.id);
    draw();
  };
  const selectAll = (on) => {
    const current = now();
    at.selected = new Set(on ? current.tasks.map((task) => task.id) : []);
    announce(on ? `All ${current.tasks.length} pictures selected` : "Nothing selected");
    draw();
  };
  const goTo = (index) => {
    at.focus = index;
    grid.current.querySelectorAll("[role=option]")[index]?.focus();
    draw();
  };
  control.current = { skip, selectAll, every: () => at.selected.size === live().tasks.length };

  const keys = useRef(null);
  keys.current = { apply, selectAll };
  useEffect(() => {
    const key = (event) => {
      if (event.defaultPrevented || event.altKey || event.target.closest?.("input, textarea, select, dialog")) return;
      const row = /^[1-9]$/.test(event.key) ? rows[event.key - 1] : null;
      if (event.ctrlKey || event.metaKey) {
        if (event.key.toLowerCase() !== "a" || layout === 1) return;
        keys.current.selectAll(true);
      } else if (event.key === "Escape" && at.selected.size) keys.current.selectAll(false);
      else if (row) keys.current.apply(row);
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", key);
    return () => document.removeEventListener("keydown", key);
  }, [rows, layout]);

  const walk = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const to = event.key === " " ? null : moved(at.focus, event.key, live().tasks.length, columns);
    if (event.key === " ") toggle(live().tasks[at.focus]);
    else if (to !== null) goTo(to);
    else return;
    event.preventDefault();
  };

  const chosen = tasks.filter((task) => at.selected.has(task.id)).length;
  return html`<div class="classify">
    <div class=${`tiles of-${layout}`} style=${{ "--columns": columns }} role="listbox" aria-label="Pictures of this page" aria-multiselectable=${layout > 1}
      ref=${grid} onKeyDown=${walk}>
      ${tasks.map(
        (task, index) => html`<${Tile} key=${index} task=${task} place=${index + 1} of=${tasks.length} answer=${answers.get(task.id) ?? null} rows=${rows}
          selected=${at.selected.has(task.id)} current=${index === at.focus} onFocus=${() => index !== at.focus && goTo(index)}
          onToggle=${() => toggle(task)} onFault=${onFault} />`,
      )}
    </div>
    <${ClassPanel} categories=${project.categories} rows=${rows} targets=${targetsOf(at, tasks)} answers=${answers} apply=${apply} many=${layout > 1} chosen=${chosen} />
  </div>`;
}

/** A new page begins with nothing selected and the focus on its first picture. */
function settle(at, tasks) {
  const ids = tasks.map((task) => task.id).join();
  if (at.ids !== ids) Object.assign(at, { ids, selected: new Set(), focus: 0 });
  return ids;
}

/** What a class or a skip is for: the selected pictures, else the one in focus. */
function targetsOf(at, tasks) {
  const chosen = tasks.filter((task) => at.selected.has(task.id));
  return chosen.length ? chosen : tasks.slice(at.focus, at.focus + 1);
}

function Tile({ task, place, of, answer, rows, selected, current, onFocus, onToggle, onFault }) {
  const [loaded, setLoaded] = useState(null);
  const labels = answer?.state === "labeled" ? answer.labels : [];
  const named = labels.map((label) => ({ ...label, row: rows.find((row) => row.key === label.class) }));
  const state = answer?.state === "skipped" ? "skipped" : labels.length ? "labeled" : "open";
  // In the order in which the parts are seen, so that who speaks to the page can say what is written there.
  const spoken = [
    `Picture ${place} of ${of}`,
    FAULTS[task.fault],
    task.rejected ? "rejected before" : null,
    { skipped: "skipped", open: "no label" }[state],
    answer?.proposed ? "proposed" : null,
    ...named.map(({ row, class: key, confidence }) => `${row?.name ?? key}${answer.proposed ? ` ${percent(confidence)}` : ""}`),
    task.name,
  ];
  return html`<div class=${`tile ${state}${selected ? " selected" : ""}${answer?.proposed ? " proposed" : ""}`} role="option" aria-selected=${selected}
      tabindex=${current ? 0 : -1} aria-label=${spoken.filter(Boolean).join("; ")} onFocus=${onFocus} onClick=${onToggle}>
    <div class="tile-picture" aria-hidden="true">
      ${task.fault
        ? html`<div class="broken"><span class="broken-mark" aria-hidden="true">⚠</span><span>${FAULTS[task.fault] ?? "This picture cannot be shown"}</span><span class="muted small">Skip it with <kbd>S</kbd></span></div>`
        : html`<img key=${task.id} src=${task.image} alt="" draggable=${false} class=${loaded === task.id ? "" : "loading"}
            onLoad=${() => setLoaded(task.id)} onError=${() => onFault(task)} />`}
      ${selected ? html`<span class="tick" aria-hidden="true">✓</span>` : null}
      ${task.rejected ? html`<span class="badge warn tile-note">rejected before</span>` : null}
    </div>
    <div class="tile-foot" aria-hidden="true">
      ${state === "skipped" ? html`<span class="badge">skipped</span>` : null}
      ${named.map(
        ({ row, class: key, confidence }) => html`<span key=${key} class=${`label-chip${answer.proposed ? " proposal" : ""}`}>
          <span class="swatch" style=${{ background: row?.color }}></span><span class="label-chip-name">${row?.name ?? key}</span>
          ${answer.proposed ? html`<span class="num muted">${percent(confidence)}</span>` : null}
        </span>`,
      )}
      <span class="tile-name muted small" title=${task.path}>${task.name}</span>
    </div>
  </div>`;
}

function ClassPanel({ categories, rows, targets, answers, apply, many, chosen }) {
  return html`<aside class="class-panel card stack" aria-label="Labels">
    ${many
      ? html`<p class="muted small">${chosen ? `For the ${counted(chosen)} you selected` : "For the picture in focus; click pictures to select several"}</p>`
      : null}
    ${categories.map(
      (category) => html`<div key=${category.key} role="group" aria-label=${category.name}>
        ${categories.length > 1 || category.multiSelect
          ? html`<h2 class="category-name">${category.name} <span class="muted small">${category.multiSelect ? "any number" : "one"}</span></h2>`
          : null}
        <div class="class-list">
          ${rows
            .filter((row) => row.category === category.key)
            .map((row) => {
              const all = targets.length > 0 && targets.every((task) => has(answers.get(task.id), row.key));
              const some = all || targets.some((task) => has(answers.get(task.id), row.key));
              return html`<button key=${row.key} type="button" class="class-button" style=${{ "--depth": row.depth, "--colour": row.color }}
                  aria-pressed=${all ? "true" : some ? "mixed" : "false"} aria-keyshortcuts=${row.digit} aria-label=${row.path.join(", ")} onClick=${() => apply(row)}>
                <span class="swatch" style=${{ background: row.color }}></span>
                <span class="grow class-name">${row.name}</span>
                ${row.digit ? html`<kbd aria-hidden="true">${row.digit}</kbd>` : null}
              </button>`;
            })}
        </div>
      </div>`,
    )}
  </aside>`;
}

function percent(confidence) {
  return `${Math.round(100 * (confidence ?? 0))} %`;
}

function counted(number) {
  return number === 1 ? "1 picture" : `${number} pictures`;
}
