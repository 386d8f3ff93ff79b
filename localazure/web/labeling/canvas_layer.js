/**
 * One picture with its shapes, drawn by Annotorious.
 *
 * Owns: Annotorious: its element, store, spatial index and drawing of boxes and polygons; the colours of shapes; making a geometry an annotation.
 * Leaves: what pointers do to canvas_gestures.js, what is under way to canvas_draft.js.
 *
 * Annotorious' own tools and editors stay unused, because they turn boxes, let them leave the picture, refuse small ones, lose a pointer that
 * goes outside, and add no points by touch. Ours are mounted by it as a drawing tool.
 */
import "./canvas_process.js";
import { createImageAnnotator } from "@annotorious/annotorious";
import { Draft, showDraft, TOOL } from "./canvas_draft.js";
import { boundsOf } from "./shape_geometry.js";

/** How Annotorious names the place of a shape. */
export function selectorOf(geometry) {
  const [x, y, w, h] = boundsOf(geometry);
  const bounds = { minX: x, minY: y, maxX: x + w, maxY: y + h };
  if (geometry.box) return { type: "RECTANGLE", geometry: { x, y, w, h, rot: 0, bounds } };
  if (geometry.rings.length === 1) return { type: "POLYGON", geometry: { points: geometry.rings[0], bounds } };
  const polygons = geometry.rings.map((points) => ({ rings: [{ points }], bounds: selectorOf({ rings: [points] }).geometry.bounds }));
  return { type: "MULTIPOLYGON", geometry: { polygons, bounds } };
}

const annotationOf = (id, geometry) => ({ id, bodies: [], target: { annotation: id, created: new Date(0), selector: selectorOf(geometry) } });

/** Gives the element of a shape its colour and its classes, by CSSOM, which a strict policy allows. */
function dress(element, look) {
  element.style.setProperty("--shape", look.color);
  for (const name of ["selected", "proposed", "locked"]) element.classList.toggle(name, Boolean(look[name]));
}

const sameLook = (one, other) => one && ["color", "selected", "proposed", "locked"].every((name) => one[name] === other[name]);

/**
 * Puts a loaded picture into `host`. `looks` of `show` is Map id -> {color (#rrggbb), selected, proposed, locked}.
 */
export function createLayer(host, picture) {
  host.append(picture);
  const annotator = createImageAnnotator(picture, { drawingEnabled: true });
  const { store } = annotator.state;
  const overlay = annotator.element.querySelector("svg");
  overlay.removeAttribute("tabindex"); // the window around it has the focus, the list of shapes is for readers of the screen
  overlay.removeAttribute("role");
  overlay.setAttribute("aria-hidden", "true");
  annotator.registerDrawingTool(TOOL, Draft);
  annotator.setDrawingTool(TOOL);

  let drawn = new Map();
  let worn = new Map();
  // Annotorious makes the element of a shape anew after each change of it: what is made is dressed before it is painted.
  const made = new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) {
        const look = node.dataset && worn.get(node.dataset.id);
        if (look) dress(node, look);
      }
    }
  });
  made.observe(overlay, { childList: true, subtree: true });

  return {
    /** Map id -> geometry: what is not in it goes, what is new or another object is drawn. */
    show(geometries, looks) {
      const gone = [...drawn.keys()].filter((id) => !geometries.has(id));
      const added = [];
      const changed = [];
      for (const [id, geometry] of geometries) {
        if (drawn.get(id) === geometry) continue;
        (drawn.has(id) ? changed : added).push(annotationOf(id, geometry));
      }
      if (gone.length > 0) store.bulkDeleteAnnotations(gone, "REMOTE");
      if (added.length > 0) store.bulkAddAnnotations(added, false, "REMOTE");
      if (changed.length > 0) store.bulkUpdateAnnotations(changed, "REMOTE");
      drawn = new Map(geometries);
      if (looks === worn) return;
      const before = worn;
      worn = looks;
      for (const element of overlay.querySelectorAll("[data-id]")) {
        const look = looks.get(element.dataset.id);
        if (look && !sameLook(before.get(element.dataset.id), look)) dress(element, look);
      }
    },

    /** What is being drawn, and the handles to pull: see canvas_draft.js. */
    draft: (content) => showDraft(overlay, content),

    /** The smallest shape at a point of the picture, within `reach` pixels of it. */
    hit: (point, reach) => store.getAt(point[0], point[1], undefined, reach)?.id ?? null,

    setVisible: (visible) => annotator.element.classList.toggle("shapes-hidden", !visible),

    destroy() {
      made.disconnect();
      annotator.destroy();
      picture.remove();
    },
  };
}
