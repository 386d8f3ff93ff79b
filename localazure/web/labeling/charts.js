// Small charts as SVG: a ring, bars, columns. Each has a title and a description, and its numbers as a table behind it.
// Owns: drawing. Leaves: arithmetic to chart_geometry.js, what is shown to the pages.

import { useRef } from "preact/hooks";
import { html } from "htm/preact";
import { ringPaths, ticks } from "./chart_geometry.js";
import { number } from "./task_words.js";

let counted = 0;

/** A chart and the table of its numbers. `head`: names of the columns, `rows`: arrays of as many cells, the first one a heading. */
export function Chart({ title, head, rows, children }) {
  return html`<figure class="chart">
    ${children}
    <details class="small">
      <summary>${title} as a table</summary>
      <div class="scroll"><table class="table"><caption class="visually-hidden">${title}</caption>
        <thead><tr>${head.map((one, index) => html`<th key=${one} scope="col" class=${index ? "num" : ""}>${one}</th>`)}</tr></thead>
        <tbody>${rows.map(([first, ...others]) => html`<tr key=${first}><th scope="row">${first}</th>${others.map((cell, index) => html`<td key=${index} class="num">${cell}</td>`)}</tr>`)}</tbody>
      </table></div>
    </details>
  </figure>`;
}

/** Parts of a whole: [{name, value, color}]; `middle` and `below` stand in it. */
export function Ring({ title, parts, middle, below }) {
  const id = useId();
  const total = parts.reduce((sum, part) => sum + part.value, 0);
  const text = parts.filter((part) => part.value).map((part) => `${part.name} ${number(part.value)}`).join(", ");
  return html`<svg class="ring" viewBox="0 0 100 100" role="img" aria-labelledby=${`${id}-t ${id}-d`}>
    <title id=${`${id}-t`}>${title}</title><desc id=${`${id}-d`}>${text || "nothing yet"}</desc>
    ${total === 0 ? html`<path class="ring-empty" fill-rule="evenodd" d=${ringPaths([{ value: 1 }])[0].d} />` : null}
    ${ringPaths(parts).map(({ d, part }) => html`<path key=${part.name} class="ring-part" fill-rule="evenodd" d=${d} style=${{ fill: part.color }}><title>${part.name}: ${number(part.value)}</title></path>`)}
    <text x="50" y="51" class="ring-middle">${middle}</text><text x="50" y="63" class="ring-below">${below}</text>
  </svg>`;
}

/** Lying bars, one for each row: [{name, title, value, color, note}]; `title` is the name as text. */
export function Bars({ title, rows }) {
  const most = Math.max(1, ...rows.map((row) => row.value));
  return html`<ul class="bars" aria-label=${title}>
    ${rows.map(
      (row) => html`<li key=${row.key}>
        <span class="bars-name" title=${row.title}>${row.name}</span>
        <span class="bars-track" aria-hidden="true"><span class="bars-value" style=${{ width: `${(100 * row.value) / most}%`, background: row.color }}></span></span>
        <span class="num bars-number">${number(row.value)}${row.note ? html` <span class="muted small">${row.note}</span>` : null}</span>
      </li>`,
    )}
  </ul>`;
}

const WIDE = 1000;
const NARROW = 440;
const HIGH = 230;
const LEFT = 40;
const BOTTOM = 26;
const TOP = 8;

/** Standing columns in two parts: [{name, short, lower, upper}]; `short` names are written where there is room. */
export function Columns({ title, description, columns, names }) {
  const id = useId();
  const wide = matchMedia("(max-width: 720px)").matches ? NARROW : WIDE;
  const scale = ticks(Math.max(0, ...columns.map((column) => column.lower + column.upper)));
  const most = scale.at(-1);
  const high = HIGH - TOP - BOTTOM;
  const step = (wide - LEFT) / columns.length;
  const y = (value) => TOP + high - (value / most) * high;
  const every = Math.ceil(columns.length / (wide === WIDE ? 14 : 7));
  return html`<svg class="columns" viewBox=${`0 0 ${wide} ${HIGH}`} role="img" aria-labelledby=${`${id}-t ${id}-d`}>
    <title id=${`${id}-t`}>${title}</title><desc id=${`${id}-d`}>${description}</desc>
    ${scale.map((value) => html`<g key=${value}><line class="grid-line" x1=${LEFT} x2=${wide} y1=${y(value)} y2=${y(value)} /><text class="axis" x=${LEFT - 6} y=${y(value) + 4} text-anchor="end">${number(value)}</text></g>`)}
    ${columns.map((column, index) => {
      const x = LEFT + index * step + step * 0.15;
      const width = step * 0.7;
      return html`<g key=${column.name} class="column">
        <rect class="column-hit" x=${LEFT + index * step} y=${TOP} width=${step} height=${high} />
        ${column.lower ? html`<rect class="column-lower" x=${x} width=${width} y=${y(column.lower)} height=${y(0) - y(column.lower)} rx="2" />` : null}
        ${column.upper ? html`<rect class="column-upper" x=${x} width=${width} y=${y(column.lower + column.upper)} height=${y(0) - y(column.upper)} rx="2" />` : null}
        <title>${column.name}: ${number(column.lower)} ${names[0]}, ${number(column.upper)} ${names[1]}</title>
        ${(columns.length - 1 - index) % every === 0 ? html`<text class="axis" x=${x + width / 2} y=${HIGH - 6} text-anchor="middle">${column.short}</text>` : null}
      </g>`;
    })}
  </svg>`;
}

function useId() {
  const id = useRef(null);
  id.current ??= `chart-${++counted}`;
  return id.current;
}
