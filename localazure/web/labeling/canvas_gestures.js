/**
 * From pointers to shapes.
 *
 * Owns: what pressing, moving and releasing a pointer means with each tool, as a pure machine.
 * Leaves: events, panning and pinching to canvas_stage.js, drawing what is under way to canvas_draft.js, undo to shape_state.js.
 *
 * press, drag, release, cancel and close take the gesture under way (IDLE when none is) and give {gesture, effects}. An effect is one of
 *   {do: "select", ids, add}   {do: "draw", geometry}   {do: "change", changes: Map id -> geometry, what}   {do: "say", text}
 * Points are in pixels of the picture. The setting is {tool, size, scale (screen pixels for one of the picture), shapes (Map id ->
 * {geometry, locked}), selected (Set of ids), template [w, h], readOnly, coarse (a finger), hit(point) -> id or null}.
 */
import { boxAround, boxBetween, handlePoints, moved, nearestCorner, nearestEdge, pullHandle, sharedShift, tidyRing, withCorner, withNewCorner, withoutCorner } from "./shape_geometry.js";

export const IDLE = Object.freeze({ kind: "idle" });

const DRAG_PX = 4;
const REACH_PX = 8;
const FINGER_PX = 20;

const nothing = (gesture = IDLE) => ({ gesture, effects: [] });
const reach = (setting) => (setting.coarse ? FINGER_PX : REACH_PX) / setting.scale;
const apart = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
const isClick = (gesture, point, setting) => apart(gesture.from, point) * setting.scale < (setting.coarse ? 2 * DRAG_PX : DRAG_PX);
const select = (ids, add = false) => ({ do: "select", ids, add });

/** The only selected shape that may be changed, as [id, shape]; null otherwise. */
export function soleEditable({ selected, shapes, readOnly }) {
  if (readOnly || selected.size !== 1) return null;
  const [id] = selected;
  const shape = shapes.get(id);
  return shape && !shape.locked ? [id, shape] : null;
}

function handleAt(point, setting) {
  const sole = soleEditable(setting);
  if (!sole || !sole[1].geometry.box) return null;
  const [id, { geometry }] = sole;
  let best = null;
  for (const [name, at] of Object.entries(handlePoints(geometry.box))) {
    const away = apart(at, point);
    const favour = name.length === 2 ? 0.999 : 1; // corners win over sides in a box too small for both
    if (away <= reach(setting) && (best === null || away * favour < best.away)) best = { id, handle: name, away: away * favour };
  }
  return best;
}

function cornerAt(point, setting) {
  const sole = soleEditable(setting);
  if (!sole || !sole[1].geometry.rings) return null;
  const [id, { geometry }] = sole;
  const corner = nearestCorner(geometry.rings, point, reach(setting));
  if (corner) return { id, corner, rings: geometry.rings, added: false };
  const edge = nearestEdge(geometry.rings, point, reach(setting));
  if (!edge) return null;
  return { id, corner: { ring: edge.ring, index: edge.index + 1 }, rings: withNewCorner(geometry.rings, edge), added: true };
}

function pressMove(point, setting, add) {
  const handle = handleAt(point, setting);
  if (handle) {
    const original = setting.shapes.get(handle.id).geometry;
    return nothing({ kind: "resize", id: handle.id, handle: handle.handle, from: point, original, geometry: original });
  }
  const id = setting.hit(point);
  if (id === null) return nothing({ kind: "pan", from: point, clears: true });
  if (add) return nothing({ kind: "click", from: point, id, add });
  const effects = setting.selected.has(id) ? [] : [select([id])];
  const ids = (setting.selected.has(id) ? [...setting.selected] : [id]).filter((each) => !setting.shapes.get(each)?.locked);
  if (setting.readOnly || setting.shapes.get(id).locked || ids.length === 0) return { gesture: { kind: "pan", from: point, clears: false }, effects };
  return { gesture: { kind: "move", ids, pressed: id, from: point, by: [0, 0] }, effects };
}

function pressPoints(point, setting, add) {
  const corner = cornerAt(point, setting);
  if (corner) return nothing({ kind: "corner", ...corner, from: point, changed: corner.added });
  const id = setting.hit(point);
  return nothing(id === null ? { kind: "pan", from: point, clears: true } : { kind: "click", from: point, id, add });
}

/** A pointer goes down. */
export function press(gesture, point, setting, { add = false } = {}) {
  if (gesture.kind === "polygon") return nothing({ ...gesture, cursor: point, from: point, pressed: true });
  if (setting.tool === "pan") return nothing({ kind: "pan", from: point, clears: false });
  if (setting.readOnly || setting.tool === "move") return pressMove(point, setting, add);
  if (setting.tool === "points") return pressPoints(point, setting, add);
  if (setting.tool === "rectangle") return nothing({ kind: "box", from: point, to: point, add });
  if (setting.tool === "template") return nothing({ kind: "template", at: point });
  if (setting.tool === "polygon") return nothing({ kind: "polygon", points: [], cursor: point, from: point, pressed: true });
  return nothing();
}

/** The pointer goes somewhere, pressed or (for polygons and templates) not. */
export function drag(gesture, point, setting) {
  switch (gesture.kind) {
    case "box":
      return nothing({ ...gesture, to: point });
    case "template":
      return nothing({ ...gesture, at: point });
    case "polygon":
      return nothing({ ...gesture, cursor: point });
    case "move": {
      if (!gesture.moving && isClick(gesture, point, setting)) return nothing(gesture);
      return nothing({ ...gesture, moving: true, by: [point[0] - gesture.from[0], point[1] - gesture.from[1]] });
    }
    case "resize":
      if (!gesture.moving && isClick(gesture, point, setting)) return nothing(gesture);
      return nothing({ ...gesture, moving: true, geometry: { box: pullHandle(gesture.original.box, gesture.handle, point, setting.size) } });
    case "corner":
      if (!gesture.moving && isClick(gesture, point, setting)) return nothing(gesture);
      return nothing({ ...gesture, moving: true, changed: true, rings: withCorner(gesture.rings, gesture.corner, point, setting.size) });
    default:
      return nothing(gesture);
  }
}

/** What the shapes look like while a gesture is under way: Map id -> geometry. */
export function underWay(gesture, setting) {
  if (gesture.kind === "resize") return new Map([[gesture.id, gesture.geometry]]);
  if (gesture.kind === "corner") return gesture.changed ? new Map([[gesture.id, { rings: gesture.rings }]]) : new Map();
  if (gesture.kind !== "move" || !gesture.moving) return new Map();
  const there = gesture.ids.filter((id) => setting.shapes.has(id));
  const geometries = there.map((id) => setting.shapes.get(id).geometry);
  const by = sharedShift(geometries, ...gesture.by, setting.size);
  return new Map(there.map((id, i) => [id, moved(geometries[i], ...by, setting.size)]));
}

/** The box a gesture is drawing, or null. */
export function draftBox(gesture, setting) {
  if (gesture.kind === "box") return boxBetween(gesture.from, gesture.to, setting.size);
  if (gesture.kind === "template") return boxAround(gesture.at, setting.template, setting.size);
  return null;
}

/** Whether a press here would close the polygon under way. */
export const wouldClose = (gesture, point, setting) => gesture.kind === "polygon" && gesture.points.length >= 3 && apart(gesture.points[0], point) <= reach(setting) * 1.25;

/** Closes the polygon under way; with fewer than three points that enclose something nothing is drawn. */
export function close(gesture, setting) {
  if (gesture.kind !== "polygon") return nothing(gesture);
  const ring = tidyRing(gesture.points, setting.size, 0.5 / setting.scale);
  if (ring) return { gesture: IDLE, effects: [{ do: "draw", geometry: { rings: [ring] } }] };
  return { gesture, effects: [{ do: "say", text: "A polygon needs at least three points" }] };
}

function releasePolygon(gesture, point, setting) {
  if (!gesture.pressed) return nothing(gesture);
  const last = gesture.points.at(-1);
  const again = last && apart(last, point) * setting.scale < DRAG_PX; // the second press of a double click
  if (wouldClose(gesture, point, setting) || (again && gesture.points.length >= 3)) return close(gesture, setting);
  if (again) return nothing({ ...gesture, pressed: false, cursor: point });
  const [width, height] = setting.size;
  const inside = [Math.min(Math.max(point[0], 0), width), Math.min(Math.max(point[1], 0), height)];
  return nothing({ ...gesture, points: [...gesture.points, inside], pressed: false, cursor: point });
}

function releaseCorner(gesture, setting) {
  if (gesture.moving || gesture.added) {
    const whole = gesture.rings.every((ring) => tidyRing(ring, setting.size));
    if (!whole) return { gesture: IDLE, effects: [{ do: "say", text: "That would leave nothing of the polygon" }] };
    return { gesture: IDLE, effects: [{ do: "change", changes: new Map([[gesture.id, { rings: gesture.rings }]]), what: gesture.added ? "point added" : "point moved" }] };
  }
  const rings = withoutCorner(gesture.rings, gesture.corner);
  if (!rings) return { gesture: IDLE, effects: [{ do: "say", text: "A polygon needs at least three points" }] };
  return { gesture: IDLE, effects: [{ do: "change", changes: new Map([[gesture.id, { rings }]]), what: "point removed" }] };
}

/** The pointer goes up. */
export function release(before, point, setting) {
  const { gesture } = before.kind === "pan" ? nothing(before) : drag(before, point, setting);
  switch (gesture.kind) {
    case "polygon":
      return releasePolygon(gesture, point, setting);
    case "box": {
      if (isClick(gesture, point, setting)) {
        const id = setting.hit(point);
        return { gesture: IDLE, effects: [select(id === null ? [] : [id], gesture.add)] };
      }
      const box = draftBox(gesture, setting);
      return { gesture: IDLE, effects: box ? [{ do: "draw", geometry: { box } }] : [] };
    }
    case "template":
      return { gesture: IDLE, effects: [{ do: "draw", geometry: { box: draftBox(gesture, setting) } }] };
    case "move": {
      if (gesture.moving) return { gesture: IDLE, effects: [{ do: "change", changes: underWay(gesture, setting), what: "moved" }] };
      return { gesture: IDLE, effects: [select([gesture.pressed])] };
    }
    case "resize":
      return { gesture: IDLE, effects: gesture.moving ? [{ do: "change", changes: underWay(gesture, setting), what: "resized" }] : [] };
    case "corner":
      return releaseCorner(gesture, setting);
    case "click":
      return { gesture: IDLE, effects: [select([gesture.id], gesture.add)] };
    case "pan":
      return { gesture: IDLE, effects: gesture.clears && isClick(gesture, point, setting) ? [select([])] : [] };
    default:
      return nothing();
  }
}

/** Esc, a second finger, a lost pointer: what was under way never was. */
export const cancel = () => nothing();

/** Takes back the last point of a polygon; without points there is no polygon. */
export function unpoint(gesture) {
  if (gesture.kind !== "polygon") return nothing(gesture);
  return nothing(gesture.points.length > 1 ? { ...gesture, points: gesture.points.slice(0, -1) } : IDLE);
}

/** The mouse pointer to show over a point, as CSS names it. */
export function cursorAt(gesture, point, setting) {
  if (gesture.kind === "pan") return "grabbing";
  if (gesture.kind === "move") return "move";
  if (setting.tool === "pan") return "grab";
  if (!setting.readOnly && setting.tool === "points") {
    const corner = cornerAt(point, setting);
    if (corner) return corner.added ? "copy" : "pointer";
    return setting.hit(point) === null ? "default" : "pointer";
  }
  if (!setting.readOnly && setting.tool !== "move") return "crosshair";
  const handle = gesture.kind === "resize" ? gesture : handleAt(point, setting);
  if (handle) return `${handle.handle}-resize`;
  const id = setting.hit(point);
  if (id === null) return "default";
  return setting.readOnly || setting.shapes.get(id)?.locked ? "pointer" : "move";
}
