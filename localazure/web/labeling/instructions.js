// The instructions of a project: its text and its link, as a page and as a part of the label page.
// Owns: showing them. Leaves: what may be shown to markdown.js.

import { html } from "htm/preact";
import { parse, safeLink } from "./markdown.js";

/** Markdown text, shown. */
export function Markdown({ text }) {
  return html`<div class="prose">${parse(text).map(block)}</div>`;
}

/** The text and the link of a project's instructions; says so when there are none. */
export function Instructions({ project }) {
  const { text, uri } = project.instructions ?? {};
  const address = safeLink(uri);
  if (!text && !uri) return html`<p class="muted">This project has no instructions.</p>`;
  return html`<div class="stack">
    ${text ? html`<${Markdown} text=${text} />` : null}
    ${address ? html`<p><a href=${address} target="_blank" rel="noopener noreferrer">Open the instructions ↗</a></p>` : null}
    ${uri && !address ? html`<p class="muted">${uri}</p>` : null}
  </div>`;
}

/** The page of its own: instructions and the classes of the project. */
export default function InstructionsPage({ project }) {
  return html`<div class="page">
    <div class="page-head"><h1>Instructions</h1></div>
    <div class="card stack">
      <${Instructions} project=${project} />
      <hr />
      <h2>Labels</h2>
      ${project.categories.map(
        (category) => html`<div class="stack" key=${category.key}>
          ${project.categories.length > 1 ? html`<h3>${category.name}</h3>` : null}
          <${Classes} classes=${category.classes} />
        </div>`,
      )}
    </div>
  </div>`;
}

function Classes({ classes }) {
  return html`<ul class="classes-list">
    ${classes.map(
      (one) => html`<li key=${one.key}>
        <span class="row"><span class="swatch" style=${{ background: one.color }}></span>${one.name}</span>
        ${one.subclasses?.length ? html`<${Classes} classes=${one.subclasses} />` : null}
      </li>`,
    )}
  </ul>`;
}

function block(one, index) {
  switch (one.kind) {
    case "heading": {
      const Tag = `h${one.level + 1}`; // h1 is the page's own
      return html`<${Tag} key=${index}>${one.parts.map(part)}</${Tag}>`;
    }
    case "list": {
      const Tag = one.ordered ? "ol" : "ul";
      return html`<${Tag} key=${index}>${one.items.map((item, at) => html`<li key=${at}>${item.map(part)}</li>`)}</${Tag}>`;
    }
    case "table":
      return html`<div class="scroll" key=${index}><table class="table">
        <thead><tr>${one.head.map((cell, at) => html`<th key=${at} scope="col">${cell.map(part)}</th>`)}</tr></thead>
        <tbody>${one.rows.map((row, line) => html`<tr key=${line}>${row.map((cell, at) => html`<td key=${at}>${cell.map(part)}</td>`)}</tr>`)}</tbody>
      </table></div>`;
    case "code":
      return html`<pre key=${index}>${one.text}</pre>`;
    case "quote":
      return html`<blockquote key=${index}>${one.blocks.map(block)}</blockquote>`;
    default:
      return html`<p key=${index}>${one.parts.map(part)}</p>`;
  }
}

function part(one, index) {
  if (one.kind === "strong") return html`<strong key=${index}>${one.text}</strong>`;
  if (one.kind === "em") return html`<em key=${index}>${one.text}</em>`;
  if (one.kind === "code") return html`<code key=${index}>${one.text}</code>`;
  if (one.kind === "link") return html`<a key=${index} href=${one.address} target="_blank" rel="noopener noreferrer">${one.text}</a>`;
  return one.text;
}
