/**
 * The parts around the picture: tool bar, classes, list of shapes, keys.
 *
 * Owns: how they look and which button does what a key does.
 * Leaves: the state to detect.js.
 */
import { html } from "htm/preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Lock } from "./canvas.js";
import { NO_CLASS_COLOR } from "./class_colours.js";
import { keyList } from "./shape_keys.js";

const ICONS = {
  rectangle: "M4 6h16v12H4z M2.5 4.5h3v3h-3z M18.5 4.5h3v3h-3z M2.5 16.5h3v3h-3z M18.5 16.5h3v3h-3z",
  template: "M5 5h3 M10.5 5h3 M16 5h3v3 M19 10.5v3 M19 16v3h-3 M13.5 19h-3 M8 19H5v-3 M5 13.5v-3 M5 8V5 M12 9v6 M9 12h6",
  polygon: "M12 3.5 20.5 10 17 20H7L3.5 10z",
  move: "M5 3l6.5 16 2.2-6.8L20.5 10z",
  points: "M4 17 10 6l10 8 M2.5 17a1.5 1.5 0 1 0 3 0 1.5 1.5 0 1 0-3 0 M8.5 6a1.5 1.5 0 1 0 3 0 1.5 1.5 0 1 0-3 0 M18 18h5 M20.5 15.5v5",
  pan: "M8 12V5.5a1.5 1.5 0 0 1 3 0V11 M11 11V4a1.5 1.5 0 0 1 3 0v7 M14 11V5.5a1.5 1.5 0 0 1 3 0V14c0 4-2 6.5-5.5 6.5S7 19 5.5 16L4 13c-.6-1.4 1.2-2.3 2.2-1.100L8 14",
  lock: "M6 11h12v9H6z M8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  hide: "M3 12s3.5-6 9-6 9 6 9 6-3.5 6-9 6-9-6-9-6z M9.5 12a2.5 2.5 0 1 0 5 0 2.5 2.5 0 1 0-5 0 M4 20 20 4",
  undo: "M8 5 4 9l4 4 M4 9h10a5.5 5.5 0 0 1 0 11h-4",
  redo: "M16 5l4 4-4 4 M20 9H10a5.5 5.5 0 0 0 0 11h4",
  remove: "M5 7h14 M9.5 7V4.5h5V7 M7 7l1 13h8l1-13 M10.5 10.5v6 M13.5 10.5v6",
  clear: "M4 6h16 M4 12h9 M4 18h9 M16 13l5 5 M21 13l-5 5",
  light: "M12 8a4 4 0 1 0 0 8 4 4 0 1 0 0-8 M12 2.5v2.5 M12 19v2.5 M2.5 12H5 M19 12h2.5 M5.3 5.3 7 7 M17 17l1.7 1.7 M5.3 18.7 7 17 M17 7l1.7-1.7",
  help: "M9 9a3 3 0 1 1 4.5 2.600c-1 .6-1.5 1.2-1.5 2.4 M12 17.5v.2 M12 3a9 9 0 1 0 0 18 9 9 0 1 0 0-18",
  minus: "M6 12h12",
  plus: "M6 12h12 M12 6v12",
  fit: "M4 9V4h5 M15 4h5v5 M20 15v5h-5 M9 20H4v-5",
};

const TOOLS = {
  rectangle: ["Rectangle", "R"],
  template: ["Template box", "T"],
  polygon: ["Polygon", "P"],
  move: ["Move and resize", "M"],
  points: ["Add or remove points", "U"],
  pan: ["Move the picture", "Space"],
};

export const Icon = ({ of }) => html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${ICONS[of]} /></svg>`;

/** After a click by pointer the keys go to the picture again: Space moves it, and does not press the button once more. */
const letGo = (event) => event.detail > 0 && event.currentTarget.blur();

/** A button of the tool bar: an icon with a tooltip that names it and its key. */
function Tool({ icon, name, keys, pressed, disabled, act }) {
  const says = keys ? `${name} (${keys})` : name;
  return html`<button
    type="button"
    class=${`tool${pressed ? " on" : ""}`}
    aria-label=${name}
    aria-keyshortcuts=${keys}
    aria-pressed=${pressed}
    data-tip=${says}
    disabled=${disabled}
    onClick=${(event) => {
      act();
      letGo(event);
    }}
  ><${Icon} of=${icon} /></button>`;
}

/** Brightness and contrast, in a small panel that opens under its button. */
function Light({ light, onLight }) {
  const [open, setOpen] = useState(false);
  const place = useRef(null);
  useEffect(() => {
    if (!open) return undefined;
    const away = (event) => !place.current?.contains(event.target) && setOpen(false);
    document.addEventListener("pointerdown", away, true);
    return () => document.removeEventListener("pointerdown", away, true);
  }, [open]);
  const slider = (name, key) => html`<label class="field"><span>${name} <span class="muted num">${Math.round(light[key] * 100)} %</span></span>
    <input type="range" min="0.3" max="3" step="0.05" value=${light[key]} onInput=${(event) => onLight({ ...light, [key]: Number(event.currentTarget.value) })} /></label>`;
  const changed = light.brightness !== 1 || light.contrast !== 1;
  const shut = (event) => {
    if (event.key !== "Escape" || !open) return;
    event.stopPropagation();
    setOpen(false);
  };
  return html`<span class="light" ref=${place} onKeyDown=${shut}>
    <button type="button" class=${`tool${changed ? " on" : ""}`} aria-label="Brightness and contrast" aria-expanded=${open} data-tip=${open ? undefined : "Brightness and contrast"} onClick=${() => setOpen(!open)}><${Icon} of="light" /></button>
    ${open && html`<span class="light-panel">${slider("Brightness", "brightness")}${slider("Contrast", "contrast")}
      <button type="button" class="button small" disabled=${!changed} onClick=${() => onLight({ brightness: 1, contrast: 1 })}>As it is</button></span>`}
  </span>`;
}

/** The tools of the project's kind, then what is done to shapes, then what is seen. `act` takes a command of shape_keys.js. */
export function ToolBar({ tools, tool, state, readOnly, hidden, light, act, onLight }) {
  const { shapes, selected, past, future } = state;
  const subject = selected.length > 0 ? shapes.filter((shape) => selected.includes(shape.id)) : shapes;
  const locked = subject.length > 0 && subject.every((shape) => shape.locked);
  return html`<div class="detect-tools" role="toolbar" aria-label="Tools">
    <div class="tools">${tools.map((each) => html`<${Tool} key=${each} icon=${each} name=${TOOLS[each][0]} keys=${TOOLS[each][1]} pressed=${tool === each} act=${() => act({ do: "tool", tool: each })} />`)}</div>
    ${!readOnly && html`<div class="tools">
      <${Tool} icon="undo" name="Undo" keys="Control+Z" disabled=${past.length === 0} act=${() => act({ do: "undo" })} />
      <${Tool} icon="redo" name="Redo" keys="Control+Y" disabled=${future.length === 0} act=${() => act({ do: "redo" })} />
      <${Tool} icon="lock" name=${locked ? "Unlock" : "Lock"} keys="L" pressed=${locked} disabled=${shapes.length === 0} act=${() => act({ do: "lock" })} />
      <${Tool} icon="remove" name="Delete the selected" keys="Delete" disabled=${selected.length === 0} act=${() => act({ do: "remove" })} />
      <${Tool} icon="clear" name="Delete all" keys="Shift+Delete" disabled=${shapes.length === 0} act=${() => act({ do: "removeAll" })} />
    </div>`}
    <div class="tools">
      <${Tool} icon="hide" name="Hide the shapes" keys="H" pressed=${hidden} act=${() => act({ do: "hide" })} />
      <${Light} light=${light} onLight=${onLight} />
      <${Tool} icon="help" name="Keys" keys="?" act=${() => act({ do: "help" })} />
    </div>
  </div>`;
}

/** How large the picture is seen, in a corner of it. */
export const Zoom = ({ scale, act }) => html`<div class="detect-zoom" role="group" aria-label="Zoom">
  <button type="button" aria-label="Zoom out" aria-keyshortcuts="-" title="Zoom out (-)" onClick=${() => act({ do: "zoom", factor: 0.8 })}><${Icon} of="minus" /></button>
  <button type="button" class="num" aria-label=${`Whole picture; now at ${Math.round(scale * 100)} percent`} aria-keyshortcuts="0" title="Whole picture (0)" onClick=${() => act({ do: "fit" })}>${Math.round(scale * 100)} %</button>
  <button type="button" aria-label="Zoom in" aria-keyshortcuts="+" title="Zoom in (+)" onClick=${() => act({ do: "zoom", factor: 1.25 })}><${Icon} of="plus" /></button>
</div>`;

const MANY_CLASSES = 12;

/** The classes; one is the label of what is drawn next. With many of them there is a field to look for one. */
export function ClassList({ classes, current, counts, readOnly, onClass }) {
  const [wanted, setWanted] = useState("");
  const fits = (each) => [...each.path, each.name].join(" / ").toLowerCase().includes(wanted.trim().toLowerCase());
  return html`<section class="detect-classes" aria-label="Labels">
    <h3>Labels</h3>
    ${classes.length > MANY_CLASSES && html`<input type="search" placeholder="Find a label" aria-label="Find a label" value=${wanted} onInput=${(event) => setWanted(event.currentTarget.value)} />`}
    ${classes.length === 0 && html`<p class="muted small">This project has no labels yet.</p>`}
    <ul>
      ${classes.map((each, i) => fits(each) && html`<li key=${each.key}>
        <button type="button" class=${`class${current === each.key ? " on" : ""}`} aria-pressed=${current === each.key} disabled=${readOnly} onClick=${(event) => {
          onClass(i);
          letGo(event);
        }}>
          <span class="swatch" style=${{ background: each.color }}></span>
          <span class="grow name">${each.path.length > 0 && html`<span class="muted">${each.path.join(" / ")} / </span>`}${each.name}</span>
          ${counts.get(each.key) && html`<span class="num muted">${counts.get(each.key)}</span>`}
          ${i < 9 && !readOnly && html`<kbd>${i + 1}</kbd>`}
        </button></li>`)}
    </ul>
  </section>`;
}

/** How many proposals nobody has looked at, and what to do with them. */
function Proposals({ count, chosen, act }) {
  const button = (name, keys, asked) => html`<button type="button" class="button small" aria-keyshortcuts=${keys} data-tip=${`${name} (${keys})`} onClick=${(event) => {
    act(asked);
    letGo(event);
  }}>${name}</button>`;
  return html`<div class="proposals small"><span class="grow"><b class="num">${count}</b> proposed by a model</span>
    ${chosen
      ? html`${button("Accept", "A", { do: "accept" })}${button("Drop", "X", { do: "drop" })}`
      : button("Accept all", "Shift+A", { do: "accept", all: true })}
  </div>`;
}

const SOURCES = { import: "imported", prelabel: "model", default: "kept", consensus: "consensus", correction: "corrected", person: "" };

/** Each shape with its class, where it came from and its score; the arrow keys go up and down in it. */
export function ShapeList({ shapes, selected, classes, readOnly, act }) {
  const list = useRef(null);
  const byKey = new Map(classes.map((each) => [each.key, each]));
  const current = shapes.findIndex((shape) => shape.id === selected.at(-1));
  const proposed = shapes.filter((shape) => shape.proposed).length;
  useEffect(() => {
    const option = list.current?.querySelector('[aria-selected="true"]');
    option?.scrollIntoView({ block: "nearest" });
    if (list.current?.contains(document.activeElement)) option?.focus({ preventScroll: true });
  }, [current]);
  const keys = (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    act({ do: "walk", by });
  };
  return html`<section class="detect-shapes" aria-label="Shapes">
    <h3>Shapes <span class="num muted">${shapes.length}</span></h3>
    ${shapes.length === 0 && html`<p class="muted small">${readOnly ? "Nothing is marked." : "Nothing is marked yet: choose a label and drag over the picture."}</p>`}
    ${proposed > 0 && !readOnly && html`<${Proposals} count=${proposed} chosen=${shapes.some((shape) => shape.proposed && selected.includes(shape.id))} act=${act} />`}
    <ul role="listbox" aria-label="Shapes of this picture" aria-multiselectable="true" ref=${list} onKeyDown=${keys}>
      ${shapes.map((shape, i) => {
        const of = byKey.get(shape.class);
        const source = shape.proposed ? "model" : SOURCES[shape.source] ?? shape.source;
        const score = shape.confidence === null || (!shape.proposed && shape.source === "person") ? "" : `${Math.round(shape.confidence * 100)} %`;
        return html`<li
          key=${shape.id}
          role="option"
          aria-selected=${selected.includes(shape.id)}
          tabindex=${i === Math.max(current, 0) ? 0 : -1}
          onClick=${(event) => act({ do: "select", ids: [shape.id], add: event.shiftKey || event.ctrlKey || event.metaKey })}
        >
          <span class=${`swatch${shape.proposed ? " proposed" : ""}`} style=${{ "--swatch": of?.color ?? NO_CLASS_COLOR }}></span>
          <span class="grow name">${of?.name ?? shape.class ?? "no label"} <span class="muted num">${i + 1}</span></span>
          ${shape.locked && html`<span class="muted" title="locked"><${Lock} /><span class="visually-hidden">locked</span></span>`}
          ${source && html`<span class=${`badge${shape.proposed ? " info" : ""}`}>${source}${score && html` <span class="num">${score}</span>`}</span>`}
        </li>`;
      })}
    </ul>
  </section>`;
}

/** The keys, for the dialog. */
export const Keys = ({ kind }) => html`<dl class="detect-keys">${keyList(kind).map(([keys, does]) => html`<dt>${keys.split(/(?<=[^ ]), | \+ (?=arrows|drag)/).map((each) => html`<kbd>${each}</kbd> `)}</dt><dd>${does}</dd>`)}</dl>`;
