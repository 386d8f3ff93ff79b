// A picture with its labels drawn over it, as small as a thumbnail or as large as the page.
// Owns: the drawing. Leaves: changing labels to detect.js and classify.js.

import { useState } from "preact/hooks";
import { html } from "htm/preact";
import { NO_CLASS_COLOR, writingOn } from "./class_colours.js";

export const FAULTS = { missing: "gone from the storage", undecodable: "cannot be shown as a picture" };
const HIGH = 1000;

/** Width by height: of the picture once it is loaded, before that as the server knows it. */
export function ratioOf(size, task) {
  if (size) return size;
  return task.width > 0 && task.height > 0 ? task.width / task.height : 4 / 3;
}

/** The address of the picture as small as a list shows it. */
export function thumbOf(task) {
  return task.image.replace(/\/image$/, "/thumb");
}

/** Points of a ring [x, y, …] in fractions, for a drawing that is `wide` by 1000. */
export function points(ring, wide) {
  const pairs = [];
  for (let i = 0; i + 1 < ring.length; i += 2) pairs.push(`${round(ring[i] * wide)},${round(ring[i + 1] * HIGH)}`);
  return pairs.join(" ");
}

/** What stands written at a label: "Apple", "Apple 87 %" for a proposal. */
export function wordsOf(label, colours) {
  const name = colours.get(label.class)?.name ?? label.name ?? label.class;
  return label.source === "prelabel" ? `${name} ${Math.round(100 * label.confidence)} %` : name;
}

/** All labels in a sentence, for who does not see them. */
export function described(labels, colours) {
  if (!labels.length) return "no labels";
  const counts = new Map();
  for (const label of labels) {
    const name = colours.get(label.class)?.name ?? label.class;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => (count > 1 ? `${count} × ${name}` : name)).join(", ");
}

/** As large as the place around it (class thumb or task-picture). `colours`: a Map by class key of {name, color}. `written`: with the names at the shapes. */
export function LabelledPicture({ task, labels, colours, proposed = false, written = false, lazy = true }) {
  const [size, setSize] = useState(null);
  const [failed, setFailed] = useState(false);
  if (task.fault || failed) {
    return html`<div class="no-picture"><span aria-hidden="true">⚠</span><span class="small">${FAULTS[task.fault] ?? "cannot be shown"}</span></div>`;
  }
  const ratio = ratioOf(size, task);
  const loaded = (event) => setSize(event.target.naturalWidth / event.target.naturalHeight || null);
  const shapes = labels.filter((label) => label.bbox || label.segmentation);
  return html`<div class="labelled" style=${{ "--ratio": String(ratio) }}>
    <img src=${lazy ? thumbOf(task) : task.image} alt="" loading=${lazy ? "lazy" : "eager"} decoding="async" draggable=${false} onLoad=${loaded} onError=${() => setFailed(true)} />
    ${shapes.length ? html`<${Shapes} shapes=${shapes} wide=${round(HIGH * ratio)} colours=${colours} proposed=${proposed} />` : null}
    ${written ? shapes.map((label, index) => html`<${Written} key=${index} label=${label} colours=${colours} />`) : null}
  </div>`;
}

function Shapes({ shapes, wide, colours, proposed }) {
  return html`<svg class=${`shapes${proposed ? " proposed" : ""}`} viewBox=${`0 0 ${wide} ${HIGH}`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
    ${shapes.map((label, index) => {
      const colour = colours.get(label.class)?.color ?? NO_CLASS_COLOR;
      const style = { "--colour": colour };
      if (label.segmentation) {
        const rings = label.segmentation.map((ring) => `M ${points(ring, wide)} Z`).join(" ");
        return html`<g key=${index} style=${style}><path class="under" d=${rings} /><path class="over filled" fill-rule="evenodd" d=${rings} /></g>`;
      }
      const [x, y, w, h] = label.bbox;
      const at = { x: round(x * wide), y: round(y * HIGH), width: round(w * wide), height: round(h * HIGH) };
      return html`<g key=${index} style=${style}><rect class="under" ...${at} /><rect class="over" ...${at} /></g>`;
    })}
  </svg>`;
}

function Written({ label, colours }) {
  const [x, y] = label.bbox ?? [label.segmentation[0][0], label.segmentation[0][1]];
  const colour = colours.get(label.class)?.color ?? NO_CLASS_COLOR;
  const place = { left: `${round(100 * x)}%`, top: `${round(100 * y)}%`, background: colour, color: writingOn(colour) };
  return html`<span class=${`written${y < 0.05 ? " inside" : ""}`} style=${place} aria-hidden="true">${wordsOf(label, colours)}</span>`;
}

function round(value) {
  return Math.round(value * 100) / 100;
}
