/**
 * Which key does what on the page of boxes and polygons.
 *
 * Owns: the map of keys, and the list of them for people.
 * Leaves: Enter and S to the label page (except while something is drawn), doing what a key asks for to detect.js.
 */

const TOOLS = { r: "rectangle", t: "template", p: "polygon", m: "move", u: "points" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const FAR = 10;

/** The tools that make sense for a kind of project ("box" or "polygon"). */
export const toolsFor = (kind, readOnly = false) => {
  if (readOnly) return ["move", "pan"];
  return kind === "polygon" ? ["polygon", "move", "points", "pan"] : ["rectangle", "template", "move", "pan"];
};

/** The letter on a key, also when the keyboard writes in another script; digits also where they need Shift. */
function meaning({ key, code = "" }) {
  if (/^[a-z]$/i.test(key)) return key.toLowerCase();
  if (/^Key[A-Z]$/.test(code) && !/^[ -~]$/.test(key)) return code[3].toLowerCase();
  if (/^Digit\d$/.test(code) && !/^[+=_0-9-]$/.test(key) && key.length === 1) return code[5];
  return key;
}

function withControl(letter, event) {
  if (event.altKey) return null;
  if (letter === "z") return { do: event.shiftKey ? "redo" : "undo" };
  if (letter === "y") return { do: "redo" };
  if (letter === "a") return { do: "selectAll" };
  if (letter in ARROWS) return arrow("grow", letter, event);
  return null;
}

function arrow(what, key, { shiftKey }) {
  const far = shiftKey ? FAR : 1;
  return { do: what, by: ARROWS[key].map((each) => each * far || 0) };
}

const WRITES = new Set(["undo", "redo", "place", "nudge", "grow", "remove", "removeAll", "lock", "accept", "drop"]);

/**
 * What a pressed key asks for, or null: {do, ...}. `drafting` is the kind of gesture under way ("polygon", "box", ...; "" when none).
 */
export function command(event, { kind, readOnly = false, drafting = "" }) {
  const letter = meaning(event);
  const asked = asks(letter, event, kind, readOnly, drafting);
  return asked && readOnly && WRITES.has(asked.do) ? null : asked;
}

function asks(letter, event, kind, readOnly, drafting) {
  if (event.ctrlKey || event.metaKey) return withControl(letter, event);
  if (event.altKey) return null;
  if (letter === "Escape") return { do: "cancel" };
  if (drafting === "polygon" && letter === "Enter") return { do: "close" };
  if (drafting === "polygon" && (letter === "Backspace" || letter === "Delete")) return { do: "unpoint" };
  if (drafting && (letter === "Enter" || letter === "s")) return { do: "wait" };
  if (letter in ARROWS) return arrow("nudge", letter, event);
  if (letter === "Delete" || letter === "Backspace") return { do: event.shiftKey ? "removeAll" : "remove" };
  if (letter === "Insert" && kind === "box") return { do: "place" };
  if (letter === "+" || letter === "=") return { do: "zoom", factor: 1.25 };
  if (letter === "-" || letter === "_") return { do: "zoom", factor: 0.8 };
  if (letter === "0") return { do: "fit" };
  if (/^[1-9]$/.test(letter) && !readOnly) return { do: "class", index: Number(letter) - 1 };
  if (letter in TOOLS) return toolsFor(kind, readOnly).includes(TOOLS[letter]) ? { do: "tool", tool: TOOLS[letter] } : null;
  const plain = { l: { do: "lock" }, h: { do: "hide" }, a: { do: "accept", all: event.shiftKey }, x: { do: "drop" }, n: { do: "walk", by: 1 }, b: { do: "walk", by: -1 }, "?": { do: "help" } };
  return Object.hasOwn(plain, letter) ? plain[letter] : null;
}

const REPEATED = new Set(["nudge", "grow", "zoom", "undo", "redo", "walk", "unpoint"]);

/** Whether a key that is held down does it again and again. */
export const repeats = (asked) => REPEATED.has(asked.do);

/** Whether the keys belong to the element that has the focus: fields where one writes, and dialogs. */
export function isTyping(element, key) {
  if (!element || !element.matches) return false;
  if (element.closest("dialog")) return true;
  if (element.matches("textarea, select, [contenteditable]")) return true;
  if (!element.matches("input")) return false;
  if (element.type === "range") return key.startsWith("Arrow") || key === "Home" || key === "End";
  return !["checkbox", "radio", "button", "submit"].includes(element.type);
}

/** The keys as people read them. */
export function keyList(kind) {
  const drawing = kind === "polygon"
    ? [["P", "draw a polygon; click the first point, double-click or press Enter to close it"], ["U", "add points (click an edge), remove them (click a point), drag them"]]
    : [["R", "draw a rectangle"], ["Insert", "put a template box into the middle of what is seen, selected, for the arrow keys"], ["T", "put a template box: 50 × 50 pixels at first, then the size of the last box"]];
  return [
    ["1 – 9", "choose a label; changes the selected shapes"],
    ...drawing,
    ["M", kind === "polygon" ? "select and move" : "select, move and resize"],
    ["L", "lock or unlock what is selected (or all)"],
    ["Arrows", "move what is selected by a pixel; with Shift by ten"],
    ...(kind === "polygon" ? [] : [["Ctrl + arrows", "resize by a pixel; with Shift by ten"]]),
    ["N, B", "next and previous shape"],
    ["A, X", "accept or drop the selected proposal; Shift+A accepts all"],
    ["Delete", "delete what is selected; Shift+Delete deletes all"],
    ["Ctrl+A", "select all"],
    ["Ctrl+Z, Ctrl+Y", "undo, redo"],
    ["Esc", "cancel what is being drawn, or select nothing"],
    ["H", "hide the shapes"],
    ["Wheel, + − 0", "zoom in, out, whole picture"],
    ["Space + drag", "move the picture; also the middle button, or two fingers"],
    ["Enter, S", "submit, skip"],
  ];
}
