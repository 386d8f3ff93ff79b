// The page of boxes and polygons in a real Chromium (CHROMIUM names it): real mouse, keys and fingers on a picture of 500 x 400.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { open, serve } from "./chromium.mjs";

const SIZE = [500, 400];
const PAGE = `
import { render } from "preact";
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import Detect from "/labeling/app/detect.js";
const drawing = Object.assign(document.createElement("canvas"), { width: ${SIZE[0]}, height: ${SIZE[1]} });
drawing.getContext("2d").fillRect(100, 50, 200, 200);
const picture = drawing.toDataURL();
const classes = [{ key: "a", name: "<i>apple</i>", color: "#d62728" }, { key: "b", name: "banana", color: "#ffcc00" }];
function Page() {
  const [now, setNow] = useState({ number: 0, kind: "object-detection", prelabels: [], readOnly: false, image: picture });
  const [answer, setAnswer] = useState(null);
  window.begin = (more) => { window.answer = null; setAnswer(null); setNow((was) => ({ ...was, prelabels: [], readOnly: false, image: picture, ...more, number: was.number + 1 })); };
  const told = (given) => { window.answer = given; setAnswer(given); };
  const project = { task: now.kind, categories: [{ key: "c", name: "c", classes }] };
  const task = { id: now.number, name: "p", image: now.image, labels: [], prelabels: now.prelabels };
  return html\`<\${Detect} key=\${now.kind + now.readOnly} project=\${project} task=\${task} answer=\${answer} onAnswer=\${told} readOnly=\${now.readOnly} />\`;
}
render(html\`<\${Page} />\`, document.getElementById("app"));
window.there = true;
`;

let server;
let page;
let corner;
let scale;

before(async () => {
  server = await serve(PAGE);
  page = await open(process.env.CHROMIUM ?? "/usr/bin/chromium", server.origin);
});

after(async () => {
  await page?.close();
  server?.close();
});

async function look() {
  const [x, y, width] = await page.evaluate('(({ x, y, width }) => [x, y, width])(document.querySelector(".canvas-host img").getBoundingClientRect())');
  corner = [x, y];
  scale = width / SIZE[0];
}

async function begin(more = {}) {
  await page.until("window.there === true");
  await page.evaluate(`window.begin(${JSON.stringify(more)})`);
  await page.settle();
  await page.until('document.querySelector(".canvas-host img") && !document.querySelector(".canvas.loading")');
  await page.settle();
  await page.key("0");
  await page.key("1");
  await page.key(more.kind === "instance-segmentation" ? "p" : "r");
  await look();
}

beforeEach(() => begin({ kind: "object-detection" }));

const screen = ([x, y]) => [corner[0] + x * scale, corner[1] + y * scale];
const labels = () => page.evaluate("window.answer?.labels ?? []");
const pixels = ({ bbox }) => bbox.map((value, i) => Math.round(value * SIZE[i % 2] * 1000) / 1000);
const boxes = async () => (await labels()).map(pixels);
const drag = (from, to) => page.drag(screen(from), screen(to));

test("a box is drawn by mouse exactly where the mouse was", async () => {
  await drag([100, 50], [300, 250]);
  assert.deepEqual(await boxes(), [[100, 50, 200, 200]]);
  await drag([450, 350], [900, 900]);
  assert.deepEqual((await boxes())[1], [450, 350, 50, 50]);
});

test("after zooming it is exact as well", async () => {
  for (let i = 0; i < 6; i += 1) await page.wheel(screen([250, 200]), -150);
  await look();
  assert.ok(scale > 3, `${scale}`);
  await drag([240, 190], [261, 207]);
  assert.deepEqual(await boxes(), [[240, 190, 21, 17]]);
});

test("a box is moved, resized and given another label", async () => {
  await drag([100, 50], [300, 250]);
  await page.key("m");
  await drag([200, 150], [220, 160]);
  assert.deepEqual(await boxes(), [[120, 60, 200, 200]]);
  await drag([320, 260], [400, 300]);
  assert.deepEqual(await boxes(), [[120, 60, 280, 240]]);
  await page.key("2");
  assert.equal((await labels())[0].class, "b");
  await page.key("Shift+ArrowRight");
  assert.deepEqual(await boxes(), [[130, 60, 280, 240]]);
});

test("undo goes back over all of it, redo forth again", async () => {
  await drag([100, 50], [300, 250]);
  await drag([10, 10], [60, 60]);
  await page.key("Shift+Delete");
  assert.deepEqual(await boxes(), []);
  await page.key("Control+z");
  assert.equal((await boxes()).length, 2);
  await page.key("Control+z");
  assert.equal((await boxes()).length, 1);
  await page.key("Control+y");
  assert.deepEqual((await boxes())[1], [10, 10, 50, 50]);
});

test("Esc while drawing, a click and a line leave no box", async () => {
  await page.mouse("mouseMoved", screen([100, 100]));
  await page.mouse("mousePressed", screen([100, 100]), "left");
  await page.mouse("mouseMoved", screen([200, 200]), "left");
  await page.key("Escape");
  await page.mouse("mouseReleased", screen([200, 200]), "left");
  await page.settle();
  await page.click(screen([50, 50]));
  await drag([100, 100], [100, 300]);
  assert.deepEqual(await labels(), []);
});

test("the template box is 50 by 50 at first, then as large as the last box", async () => {
  await page.key("t");
  await page.click(screen([200, 200]));
  await page.key("r");
  await drag([300, 300], [420, 330]);
  await page.key("t");
  await page.click(screen([100, 100]));
  assert.deepEqual(await boxes(), [[175, 175, 50, 50], [300, 300, 120, 30], [40, 85, 120, 30]]);
});

test("a locked box stays where it is", async () => {
  await drag([100, 50], [300, 250]);
  await page.key("m");
  await page.click(screen([200, 150]));
  await page.key("l");
  await drag([200, 150], [250, 200]);
  await page.key("Delete");
  assert.deepEqual(await boxes(), [[100, 50, 200, 200]]);
});

test("a polygon gets its points by clicks, more of them on its edges, and closes by Enter", async () => {
  await begin({ kind: "instance-segmentation" });
  for (const point of [[100, 100], [300, 100], [300, 300]]) await page.click(screen(point));
  assert.equal(await page.evaluate("window.answer.unfinished"), true);
  await page.key("Enter");
  const points = async () => (await labels())[0].segmentation[0].map((value, i) => Math.round(value * SIZE[i % 2]));
  assert.deepEqual(await points(), [100, 100, 300, 100, 300, 300]);
  await page.key("m");
  await page.click(screen([280, 150]));
  await page.key("u");
  await drag([200, 100], [200, 40]);
  assert.deepEqual(await points(), [100, 100, 200, 40, 300, 100, 300, 300]);
  await page.click(screen([200, 40]));
  assert.deepEqual(await points(), [100, 100, 300, 100, 300, 300]);
  assert.equal(await page.evaluate("window.answer.unfinished ?? false"), false);
});

test("proposals come dashed with their score; what is accepted is a person's", async () => {
  await begin({ prelabels: [{ class: "a", bbox: [0.1, 0.1, 0.2, 0.2], confidence: 0.87 }, { class: "b", bbox: [0.5, 0.5, 0.2, 0.2], confidence: 0.4 }] });
  assert.equal(await page.evaluate('document.querySelector(".canvas-chip").textContent.trim().replace(/\\s+/g, " ")'), "<i>apple</i> 87 %");
  assert.notEqual(await page.evaluate('getComputedStyle(document.querySelector(".a9s-annotation .a9s-inner")).strokeDasharray'), "none");
  assert.deepEqual((await labels()).map((label) => label.proposed), [true, true]);
  await page.key("a");
  await page.key("a");
  await page.key("x");
  assert.deepEqual(await labels(), [{ class: "a", bbox: [0.1, 0.1, 0.2, 0.2] }]);
});

test("the next picture begins without the shapes of the one before", async () => {
  await drag([100, 50], [300, 250]);
  await begin();
  assert.deepEqual([await labels(), await page.evaluate('document.querySelectorAll(".a9s-annotation, .canvas-chip").length')], [[], 0]);
});

test("two fingers zoom and draw nothing, one draws", async () => {
  const [a, b] = [screen([200, 200]), screen([260, 200])];
  await page.touch("touchStart", [a]);
  await page.touch("touchStart", [a, b]);
  for (let i = 1; i <= 5; i += 1) await page.touch("touchMove", [[a[0] - 12 * i, a[1]], [b[0] + 12 * i, b[1]]]);
  await page.touch("touchEnd", []);
  await page.settle();
  const was = scale;
  await look();
  assert.ok(scale / was > 1.5, `${scale / was}`);
  assert.deepEqual(await labels(), []);
  await page.touch("touchStart", [screen([220, 190])]);
  await page.touch("touchMove", [screen([240, 200])]);
  await page.touch("touchMove", [screen([260, 220])]);
  await page.touch("touchEnd", []);
  await page.settle();
  assert.equal((await labels()).length, 1);
});

test("who only reads changes nothing", async () => {
  await begin({ readOnly: true, prelabels: [{ class: "a", bbox: [0.2, 0.2, 0.2, 0.2], confidence: 0.9 }] });
  await drag([150, 120], [300, 300]);
  await page.key("Delete");
  assert.equal(await page.evaluate("window.answer"), null);
  assert.equal(await page.evaluate('document.querySelectorAll(".a9s-annotation").length'), 1);
});

test("a picture that cannot be shown says so", async () => {
  await page.evaluate('window.begin({ image: "data:image/png;base64,AAAA" })');
  await page.until('document.querySelector(".canvas-fault")?.getAttribute("role") === "alert"');
});

test("the page wrote no errors, and its policy was never broken", () => {
  assert.deepEqual(page.problems, []);
});
