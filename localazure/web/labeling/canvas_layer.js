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

function rule(id, { color, selected, proposed, locked }) {
  const at = `.canvas-stage .a9s-annotationlayer [data-id="${id}"]`;
  const inner = [
    `stroke:${color}`,
    `stroke-width:${selected ? 3 : 2}px`,
    `fill:${color}`,
    `fill-opacity:${selected ? 0.28 : proposed ? 0.06 : 0.12}`,
    proposed ? "stroke-dasharray:7 5" : locked ? "stroke-dasharray:2 3" : "",
  ];
  const outer = selected
    ? "stroke:#fff;stroke-width:6px;stroke-opacity:.95"
    : proposed
      ? "stroke:#fff;stroke-width:2px;stroke-opacity:.85" // white between the dashes, so that they are seen on any ground
      : "stroke:#000;stroke-opacity:.45;stroke-width:4px";
  return `${at} .a9s-inner{${inner.filter(Boolean).join(";")}}${at} .a9s-outer{${outer}}`;
}

/**
 * Puts a loaded picture into `host`. `looks` of `show` is Map id -> {color (#rrggbb), selected, proposed, locked}; ids are letters and digits.
 */
export function createLayer(host, picture) {
  host.append(picture);
  const annotator = createImageAnnotator(picture, { drawingEnabled: true });
  const { store } = annotator.state;
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const overlay = annotator.element.querySelector("svg");
  overlay.removeAttribute("tabindex"); // the window around it has the focus, the list of shapes is for readers of the screen
  overlay.removeAttribute("role");
  overlay.setAttribute("aria-hidden", "true");
  annotator.registerDrawingTool(TOOL, Draft);
  annotator.setDrawingTool(TOOL);

  let drawn = new Map();
  let styles = "";

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
      const next = [...looks].map(([id, look]) => rule(id, look)).join("\n");
      if (next !== styles) sheet.replaceSync(next);
      styles = next;
    },

    /** What is being drawn, and the handles to pull: see canvas_draft.js. */
    draft: (content) => showDraft(overlay, content),

    /** The smallest shape at a point of the picture, within `reach` pixels of it. */
    hit: (point, reach) => store.getAt(point[0], point[1], undefined, reach)?.id ?? null,

    setVisible: (visible) => annotator.element.classList.toggle("shapes-hidden", !visible),

    destroy() {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet);
      annotator.destroy();
      picture.remove();
    },
  };
}
