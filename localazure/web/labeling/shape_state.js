/**
 * The shapes of one picture, and what was done to them.
 *
 * Owns: the list of shapes, the selection, undo and redo, locks, the size of the next template box; as a reducer without a browser.
 * Leaves: pointers to canvas_gestures.js, keys to shape_keys.js, pages to detect.js.
 *
 * A shape is {id, class (key or null), bbox | segmentation (fractions), confidence, source, locked, proposed}. `proposed` means that a model
 * drew it and nobody has touched or accepted it yet. Shapes are never changed, only replaced.
 */
import { boundsOf, grown, moved, sharedShift, tidyAs, toFractions, toPixels } from "./shape_geometry.js";

const MOST_STEPS = 200;
const TEMPLATE_PX = 50;

/** A state without shapes; `of` says which picture's they are. The template box is 50 x 50 pixels of the picture until a box was drawn. */
export const EMPTY = Object.freeze({ of: null, shapes: [], selected: [], past: [], future: [], template: [TEMPLATE_PX, TEMPLATE_PX], next: 1, note: "", merging: null });

/**
 * The shapes out of labels of the wire, in a project of "box" or "polygon"; `proposed` says what all of them are, a label's own `proposed` what it is. What cannot be drawn (no
 * size, outside of the picture) stays out.
 */
export function shapesOf(labels, proposed, kind) {
  return labels.flatMap((label, i) => {
    const geometry = tidyAs(kind, label);
    if (!geometry) return [];
    const open = proposed || label.proposed === true;
    const confidence = Number.isFinite(label.confidence) ? label.confidence : null;
    return [{ id: `s${i + 1}`, class: label.class ?? null, ...geometry, confidence, source: label.source ?? (open ? "prelabel" : "person"), locked: false, proposed: open }];
  });
}

/**
 * The labels to send: class (null for one that is not in `known`, so that a person is asked for another) and geometry. What nobody has
 * accepted yet says so, for when the person comes back to it.
 */
export const labelsOf = (shapes, known = null) =>
  shapes.map((shape) => ({
    class: known === null || known.has(shape.class) ? shape.class : null,
    ...place(shape),
    ...(shape.proposed ? { proposed: true, confidence: shape.confidence, source: shape.source } : {}),
  }));

/** Whether two lists of labels say the same of the same places. */
export const samePlaces = (some, others) => {
  const told = (labels) => JSON.stringify(labels.map((label) => [label.class, label.bbox ?? null, label.segmentation ?? null]));
  return told(some) === told(others);
};

const counted = (count, word = "shape") => `${count} ${word}${count === 1 ? "" : word.endsWith("x") ? "es" : "s"}`;
const noun = (shapes) => (shapes.every((shape) => shape.bbox) ? "box" : shapes.every((shape) => shape.segmentation) ? "polygon" : "shape");

function step(state, shapes, { note, selected = state.selected, merging = null, ...rest }) {
  const ids = new Set(shapes.map((shape) => shape.id));
  const merged = merging !== null && merging === state.merging;
  const past = merged ? state.past : [...state.past, state.shapes].slice(-MOST_STEPS);
  return { ...state, ...rest, shapes, past, future: [], merging, note, selected: selected.filter((id) => ids.has(id)) };
}

const said = (state, note) => ({ ...state, note, merging: null });

/** What a person did to a proposal makes it theirs. */
const touched = (shape, changes) => ({ ...shape, ...changes, proposed: false, source: "person", confidence: null });

function targets(state, ids) {
  const wanted = new Set(ids ?? state.selected);
  const chosen = state.shapes.filter((shape) => wanted.has(shape.id));
  return { chosen, free: chosen.filter((shape) => !shape.locked) };
}

function each(state, ids, change, note, extra = {}) {
  const { chosen, free } = targets(state, ids);
  if (chosen.length === 0) return said(state, "Nothing is selected");
  if (free.length === 0) return said(state, "Locked; press L to unlock");
  const changed = new Map();
  for (const shape of free) {
    const next = change(shape);
    if (next && next !== shape) changed.set(shape.id, next);
  }
  if (changed.size === 0) return said(state, "Nothing changed");
  return step(state, state.shapes.map((shape) => changed.get(shape.id) ?? shape), { note: note([...changed.values()]), ...extra });
}

function remove(state, ids, verb) {
  const { chosen, free } = targets(state, ids);
  if (chosen.length === 0) return said(state, "Nothing is selected");
  if (free.length === 0) return said(state, "Locked; press L to unlock");
  const gone = new Set(free.map((shape) => shape.id));
  return step(state, state.shapes.filter((shape) => !gone.has(shape.id)), { note: `${counted(free.length, noun(free))} ${verb}; Ctrl+Z brings ${free.length === 1 ? "it" : "them"} back` });
}

function nextProposal(shapes, from) {
  const at = Math.max(shapes.findIndex((shape) => shape.id === from), 0);
  const order = [...shapes.slice(at), ...shapes.slice(0, at)];
  return order.find((shape) => shape.proposed && shape.id !== from)?.id ?? null;
}

const sizeOf = (shape, size) => (shape.bbox ? boundsOf(toPixels(shape, size)).slice(2).map((length) => Math.max(length, 1)) : null);

const place = (shape) => (shape.segmentation ? { segmentation: shape.segmentation } : { bbox: shape.bbox });
const samePlace = (shape, geometry) => JSON.stringify(geometry) === JSON.stringify(place(shape));

function reshape(state, size, change, merging) {
  const reshaped = (shape) => {
    const geometry = toFractions(change(toPixels(shape, size)), size);
    return geometry && !samePlace(shape, geometry) ? touched(shape, geometry) : null;
  };
  return each(state, undefined, reshaped, placed(size), { merging });
}

const pixels = (shape, size) => boundsOf(toPixels(shape, size)).map((value) => Math.round(value));
const placed = (size) => (shapes) => {
  if (shapes.length > 1) return `${counted(shapes.length, noun(shapes))} moved`;
  const [x, y, w, h] = pixels(shapes[0], size);
  return `left ${x}, top ${y}, ${w} by ${h} pixels`;
};

const RULES = {
  /** Another picture: its shapes, nothing to undo. The template's size stays. */
  load: (state, { shapes, of = null }) => ({ ...EMPTY, of, template: state.template, shapes }),

  /** A new shape; with `chosen` it is selected, else nothing is. */
  add(state, { geometry, of, size, chosen = false }) {
    const there = toFractions(geometry, size);
    if (!there) return said(state, "Too small to be a shape");
    const shape = { id: `n${state.next}`, class: of, ...there, confidence: null, source: "person", locked: false, proposed: false };
    const template = sizeOf(shape, size) ?? state.template;
    return step(state, [...state.shapes, shape], { note: `${noun([shape])} drawn, ${placed(size)([shape])}`, selected: chosen ? [shape.id] : [], template, next: state.next + 1 });
  },

  change(state, { changes, what, size }) {
    const next = each(state, [...changes.keys()], (shape) => {
      const geometry = toFractions(changes.get(shape.id), size);
      return geometry && touched(shape, geometry);
    }, (shapes) => `${what}: ${placed(size)(shapes)}`);
    const only = changes.size === 1 && what === "resized" ? next.shapes.find((shape) => changes.has(shape.id)) : null;
    return only ? { ...next, template: sizeOf(only, size) ?? next.template } : next;
  },

  relabel: (state, { to, ids, name }) => each(state, ids, (shape) => (shape.class === to ? null : touched(shape, { class: to })), (shapes) => `${counted(shapes.length, noun(shapes))} now ${name}`),

  remove: (state, { ids }) => remove(state, ids, "deleted"),

  removeAll: (state) => (state.shapes.length === 0 ? said(state, "There is nothing to delete") : remove(state, state.shapes.map((shape) => shape.id), "deleted")),

  /** Locks what is selected, or all; unlocks when all of it is locked already. */
  lock(state) {
    const { chosen } = targets(state, state.selected.length > 0 ? undefined : state.shapes.map((shape) => shape.id));
    if (chosen.length === 0) return said(state, "There is nothing to lock");
    const locked = !chosen.every((shape) => shape.locked);
    const ids = new Set(chosen.map((shape) => shape.id));
    return { ...state, merging: null, shapes: state.shapes.map((shape) => (ids.has(shape.id) ? { ...shape, locked } : shape)), note: `${counted(chosen.length, noun(chosen))} ${locked ? "locked" : "unlocked"}` };
  },

  /** Accepts the selected proposals, or with `all` each of them, and goes on to the next. */
  accept(state, { all = false }) {
    const ids = (all ? state.shapes : targets(state).chosen).filter((shape) => shape.proposed).map((shape) => shape.id);
    if (ids.length === 0) {
      const next = nextProposal(state.shapes, null);
      return next ? { ...said(state, "Choose a proposal first; the first one is selected now"), selected: [next] } : said(state, "No proposals are left");
    }
    const wanted = new Set(ids);
    const shapes = state.shapes.map((shape) => (wanted.has(shape.id) ? { ...shape, proposed: false, source: "person", confidence: null } : shape));
    const next = nextProposal(shapes, ids.at(-1));
    return step(state, shapes, { note: `${counted(ids.length, "proposal")} accepted`, selected: next ? [next] : [] });
  },

  /** Drops the selected proposals and goes on to the next. */
  drop(state) {
    const ids = targets(state).chosen.filter((shape) => shape.proposed).map((shape) => shape.id);
    if (ids.length === 0) return said(state, "No proposal is selected");
    const next = nextProposal(state.shapes, ids.at(-1));
    const after = remove(state, ids, "dropped");
    return next && !ids.includes(next) ? { ...after, selected: [next] } : after;
  },

  select(state, { ids, add = false }) {
    const known = new Set(state.shapes.map((shape) => shape.id));
    const wanted = ids.filter((id) => known.has(id));
    if (!add) return { ...state, selected: wanted, merging: null };
    const had = new Set(state.selected);
    for (const id of wanted) if (!had.delete(id)) had.add(id);
    return { ...state, selected: [...had], merging: null };
  },

  selectAll: (state) => ({ ...said(state, `${counted(state.shapes.length, noun(state.shapes))} selected`), selected: state.shapes.map((shape) => shape.id) }),

  /** The next (by = 1) or previous (-1) shape in the list. */
  walk(state, { by }) {
    if (state.shapes.length === 0) return said(state, "There are no shapes");
    const at = state.shapes.findIndex((shape) => shape.id === state.selected.at(-1));
    const to = at < 0 ? (by > 0 ? 0 : state.shapes.length - 1) : (at + by + state.shapes.length) % state.shapes.length;
    return { ...state, merging: null, selected: [state.shapes[to].id] };
  },

  nudge(state, { dx, dy, size }) {
    const geometries = targets(state).free.map((shape) => toPixels(shape, size));
    const by = geometries.length > 0 ? sharedShift(geometries, dx, dy, size) : [0, 0];
    return reshape(state, size, (geometry) => moved(geometry, ...by, size), `nudge ${state.selected.join()}`);
  },

  grow(state, { dw, dh, size }) {
    const next = reshape(state, size, (geometry) => (geometry.box ? { box: grown(geometry.box, dw, dh, size) } : geometry), `grow ${state.selected.join()}`);
    const only = next.selected.length === 1 && next.shapes !== state.shapes ? next.shapes.find((shape) => shape.id === next.selected[0]) : null;
    return only ? { ...next, template: sizeOf(only, size) ?? next.template } : next;
  },

  undo(state) {
    if (state.past.length === 0) return said(state, "There is nothing to undo");
    return back(state, state.past.at(-1), state.past.slice(0, -1), [...state.future, state.shapes], "Undone");
  },

  redo(state) {
    if (state.future.length === 0) return said(state, "There is nothing to redo");
    return back(state, state.future.at(-1), [...state.past, state.shapes], state.future.slice(0, -1), "Done again");
  },
};

function back(state, shapes, past, future, verb) {
  const ids = new Set(shapes.map((shape) => shape.id));
  const note = `${verb}; ${counted(shapes.length, noun(shapes))}`;
  return { ...state, shapes, past, future, note, merging: null, selected: state.selected.filter((id) => ids.has(id)) };
}

/** The state after an action {do: name of a rule, ...what it needs}. */
export function reduce(state, action) {
  const rule = Object.hasOwn(RULES, action.do) ? RULES[action.do] : null;
  if (!rule) throw new TypeError(`shape_state knows no action ${action.do}`);
  return rule(state, action);
}
