// The filters of the data page as fields: views as tabs, a search, an order, and the rest behind a button.
// Owns: the fields. Leaves: what filters mean to task_filters.js, finding to tasks_page.js.

import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "htm/preact";
import { changed, countMore, VIEWS, viewOf } from "./task_filters.js";

const ORDERS = [
  ["number", "In order"],
  ["newest", "Newest labels first"],
  ["disagreement", "Least agreement first"],
  ["uncertainty", "Most uncertain first"],
];
const TYPING_MS = 350;

/** `counts` by title of a view; `people` and `classes` are what can be chosen; `onFilters(filters)` after each change. */
export function FilterBar({ filters, classes, people, counts, onFilters }) {
  const [open, setOpen] = useState(countMore(filters) > 0);
  const set = (changes) => onFilters(changed(filters, changes));
  const view = viewOf(filters);
  const more = countMore(filters);
  return html`<div role="search" class="filters stack">
    <div class="row wrap">
      <div class="views" role="group" aria-label="Views">
        ${VIEWS.map(
          (one) => html`<button key=${one.title} type="button" aria-pressed=${view === one} onClick=${() => onFilters(one.filters)}>
            ${one.title}${counts[one.title] === undefined ? null : html` <span class="num muted">${counts[one.title]}</span>`}
          </button>`,
        )}
      </div>
    </div>
    <div class="row wrap">
      <${Search} value=${filters.search ?? ""} onSearch=${(search) => set({ search })} />
      <label class="visually-hidden" for="filter-order">Order</label>
      <select id="filter-order" value=${filters.order ?? "number"} onChange=${(event) => set({ order: event.target.value === "number" ? "" : event.target.value })}>
        ${ORDERS.map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}
      </select>
      <button type="button" class="button" aria-expanded=${open} aria-controls="filter-more" onClick=${() => setOpen(!open)}>
        Filters${more ? html` <span class="badge info">${more}</span>` : null}
      </button>
    </div>
    ${open ? html`<${More} filters=${filters} classes=${classes} people=${people} set=${set} />` : null}
    ${view || !Object.keys(filters).length
      ? null
      : html`<p class="small muted row">Filtered.
          <button type="button" class="button quiet small" onClick=${() => onFilters({})}>Show all</button></p>`}
  </div>`;
}

function More({ filters, classes, people, set }) {
  const choose = (name, title, options) => html`<div class="field">
    <label for=${`filter-${name}`}>${title}</label>
    <select id=${`filter-${name}`} value=${filters[name] ?? ""} onChange=${(event) => set({ [name]: event.target.value })}>
      <option value="">any</option>
      ${options.map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}
    </select>
  </div>`;
  const day = (name, title) => html`<div class="field">
    <label for=${`filter-${name}`}>${title}</label>
    <input id=${`filter-${name}`} type="date" value=${(filters[name] ?? "").slice(0, 10)} onChange=${(event) => set({ [name]: event.target.value })} />
  </div>`;
  return html`<div class="more card" id="filter-more">
    ${choose("class", "Label", classes.map((one) => [one.key, one.name]))}
    ${choose("labeler", "Labeler", people.map((one) => [one.email, one.name || one.email]))}
    ${day("from", "From")} ${day("to", "To")}
    ${choose("maxAgreement", "Agreement", [["0.5", "at most 50 %"], ["0.8", "at most 80 %"], ["0.99", "not complete"], ["1", "several answers"]])}
    ${choose("review", "Review", [["none", "not reviewed"], ["approved", "approved"], ["skip-accepted", "skip accepted"]])}
    ${choose("gold", "Gold", [["true", "gold pictures"], ["false", "other pictures"]])}
    ${choose("fault", "Picture", [["none", "can be shown"], ["any", "cannot be shown"], ["missing", "gone"], ["undecodable", "no picture"]])}
  </div>`;
}

/** Finds while it is typed, once the typing pauses. */
function Search({ value, onSearch }) {
  const [text, setText] = useState(value);
  const timer = useRef(0);
  useEffect(() => setText(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const typed = (event) => {
    setText(event.target.value);
    clearTimeout(timer.current);
    const next = event.target.value.trim();
    timer.current = setTimeout(() => onSearch(next), TYPING_MS);
  };
  return html`<input class="grow" type="search" aria-label="Search by file name" placeholder="Search by file name" maxlength="200" value=${text} onInput=${typed} />`;
}

/** How many each view holds, by the project's progress; views that this does not tell are left out. */
export function viewCounts(progress) {
  if (!progress) return {};
  return {
    All: progress.total,
    "Needs review": progress.review,
    Approved: progress.approved,
    "In the queue": progress.open + progress.prelabeled,
  };
}

