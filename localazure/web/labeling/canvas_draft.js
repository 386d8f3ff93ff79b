/**
 * What is being drawn, and the handles of what is selected.
 *
 * Owns: their SVG elements, in a form that Annotorious mounts as a drawing tool (it calls new, $on, $set and $destroy).
 * Leaves: deciding what there is to see to canvas_stage.js.
 */
export const TOOL = "visionlab";

const SVG = "http://www.w3.org/2000/svg";
const mounted = new WeakMap();
const wanted = new WeakMap();

function put(parent, name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent.append(element);
  return element;
}

const path = (points) => points.map((point) => point.join(",")).join(" ");

/**
 * Shows what is under way above the shapes of an overlay, now or as soon as Annotorious has mounted the tool:
 * {box, polygon: {points, cursor, closing}, handles: [[x, y]], corners: [[x, y]], color}, all of it optional, in pixels of the picture.
 */
export function showDraft(overlay, content) {
  wanted.set(overlay, content);
  mounted.get(overlay)?.show();
}

/** The drawing tool. */
export class Draft {
  constructor({ target, props }) {
    this.overlay = target.closest("svg");
    this.group = put(target, "g", { class: "draft" });
    this.scale = props.viewportScale || 1;
    mounted.set(this.overlay, this);
    this.show();
  }

  $on() {
    return () => {};
  }

  $set(props) {
    if (props.viewportScale === undefined || props.viewportScale === this.scale) return;
    this.scale = props.viewportScale;
    this.show();
  }

  $destroy() {
    this.group.remove();
    if (mounted.get(this.overlay) === this) mounted.delete(this.overlay);
  }

  show() {
    const { box, polygon, handles = [], corners = [], color = "#ffffff" } = wanted.get(this.overlay) ?? {};
    const px = 1 / this.scale;
    this.group.replaceChildren();
    if (box) this.#box(box, color);
    if (polygon) this.#polygon(polygon, color, px);
    for (const [x, y] of handles) put(this.group, "rect", { class: "handle", x: x - 4.5 * px, y: y - 4.5 * px, width: 9 * px, height: 9 * px, rx: 2 * px });
    for (const [cx, cy] of corners) put(this.group, "circle", { class: "handle", cx, cy, r: 5 * px });
  }

  #box([x, y, width, height], color) {
    put(this.group, "rect", { class: "draft-outer", x, y, width, height });
    put(this.group, "rect", { class: "draft-inner", x, y, width, height, stroke: color, fill: color });
  }

  #polygon({ points, cursor, closing }, color, px) {
    const line = closing ? [...points, points[0]] : [...points, cursor];
    put(this.group, "polygon", { class: "draft-area", points: path(line), fill: color });
    put(this.group, "polyline", { class: "draft-outer", points: path(line) });
    put(this.group, "polyline", { class: "draft-inner", points: path(line), stroke: color });
    points.forEach(([cx, cy], i) => put(this.group, "circle", { class: i === 0 && closing ? "handle closing" : "handle", cx, cy, r: (i === 0 ? 6 : 4) * px }));
  }
}
