/**
 * A picture with boxes or polygons on it, as a component.
 *
 * Owns: the elements, the names and scores on the shapes, the props below.
 * Leaves: pointers to canvas_stage.js, undo and keys to who uses it (detect.js on the label page).
 *
 * Props: image (address), shapes [{id, class, bbox | segmentation, confidence, source, locked, proposed}] in fractions, classes [{key, name, color}],
 * kind "box" | "polygon", selectedClass (key), selected [ids], tool "rectangle" | "template" | "polygon" | "move" | "points" | "pan",
 * template [w, h] in pixels, locked (all of them), readOnly, hidden, names (false: no names on shapes), brightness and contrast (1 is as it is),
 * label (what a reader of the screen calls it).
 * Told: onShapes(action of shape_state.js), onSelect(ids, add), onPicture(size or null), onDrafting(kind or ""), onSay(text), onZoom(scale);
 * `controls` is a ref that gets {zoom, fit, pan, cancel, close, unpoint, middle, reveal}.
 */
import { Component } from "preact";
import { html } from "htm/preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { createStage } from "./canvas_stage.js";
import { NO_CLASS_COLOR, writingOn } from "./class_colours.js";
import { boundsOf, toPixels } from "./shape_geometry.js";

const CROWD = 15;
const NOTHING_LIVE = new Map();
export const Lock = () => html`<svg class="lock" viewBox="0 0 10 12" aria-hidden="true"><path d="M2.5 5V3.5a2.5 2.5 0 0 1 5 0V5M1.5 5h7v6h-7z" /></svg>`;
const percent = (value) => `${Math.round(value * 100)} %`;

/** The name, and for a proposal the score, at the upper left corner of a shape; drawn again only when something of it changed. */
class Chip extends Component {
  shouldComponentUpdate(next) {
    return Object.keys(next).some((key) => next[key] !== this.props[key]);
  }

  render({ shape, name, color, box: [x, y, w, h], size: [width, height], selected, crowded }) {
    const atTop = y / height < 0.04; // no room above: inside of a high box, under a low one
    const low = h / height < 0.15;
    const from = atTop && low ? y + h : y;
    const style = { left: `${(x / width) * 100}%`, top: `${(from / height) * 100}%`, "--chip": color, "--chip-text": writingOn(color) };
    if (crowded) style["--chip-room"] = `max(26px, ${(w / width) * 100}%)`; // no wider than its shape
    const score = shape.proposed && shape.confidence !== null ? percent(shape.confidence) : "";
    const kind = `canvas-chip${shape.proposed ? " proposed" : ""}${selected ? " selected" : ""}${atTop ? " under" : ""}`;
    return html`<span class=${kind} style=${style}>
      ${shape.locked && html`<${Lock} />`}${name}${score && html` <b>${score}</b>`}
    </span>`;
  }
}

/** See the head of this module. */
export function Canvas(props) {
  const { image, shapes, classes, selected = [], tool, readOnly = false, locked = false, hidden = false, names = true, template = [50, 50] } = props;
  const parts = { window: useRef(null), stage: useRef(null), host: useRef(null), measure: useRef(null), glass: useRef(null), across: useRef(null), down: useRef(null) };
  const stage = useRef(null);
  const latest = useRef(props);
  latest.current = props;
  const [size, setSize] = useState(null);
  const [fault, setFault] = useState(false);
  const [live, setLive] = useState(NOTHING_LIVE);

  useLayoutEffect(() => {
    const elements = Object.fromEntries(Object.entries(parts).map(([name, ref]) => [name, ref.current]));
    const controls = createStage(
      { ...elements, lines: [elements.across, elements.down] },
      {
        onPicture(found) {
          setSize(found);
          setFault(found === null && Boolean(latest.current.image));
          latest.current.onPicture?.(found);
        },
        onEffect(effect) {
          const { onShapes, onSelect, onSay, selectedClass } = latest.current;
          if (effect.do === "select") onSelect?.(effect.ids, effect.add);
          else if (effect.do === "say") onSay?.(effect.text);
          else if (effect.do === "draw") onShapes?.({ do: "add", geometry: effect.geometry, of: selectedClass ?? null });
          else onShapes?.({ do: "change", changes: effect.changes, what: effect.what });
        },
        onLive: (moving) => setLive(moving.size > 0 ? moving : NOTHING_LIVE),
        onDrafting: (kind) => latest.current.onDrafting?.(kind),
        onZoom: (scale) => latest.current.onZoom?.(scale),
      },
    );
    stage.current = controls;
    if (props.controls) props.controls.current = controls;
    return () => controls.destroy();
  }, []);

  useLayoutEffect(() => {
    setSize(null);
    setFault(false);
    setLive(NOTHING_LIVE);
    stage.current.setImage(image);
  }, [image]);

  const byKey = useMemo(() => new Map(classes.map((each) => [each.key, each])), [classes]);
  const chosen = useMemo(() => new Set(selected), [selected.join()]);
  const geometries = useRef(new WeakMap());
  const placed = useMemo(() => {
    if (!size) return [];
    const known = geometries.current;
    return shapes.map((shape) => {
      const before = known.get(shape);
      if (before?.size === size) return before;
      const geometry = toPixels(shape, size);
      const found = { shape, size, geometry, box: boundsOf(geometry) };
      known.set(shape, found);
      return found;
    });
  }, [shapes, size]);

  const color = byKey.get(props.selectedClass)?.color ?? NO_CLASS_COLOR;
  useLayoutEffect(() => {
    if (!size) return;
    const map = new Map(placed.map(({ shape, geometry }) => [shape.id, { geometry, locked: locked || shape.locked }]));
    const looks = new Map(
      placed.map(({ shape }) => [
        shape.id,
        { color: byKey.get(shape.class)?.color ?? NO_CLASS_COLOR, selected: chosen.has(shape.id), proposed: shape.proposed, locked: locked || shape.locked },
      ]),
    );
    stage.current.update({ shapes: map, looks, selected: chosen, template, tool, readOnly, hidden, color });
  }, [placed, chosen, byKey, size, template, tool, readOnly, hidden, locked, color]);

  useEffect(() => {
    const { style } = parts.host.current;
    const { brightness = 1, contrast = 1 } = props;
    style.setProperty("--picture-filter", brightness === 1 && contrast === 1 ? "none" : `brightness(${brightness}) contrast(${contrast})`);
  }, [props.brightness, props.contrast]);

  return html`<div class="canvas" ref=${parts.window} tabindex="0" role="application" aria-roledescription="drawing area" aria-label=${props.label ?? "Picture"}>
    <div class="canvas-stage" ref=${parts.stage}>
      <div class="canvas-host" ref=${parts.host}></div>
      <div class="canvas-chips" aria-hidden="true" hidden=${hidden || !names}>
        ${placed.map(
          ({ shape, box }) => html`<${Chip}
            key=${shape.id}
            shape=${shape}
            name=${byKey.get(shape.class)?.name ?? shape.class ?? "no label"}
            color=${byKey.get(shape.class)?.color ?? NO_CLASS_COLOR}
            box=${live.has(shape.id) ? boundsOf(live.get(shape.id)) : box}
            size=${size}
            selected=${chosen.has(shape.id)}
            crowded=${placed.length > CROWD}
          />`,
        )}
      </div>
    </div>
    <div class="canvas-line across" ref=${parts.across} hidden aria-hidden="true"></div>
    <div class="canvas-line down" ref=${parts.down} hidden aria-hidden="true"></div>
    <div class="canvas-measure" ref=${parts.measure} hidden aria-hidden="true"></div>
    <div class="canvas-glass" ref=${parts.glass}></div>
    ${fault && html`<p class="canvas-fault" role="alert"><strong>This picture cannot be shown.</strong><br />It is missing, damaged or of a kind that browsers cannot read. You can skip it.</p>`}
  </div>`;
}
