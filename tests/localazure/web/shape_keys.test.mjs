// The keys of the page of boxes and polygons, and the colours of its classes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { classList, luminance, writingOn } from "../../../localazure/web/labeling/class_colours.js";
import { command, isTyping, keyList, repeats, toolsFor } from "../../../localazure/web/labeling/shape_keys.js";

const BOX = { kind: "box" };
const POLYGON = { kind: "polygon" };
const key = (name, more = {}) => ({ key: name, ...more });

test("keys are those that people know", () => {
  const expected = {
    r: { do: "tool", tool: "rectangle" }, t: { do: "tool", tool: "template" }, m: { do: "tool", tool: "move" }, l: { do: "lock" },
    Delete: { do: "remove" }, Escape: { do: "cancel" }, h: { do: "hide" }, 1: { do: "class", index: 0 }, 9: { do: "class", index: 8 },
    0: { do: "fit" }, "+": { do: "zoom", factor: 1.25 }, "-": { do: "zoom", factor: 0.8 }, ArrowUp: { do: "nudge", by: [0, -1] },
  };
  for (const [name, asked] of Object.entries(expected)) assert.deepEqual(command(key(name), BOX), asked, name);
  assert.deepEqual(command(key("Insert"), BOX), { do: "place" });
  assert.equal(command(key("Insert"), POLYGON), null);
  assert.deepEqual(command(key("p"), POLYGON), { do: "tool", tool: "polygon" });
  assert.deepEqual(command(key("u"), POLYGON), { do: "tool", tool: "points" });
});

test("with Control: select all, undo, redo, resize", () => {
  assert.deepEqual(command(key("a", { ctrlKey: true }), BOX), { do: "selectAll" });
  assert.deepEqual(command(key("z", { metaKey: true }), BOX), { do: "undo" });
  assert.deepEqual(command(key("Z", { ctrlKey: true, shiftKey: true }), BOX), { do: "redo" });
  assert.deepEqual(command(key("y", { ctrlKey: true }), BOX), { do: "redo" });
  assert.deepEqual(command(key("ArrowLeft", { ctrlKey: true, shiftKey: true }), BOX), { do: "grow", by: [-10, 0] });
  assert.equal(command(key("r", { ctrlKey: true }), BOX), null);
  assert.equal(command(key("ArrowLeft", { altKey: true }), BOX), null);
});

test("Enter and S are the label page's, except while something is drawn", () => {
  assert.equal(command(key("Enter"), BOX), null);
  assert.equal(command(key("s"), BOX), null);
  assert.deepEqual(command(key("Enter"), { ...POLYGON, drafting: "polygon" }), { do: "close" });
  assert.deepEqual(command(key("Enter"), { ...BOX, drafting: "box" }), { do: "wait" });
  assert.deepEqual(command(key("s"), { ...POLYGON, drafting: "polygon" }), { do: "wait" });
  assert.deepEqual(command(key("Backspace"), { ...POLYGON, drafting: "polygon" }), { do: "unpoint" });
});

test("a key that is held down moves on, but does not lock and unlock", () => {
  assert.deepEqual(["ArrowUp", "+", "n", "l", "h", "a", "Delete", "Insert"].map((name) => repeats(command(key(name), BOX))), [true, true, true, false, false, false, false, false]);
});

test("a project has the tools of its kind only", () => {
  assert.equal(command(key("p"), BOX), null);
  assert.equal(command(key("r"), POLYGON), null);
  assert.deepEqual(toolsFor("box"), ["rectangle", "template", "move", "pan"]);
  assert.deepEqual(toolsFor("polygon"), ["polygon", "move", "points", "pan"]);
});

test("who only reads can look and choose, but change nothing", () => {
  const reading = { kind: "box", readOnly: true };
  for (const name of ["1", "r", "t", "l", "a", "x", "Delete", "ArrowUp"]) assert.equal(command(key(name), reading), null, name);
  assert.equal(command(key("z", { ctrlKey: true }), reading), null);
  assert.deepEqual(command(key("n"), reading), { do: "walk", by: 1 });
  assert.deepEqual(command(key("h"), reading), { do: "hide" });
});

test("a keyboard of another script or with shifted digits works by the places of its keys", () => {
  assert.deepEqual(command(key("к", { code: "KeyR" }), BOX), { do: "tool", tool: "rectangle" });
  assert.deepEqual(command(key("é", { code: "Digit2" }), BOX), { do: "class", index: 1 });
  assert.deepEqual(command(key("q", { code: "KeyA" }), BOX), null);
});

test("keys belong to fields and dialogs while one is in them", () => {
  const element = (tag, type, dialog = false) => ({ type, closest: () => dialog, matches: (selector) => selector.split(", ").includes(tag) });
  assert.equal(isTyping(element("textarea"), "r"), true);
  assert.equal(isTyping(element("input", "text"), "1"), true);
  assert.equal(isTyping(element("input", "checkbox"), "1"), false);
  assert.equal(isTyping(element("input", "range"), "ArrowLeft"), true);
  assert.equal(isTyping(element("input", "range"), "r"), false);
  assert.equal(isTyping(element("button", "button", true), "r"), true);
  assert.equal(isTyping(null, "r"), false);
});

test("every tool's key is in the list for people", () => {
  const keys = keyList("polygon").concat(keyList("box")).map(([name]) => name);
  for (const name of ["R", "T", "P", "M", "U", "L", "H"]) assert.ok(keys.includes(name), name);
});

test("subclasses stand below their class, and every class has a colour that is one", () => {
  const classes = classList([{ key: "c", classes: [{ key: "a", name: "A", color: "#FF0000", subclasses: [{ key: "b", name: "" }] }, { key: "c", name: "C", color: "red;fill:url(x)" }] }]);
  assert.deepEqual(classes.map(({ key: name, path }) => [name, path]), [["a", []], ["b", ["A"]], ["c", []]]);
  assert.equal(classes[0].color, "#ff0000");
  assert.equal(classes[1].name, "b");
  for (const { color } of classes) assert.match(color, /^#[0-9a-f]{6}$/);
  assert.deepEqual(classList(undefined), []);
});

test("writing on a colour can be read", () => {
  for (const color of ["#000000", "#ffffff", "#ffff00", "#0000ff", "#808080", "#e6550d"]) {
    const [light, dark] = [luminance(color), luminance(writingOn(color))].sort((a, b) => b - a);
    assert.ok((light + 0.05) / (dark + 0.05) >= 4.5, color);
  }
});
