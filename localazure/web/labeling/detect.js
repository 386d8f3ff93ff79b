/**
 * The body of the label page for boxes and polygons.
 *
 * Owns: tools, keys, classes and the list of shapes around the canvas; giving the answer of one picture to the label page.
 * Leaves: tasks, submitting, skipping and offline to label_page.js; what an action does to shapes to shape_state.js.
 *
 * Props: project, task, answer ({state, labels} or null: none yet), onAnswer(answer) after each change, readOnly, say(text, kind).
 */
import { html } from "htm/preact";
import { useCallback, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import { Canvas } from "./canvas.js";
import { classList } from "./class_colours.js";
import { ClassList, Keys, ShapeList, ToolBar, Zoom } from "./detect_parts.js";
import { Dialog } from "./dialog.js";
import { command, isTyping, repeats, toolsFor } from "./shape_keys.js";
import { EMPTY, labelsOf, reduce, samePlaces, shapesOf } from "./shape_state.js";
import { boxAround, toPixels } from "./shape_geometry.js";

const PAN_PX = 60;

/** Whether the people of a project draw boxes or polygons. */
export const kindOf = (project) => (project.task === "instance-segmentation" ? "polygon" : "box");

/** What keeps an answer from being submitted, to follow "This picture ..."; null when nothing does. */
export function untagged(answer) {
  if (answer?.unfinished) return "has a polygon that is not closed: Enter closes it, Esc drops it";
  const bare = (answer?.labels ?? []).filter((label) => !label.class).length;
  if (bare === 0) return null;
  return bare === 1 ? "has a shape without a label of this project" : `has ${bare} shapes without a label of this project`;
}

/** The shapes to begin with: the answer so far, else the labels of the task, else what a model proposes. */
function firstShapes(task, answer, kind) {
  if (answer?.labels?.length || answer?.state === "labeled") return shapesOf(answer.labels ?? [], answer.proposed ?? false, kind);
  if (task.labels?.length) return shapesOf(task.labels, false, kind);
  return shapesOf(task.prelabels ?? [], true, kind);
}

/** Which piece of work a task is: the same picture under another lease begins anew. */
const workOf = (task) => `${task.id} ${task.lease?.token ?? ""}`;
const NO_SHAPES = [];

/** See the head of this module. */
export default function Detect({ project, task, answer = null, onAnswer, readOnly = false, say }) {
  const kind = kindOf(project);
  const classes = useMemo(() => classList(project.categories), [project.categories]);
  const of = workOf(task);
  const begin = () => ({ do: "load", of, shapes: firstShapes(task, answer, kind) });
  const [state, dispatch] = useReducer(reduce, null, () => reduce(EMPTY, begin()));
  const there = state.of === of; // not yet right after another task came
  const tools = toolsFor(kind, readOnly);
  const [chosenTool, setTool] = useState(tools[0]);
  const tool = tools.includes(chosenTool) ? chosenTool : tools[0];
  const [currentClass, setCurrentClass] = useState(classes[0]?.key ?? null);
  const [hidden, setHidden] = useState(false);
  const [light, setLight] = useState({ brightness: 1, contrast: 1 });
  const [zoom, setZoom] = useState(1);
  const [size, setSize] = useState(null);
  const [drafting, setDrafting] = useState("");
  const [help, setHelp] = useState(false);
  const [said, setSaid] = useState("");
  const controls = useRef(null);

  useLayoutEffect(() => {
    if (there) return;
    setHidden(false);
    dispatch(begin());
  }, [of]);

  useEffect(() => {
    if (currentClass === null || !classes.some((each) => each.key === currentClass)) setCurrentClass(classes[0]?.key ?? null);
  }, [classes]);

  // The label page hears of each change, and of the shapes to begin with unless it has the very same: submitting accepts proposals.
  const told = useRef({});
  useLayoutEffect(() => {
    if (readOnly || !there) return;
    const before = told.current;
    const unfinished = drafting === "polygon";
    told.current = { of, shapes: state.shapes, unfinished };
    const labels = labelsOf(state.shapes, new Set(classes.map((each) => each.key)));
    if (before.of === of ? before.shapes === state.shapes && before.unfinished === unfinished : samePlaces(answer?.labels ?? [], labels)) return;
    onAnswer?.(unfinished ? { state: "labeled", labels, unfinished } : { state: "labeled", labels });
  }, [state.shapes, drafting, of]);

  useEffect(() => setSaid(state.note), [state.note, state.shapes]);
  useEffect(() => {
    const [id] = state.selected;
    if (state.selected.length !== 1) return;
    const at = state.shapes.findIndex((shape) => shape.id === id);
    const name = classes.find((each) => each.key === state.shapes[at]?.class)?.name ?? "no label";
    setSaid(`${kind} ${at + 1} of ${state.shapes.length}, ${name}${state.shapes[at]?.proposed ? ", proposed" : ""}, selected`);
  }, [state.selected.join()]);

  const chooseClass = (index) => {
    const to = classes[index];
    if (!to) return;
    setCurrentClass(to.key);
    if (state.selected.length > 0) dispatch({ do: "relabel", to: to.key, name: to.name });
    else setSaid(`Label ${to.name}`);
  };

  const reveal = (id) => {
    const shape = size && state.shapes.find((each) => each.id === id);
    if (shape) controls.current?.reveal(toPixels(shape, size));
  };

  /** Does what a key or a button asks for. */
  const act = (asked) => {
    const view = controls.current;
    switch (asked.do) {
      case "tool":
        setTool(asked.tool);
        break;
      case "class":
        chooseClass(asked.index);
        break;
      case "cancel":
        if (!view?.cancel()) dispatch({ do: "select", ids: [] });
        break;
      case "close":
        view?.close();
        break;
      case "unpoint":
        view?.unpoint();
        break;
      case "hide":
        setHidden(!hidden);
        setSaid(hidden ? "Shapes are shown" : "Shapes are hidden");
        break;
      case "help":
        setHelp(!help);
        break;
      case "zoom":
        view?.zoom(asked.factor);
        break;
      case "fit":
        view?.fit();
        break;
      case "nudge":
        if (state.selected.length === 0) view?.pan(-asked.by[0] * PAN_PX, -asked.by[1] * PAN_PX);
        else if (size) dispatch({ do: "nudge", dx: asked.by[0], dy: asked.by[1], size });
        break;
      case "grow":
        if (size) dispatch({ do: "grow", dw: asked.by[0], dh: asked.by[1], size });
        break;
      case "place":
        if (size) dispatch({ do: "add", geometry: { box: boxAround(view.middle(), state.template, size) }, of: currentClass, size, chosen: true });
        break;
      case "wait":
        onSay("Something is being drawn: finish it first, or drop it with Esc");
        break;
      default:
        dispatch(asked);
    }
  };

  const acting = useRef(null);
  acting.current = { act, kind, readOnly, drafting, help }; // as this render has it: a key may come before its effects
  useEffect(() => {
    const pressed = (event) => {
      if (event.defaultPrevented || acting.current.help || isTyping(event.target, event.key)) return;
      if (event.key === "Escape" && event.target.closest?.(".light")) return; // closes that panel
      const inList = event.target.closest?.('[role="listbox"]');
      const arrow = event.key === "ArrowUp" || event.key === "ArrowDown";
      if (inList && arrow && !event.ctrlKey && !event.metaKey) return; // there they go from shape to shape
      const asked = command(event, acting.current);
      if (!asked) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      acting.current.act(asked);
    };
    window.addEventListener("keydown", pressed, true);
    return () => window.removeEventListener("keydown", pressed, true);
  }, []);

  useEffect(() => {
    if (state.selected.length === 1) reveal(state.selected[0]);
  }, [state.selected.join()]);

  const onShapes = useCallback((action) => dispatch({ ...action, size }), [size]);
  const onSelect = useCallback((ids, add) => dispatch({ do: "select", ids, add }), []);
  const onSay = useCallback((text) => {
    setSaid(text);
    say?.(text, "info");
  }, [say]);
  const counts = useMemo(() => {
    const found = new Map();
    for (const shape of state.shapes) found.set(shape.class, (found.get(shape.class) ?? 0) + 1);
    return found;
  }, [state.shapes]);

  return html`<div class=${`detect${readOnly ? " read-only" : ""}`}>
    <${ToolBar} tools=${tools} tool=${tool} state=${state} readOnly=${readOnly} hidden=${hidden} light=${light} act=${act} onLight=${setLight} />
    <${Canvas}
      image=${task.image}
      shapes=${there ? state.shapes : NO_SHAPES}
      selected=${there ? state.selected : NO_SHAPES}
      classes=${classes}
      kind=${kind}
      selectedClass=${currentClass}
      tool=${tool}
      template=${state.template}
      readOnly=${readOnly}
      hidden=${hidden}
      brightness=${light.brightness}
      contrast=${light.contrast}
      label=${`Picture ${task.name}. ${state.shapes.length} shapes. Press ? for the keys.`}
      controls=${controls}
      onShapes=${onShapes}
      onSelect=${onSelect}
      onPicture=${setSize}
      onDrafting=${setDrafting}
      onSay=${onSay}
      onZoom=${setZoom}
    />
    <${Zoom} scale=${zoom} act=${act} />
    <div class="detect-side">
      <${ClassList} classes=${classes} current=${currentClass} counts=${counts} readOnly=${readOnly} onClass=${chooseClass} />
      <${ShapeList} shapes=${state.shapes} selected=${state.selected} classes=${classes} readOnly=${readOnly} act=${act} />
    </div>
    <p class="visually-hidden" role="status" aria-live="polite">${said}</p>
    ${help && html`<${Dialog} title="Keys" onClose=${() => setHelp(false)}><${Keys} kind=${kind} /></${Dialog}>`}
  </div>`;
}
