/**
 * The window in which a picture is seen and drawn on.
 *
 * Owns: loading the picture, pointers, wheel and fingers, the view, and showing what is under way.
 * Leaves: meaning to canvas_gestures.js, Annotorious to canvas_layer.js, the element and its texts to canvas.js.
 */
import { createLayer } from "./canvas_layer.js";
import { IDLE, cancel, close, cursorAt, draftBox, drag, press, release, soleEditable, underWay, unpoint, wouldClose } from "./canvas_gestures.js";
import { fitted, kept, panned, pinched, shown, toPicture, wheelFactor, zoomed } from "./canvas_view.js";
import { handlePoints, boundsOf } from "./shape_geometry.js";

const HIT_PX = 2;
const FINGER_HIT_PX = 10;
const CLICK_PX = 4;

/** Loads and decodes a picture; rejects when it cannot be shown. */
async function load(url) {
  const picture = new Image();
  picture.decoding = "async";
  picture.alt = "";
  picture.draggable = false;
  picture.src = url;
  await picture.decode();
  if (!picture.naturalWidth || !picture.naturalHeight) throw new Error("a picture without a size");
  return picture;
}

/**
 * Takes over the elements of a canvas: {window, stage, host, measure, glass, lines: [element, element]}. `told` are functions: onPicture(size or null
 * for one that cannot be shown), onEffect(effect of a gesture), onLive(Map id -> geometry), onDrafting(kind or ""), onZoom(scale).
 */
export function createStage(parts, told) {
  const listening = new AbortController();
  let props = { shapes: new Map(), looks: new Map(), selected: new Set(), template: [50, 50], tool: "move", readOnly: false, hidden: false, color: "#ffffff" };
  let layer = null;
  let size = null;
  let asked = 0;
  let view = { scale: 1, x: 0, y: 0 };
  let isFitted = true;
  let gesture = IDLE;
  let panning = null;
  let fingers = new Map();
  let hover = null;
  let coarse = false;
  let spaceDown = false;
  let frame = 0;
  let drafting = "";
  let live = new Map();

  const windowSize = () => [parts.window.clientWidth || 1, parts.window.clientHeight || 1];
  const screenPoint = (event) => {
    const { left, top } = parts.window.getBoundingClientRect();
    return [event.clientX - left - parts.window.clientLeft, event.clientY - top - parts.window.clientTop];
  };
  const setting = () => ({
    ...props,
    size,
    coarse,
    scale: view.scale,
    hit: (point) => (props.hidden ? null : layer.hit(point, (coarse ? FINGER_HIT_PX : HIT_PX) / view.scale)),
  });

  function draw() {
    frame = 0;
    if (!layer) return;
    const now = setting();
    const moving = underWay(gesture, now);
    layer.show(new Map([...props.shapes].map(([id, shape]) => [id, moving.get(id) ?? shape.geometry])), props.looks);
    layer.setVisible(!props.hidden);
    if (moving.size > 0 || live.size > 0) told.onLive(moving);
    live = moving;
    layer.draft(draftContent(now, moving));
    showMeasure(now);
    showLines();
    const cursor = panning || spaceDown ? (panning ? "grabbing" : "grab") : hover ? cursorAt(gesture, toPicture(view, hover), now) : "";
    if (cursor !== parts.glass.style.cursor) parts.glass.style.cursor = cursor;
  }

  const redraw = () => {
    frame ||= requestAnimationFrame(draw);
  };

  function draftContent(now, moving) {
    const content = { color: props.color };
    content.box = draftBox(gesture, now);
    const ghost = gesture.kind === "idle" && props.tool === "template" && hover && !coarse && !panning && !spaceDown && !props.readOnly;
    if (ghost) content.box = draftBox({ kind: "template", at: toPicture(view, hover) }, now);
    if (gesture.kind === "polygon") content.polygon = { points: gesture.points, cursor: gesture.cursor, closing: wouldClose(gesture, gesture.cursor, now) };
    const sole = props.hidden ? null : soleEditable(now);
    if (sole) {
      const geometry = moving.get(sole[0]) ?? sole[1].geometry;
      if (geometry.box && props.tool === "move") content.handles = Object.values(handlePoints(geometry.box));
      if (geometry.rings && props.tool === "points") content.corners = geometry.rings.flat();
    }
    return content;
  }

  function showMeasure(now) {
    const box = draftBox(gesture, now) ?? (gesture.kind === "resize" ? gesture.geometry.box : null);
    parts.measure.hidden = !box;
    if (!box) return;
    parts.measure.textContent = `${Math.round(box[2])} × ${Math.round(box[3])}`;
    parts.measure.style.transform = `translate(${view.x + (box[0] + box[2]) * view.scale + 6}px, ${view.y + (box[1] + box[3]) * view.scale + 6}px)`;
  }

  function showLines() {
    const seen = hover && !coarse && !panning && !spaceDown && !props.readOnly && ["rectangle", "template"].includes(props.tool);
    for (const line of parts.lines) line.hidden = !seen;
    if (!seen) return;
    parts.lines[0].style.transform = `translateX(${hover[0]}px)`;
    parts.lines[1].style.transform = `translateY(${hover[1]}px)`;
  }

  function setView(next, fits = false) {
    view = next;
    isFitted = fits;
    const { style } = parts.stage;
    style.width = `${size[0] * view.scale}px`;
    style.height = `${size[1] * view.scale}px`;
    style.transform = `translate(${view.x}px, ${view.y}px)`;
    parts.stage.classList.toggle("pixels", view.scale >= 4);
    told.onZoom(view.scale);
    redraw();
  }

  function follow({ gesture: next, effects }) {
    gesture = next;
    const kind = ["idle", "pan", "click"].includes(gesture.kind) ? "" : gesture.kind;
    if (kind !== drafting) told.onDrafting((drafting = kind));
    for (const effect of effects) told.onEffect(effect);
    redraw();
  }

  const fit = () => size && setView(fitted(size, windowSize()), true);

  function onDown(event) {
    if (event.target.closest("button, a, input") || !layer) return;
    event.preventDefault();
    event.stopPropagation();
    parts.window.focus({ preventScroll: true });
    coarse = event.pointerType === "touch";
    hover = screenPoint(event);
    if (coarse) fingers.set(event.pointerId, hover);
    if (fingers.size > 2 || event.button > 1) return;
    parts.window.setPointerCapture(event.pointerId);
    if (fingers.size === 2) {
      panning = null;
      follow(gesture.kind === "polygon" ? { gesture: { ...gesture, pressed: false }, effects: [] } : cancel());
      return;
    }
    if (event.button === 1 || spaceDown) {
      panning = { pointer: event.pointerId, from: hover, at: hover, only: true };
      redraw();
      return;
    }
    follow(press(gesture, toPicture(view, hover), setting(), { add: event.shiftKey || event.ctrlKey || event.metaKey }));
    if (gesture.kind === "pan") panning = { pointer: event.pointerId, from: hover, at: hover, only: false };
  }

  function onMove(event) {
    if (!layer) return;
    event.stopPropagation();
    const at = screenPoint(event);
    hover = at;
    if (fingers.has(event.pointerId) && fingers.size === 2) {
      const before = [...fingers.values()];
      fingers.set(event.pointerId, at);
      setView(pinched(view, before, [...fingers.values()], size, windowSize()));
      return;
    }
    if (fingers.has(event.pointerId)) fingers.set(event.pointerId, at);
    if (panning?.pointer === event.pointerId) {
      setView(panned(view, at[0] - panning.at[0], at[1] - panning.at[1], size, windowSize()));
      panning.at = at;
      return;
    }
    const settled = gesture.kind === "polygon" || event.buttons !== 0;
    if (settled) follow(drag(gesture, toPicture(view, at), setting()));
    redraw();
  }

  function onUp(event) {
    if (!layer) return;
    event.stopPropagation();
    const wasPinch = fingers.size > 1;
    fingers.delete(event.pointerId);
    const pan = panning?.pointer === event.pointerId ? panning : null;
    if (pan) panning = null;
    if (wasPinch || pan?.only || event.button > 1) {
      redraw();
      return;
    }
    const at = screenPoint(event);
    // A pan carries the picture along, so that the pointer stays over the same point of it: the way over the screen tells it from a click.
    const carried = pan && Math.hypot(at[0] - pan.from[0], at[1] - pan.from[1]) > CLICK_PX;
    follow(carried ? cancel() : release(gesture, toPicture(view, at), setting()));
  }

  function onLost(event) {
    fingers.delete(event.pointerId);
    if (panning?.pointer === event.pointerId) panning = null;
    follow(gesture.kind === "polygon" ? { gesture: { ...gesture, pressed: false }, effects: [] } : cancel());
  }

  function onWheel(event) {
    if (!layer) return;
    event.preventDefault();
    setView(zoomed(view, wheelFactor(event), screenPoint(event), size, windowSize()));
  }

  function onSpace(event) {
    if (event.code !== "Space") return;
    const free = document.activeElement === parts.window || document.activeElement === document.body;
    if (event.type === "keydown" && !free) return;
    if (event.type === "keydown") event.preventDefault();
    spaceDown = event.type === "keydown";
    redraw();
  }

  const on = (target, type, act, options = {}) => target.addEventListener(type, act, { signal: listening.signal, ...options });
  on(parts.window, "pointerdown", onDown, { capture: true });
  on(parts.window, "pointermove", onMove, { capture: true });
  on(parts.window, "pointerup", onUp, { capture: true });
  on(parts.window, "pointercancel", onLost, { capture: true });
  on(parts.window, "pointerleave", () => {
    hover = null;
    redraw();
  });
  on(parts.window, "wheel", onWheel, { passive: false });
  on(parts.window, "auxclick", (event) => event.button === 1 && event.preventDefault());
  on(window, "keydown", onSpace);
  on(window, "keyup", onSpace);
  on(window, "blur", () => {
    spaceDown = false;
    redraw();
  });
  const watching = new ResizeObserver(() => {
    if (!size) return;
    if (isFitted) fit();
    else setView(kept(view, size, windowSize()));
  });
  watching.observe(parts.window);

  return {
    /** Another picture; the one before stays, without its shapes, until this one is decoded. */
    async setImage(url) {
      const mine = ++asked;
      follow(cancel());
      fingers = new Map();
      panning = null;
      props = { ...props, shapes: new Map(), looks: new Map() };
      layer?.show(props.shapes, props.looks);
      parts.window.classList.add("loading");
      let picture = null;
      try {
        picture = url ? await load(url) : null;
      } catch {
        picture = null; // not a picture, not there, or damaged: all the same to who looks at it
      }
      if (mine !== asked) return;
      parts.window.classList.remove("loading");
      layer?.destroy();
      layer = null;
      size = picture && [picture.naturalWidth, picture.naturalHeight];
      if (picture) {
        layer = createLayer(parts.host, picture);
        fit();
      }
      told.onPicture(size);
    },

    update(next) {
      if (next.tool !== props.tool && gesture.kind !== "idle") follow(cancel());
      props = next;
      redraw();
    },

    fit,
    zoom: (factor) => size && setView(zoomed(view, factor, hover ?? windowSize().map((length) => length / 2), size, windowSize())),
    pan: (dx, dy) => size && setView(panned(view, dx, dy, size, windowSize())),
    /** The point of the picture in the middle of the window. */
    middle: () => toPicture(view, windowSize().map((length) => length / 2)),
    reveal: (geometry) => size && setView(shown(view, boundsOf(geometry), size, windowSize()), isFitted),

    /** Ends what is under way without a shape; whether there was anything. */
    cancel() {
      const was = drafting !== "";
      follow(cancel());
      return was;
    },
    close: () => size && follow(close(gesture, setting())),
    unpoint: () => follow(unpoint(gesture)),

    destroy() {
      asked += 1;
      listening.abort();
      watching.disconnect();
      cancelAnimationFrame(frame);
      layer?.destroy();
      layer = null;
    },
  };
}
