// Boxes and polygons in a real browser: mouse, keys and fingers on a picture of 500 x 400, and what the page tells of them.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openPage, run, screenshot } from "../../tools/browser/browser.mjs";

const WEB = fileURLToPath(new URL("../../localazure/web/", import.meta.url));
const SIZE = [500, 400];
const PAGE = `
import { render } from "preact";
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import Detect from "/labeling/app/detect.js";
const drawing = Object.assign(document.createElement("canvas"), { width: ${SIZE[0]}, height: ${SIZE[1]} });
const pen = drawing.getContext("2d");
for (const [color, ...place] of [["#d9d4c7", 0, 0, ...[${SIZE}]], ["#7a5", 100, 50, 200, 200]]) {
  pen.fillStyle = color;
  pen.fillRect(...place);
}
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
document.getElementById("app").replaceChildren();
render(html\`<\${Page} />\`, document.getElementById("app"));
window.there = true;
`;


/** The modules of the labeling pages around our page, under a policy as strict as theirs. FACTS.lib: names and files of what comes from npm. */
async function serve({ modules, lib }) {
  const shell = readFileSync(join(WEB, "labeling/index.html"), "utf8");
  const map = shell.match(/<script type="importmap">([\s\S]*?)<\/script>/)[1];
  const policy = `default-src 'self'; script-src 'self' 'sha256-${createHash("sha256").update(map).digest("base64")}'; style-src 'self'; img-src 'self' blob: data:`;
  const read = (path) => {
    if (path === "/") return [shell.replace("/labeling/app/main.js", "/page.js"), "text/html"];
    if (path === "/page.js") return [PAGE, "text/javascript"];
    const file = path.startsWith("/labeling/lib/") ? join(modules, lib[path.slice(14)]) : join(WEB, "labeling", path.slice(14));
    return [readFileSync(file), { js: "text/javascript", css: "text/css", svg: "image/svg+xml" }[path.split(".").pop()]];
  };
  const server = createServer(({ url }, response) => {
    try {
      const [content, type] = read(url);
      response.writeHead(200, { "content-type": type, "content-security-policy": policy }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

const facts = [];
const fact = (name, act) => facts.push([name, act]);
let page;
let fingers;
let corner;
let scale;

/** After everything that the page had to do for what happened: effects, a frame, and what the frame led to. */
const settle = () => page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))");

async function look() {
  const frame = await page.locator(".canvas-host img").boundingBox();
  corner = [frame.x, frame.y];
  scale = frame.width / SIZE[0];
}

async function begin(more = {}) {
  await page.evaluate(`window.begin(${JSON.stringify(more)})`);
  await settle();
  await page.waitForFunction(() => document.querySelector(".canvas-host img") && !document.querySelector(".canvas.loading"));
  await settle();
  for (const name of ["0", "1", more.kind === "instance-segmentation" ? "p" : "r"]) await key(name);
  await look();
}

async function key(name) {
  await page.keyboard.press(name);
  await settle();
}

async function click(at) {
  await page.mouse.click(...at);
  await settle();
}

async function drag(from, to) {
  await page.mouse.move(...screen(from));
  await page.mouse.down();
  await page.mouse.move(...screen(to), { steps: 2 });
  await page.mouse.up();
  await settle();
}

const touch = (type, points) => fingers.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
const screen = ([x, y]) => [corner[0] + x * scale, corner[1] + y * scale];
const labels = () => page.evaluate("window.answer?.labels ?? []");
const pixels = ({ bbox }) => bbox.map((value, i) => Math.round(value * SIZE[i % 2] * 1000) / 1000);
const boxes = async () => (await labels()).map(pixels);

fact("a box is drawn by mouse exactly where the mouse was", async () => {
  await drag([100, 50], [300, 250]);
  assert.deepEqual(await boxes(), [[100, 50, 200, 200]]);
  await drag([450, 350], [900, 900]);
  assert.deepEqual((await boxes())[1], [450, 350, 50, 50]);
});

fact("the label page has a box by the time that the next key comes", async () => {
  const [from, to] = [screen([100, 50]), screen([300, 250])];
  await page.mouse.move(...from);
  await page.mouse.down();
  await page.mouse.move(...to);
  await page.evaluate('addEventListener("pointerup", () => setTimeout(() => (window.then = window.answer)), { once: true, capture: true })');
  await page.mouse.up();
  await page.waitForFunction(() => window.then !== undefined);
  assert.equal(await page.evaluate("window.then?.labels.length"), 1);
});

fact("after zooming it is exact as well", async () => {
  await page.mouse.move(...screen([250, 200]));
  for (let i = 0; i < 6; i += 1) await page.mouse.wheel(0, -150);
  await settle();
  await look();
  assert.ok(scale > 3, `${scale}`);
  await drag([240, 190], [261, 207]);
  assert.deepEqual(await boxes(), [[240, 190, 21, 17]]);
});

fact("a box is moved, resized and given another label", async () => {
  await drag([100, 50], [300, 250]);
  await key("m");
  await drag([200, 150], [220, 160]);
  assert.deepEqual(await boxes(), [[120, 60, 200, 200]]);
  await drag([320, 260], [400, 300]);
  assert.deepEqual(await boxes(), [[120, 60, 280, 240]]);
  await key("2");
  assert.equal((await labels())[0].class, "b");
  await key("Shift+ArrowRight");
  assert.deepEqual(await boxes(), [[130, 60, 280, 240]]);
});

fact("undo goes back over all of it, redo forth again", async () => {
  await drag([100, 50], [300, 250]);
  await drag([10, 10], [60, 60]);
  await key("Shift+Delete");
  assert.deepEqual(await boxes(), []);
  await key("Control+z");
  assert.equal((await boxes()).length, 2);
  await key("Control+z");
  assert.equal((await boxes()).length, 1);
  await key("Control+y");
  assert.deepEqual((await boxes())[1], [10, 10, 50, 50]);
});

fact("Esc while drawing, a click and a line leave no box", async () => {
  await page.mouse.move(...screen([100, 100]));
  await page.mouse.down();
  await page.mouse.move(...screen([200, 200]));
  await key("Escape");
  await page.mouse.up();
  await settle();
  await click(screen([50, 50]));
  await drag([100, 100], [100, 300]);
  assert.deepEqual(await labels(), []);
});

fact("the template box is 50 by 50 at first, then as large as the last box", async () => {
  await key("t");
  await click(screen([200, 200]));
  await key("r");
  await drag([300, 300], [420, 330]);
  await key("t");
  await click(screen([100, 100]));
  assert.deepEqual(await boxes(), [[175, 175, 50, 50], [300, 300, 120, 30], [40, 85, 120, 30]]);
});

fact("a box is put, moved and resized by keys alone", async () => {
  for (const name of ["Insert", "Shift+ArrowLeft", "ArrowDown", "Control+Shift+ArrowRight"]) await key(name);
  assert.deepEqual(await boxes(), [[180, 186, 130, 30]]);
});

fact("a locked box stays where it is", async () => {
  await drag([100, 50], [300, 250]);
  await key("m");
  await click(screen([200, 150]));
  await key("l");
  await drag([200, 150], [250, 200]);
  await key("Delete");
  assert.deepEqual(await boxes(), [[100, 50, 200, 200]]);
});

fact("a polygon gets its points by clicks, more of them on its edges, and closes by Enter", async () => {
  await begin({ kind: "instance-segmentation" });
  for (const point of [[100, 100], [300, 100], [300, 300]]) await click(screen(point));
  assert.equal(await page.evaluate("window.answer.unfinished"), true);
  await key("Enter");
  const points = async () => (await labels())[0].segmentation[0].map((value, i) => Math.round(value * SIZE[i % 2]));
  assert.deepEqual(await points(), [100, 100, 300, 100, 300, 300]);
  await key("m");
  await click(screen([280, 150]));
  await key("u");
  await drag([200, 100], [200, 40]);
  await screenshot(page, "canvas-polygon");
  assert.deepEqual(await points(), [100, 100, 200, 40, 300, 100, 300, 300]);
  await click(screen([200, 40]));
  assert.deepEqual(await points(), [100, 100, 300, 100, 300, 300]);
  assert.equal(await page.evaluate("window.answer.unfinished ?? false"), false);
});

fact("proposals come dashed with their score; what is accepted is a person's", async () => {
  await begin({ prelabels: [{ class: "a", bbox: [0.1, 0.1, 0.2, 0.2], confidence: 0.87 }, { class: "b", bbox: [0.5, 0.5, 0.2, 0.2], confidence: 0.4 }] });
  assert.equal(await page.evaluate('document.querySelector(".canvas-chip").textContent.trim().replace(/\\s+/g, " ")'), "<i>apple</i> 87 %");
  assert.notEqual(await page.evaluate('getComputedStyle(document.querySelector(".a9s-annotation .a9s-inner")).strokeDasharray'), "none");
  assert.deepEqual((await labels()).map((label) => label.proposed), [true, true]);
  await screenshot(page, "canvas-proposals");
  await key("a");
  await key("a");
  await key("x");
  assert.deepEqual(await labels(), [{ class: "a", bbox: [0.1, 0.1, 0.2, 0.2] }]);
});

fact("the next picture begins without the shapes of the one before", async () => {
  await drag([100, 50], [300, 250]);
  await begin();
  assert.deepEqual([await labels(), await page.evaluate('document.querySelectorAll(".a9s-annotation, .canvas-chip").length')], [[], 0]);
});

fact("two fingers zoom and draw nothing, one draws", async () => {
  const [a, b] = [screen([200, 200]), screen([260, 200])];
  await touch("touchStart", [a]);
  await touch("touchStart", [a, b]);
  for (let i = 1; i <= 5; i += 1) await touch("touchMove", [[a[0] - 12 * i, a[1]], [b[0] + 12 * i, b[1]]]);
  await touch("touchEnd", []);
  await settle();
  const was = scale;
  await look();
  assert.ok(scale / was > 1.5, `${scale / was}`);
  assert.equal(await page.locator(".draft *").count(), 0);
  assert.deepEqual(await labels(), []);
  await touch("touchStart", [screen([220, 190])]);
  await touch("touchMove", [screen([240, 200])]);
  await touch("touchMove", [screen([260, 220])]);
  await touch("touchEnd", []);
  await settle();
  assert.equal((await labels()).length, 1);
});

fact("who only reads changes nothing", async () => {
  await begin({ readOnly: true, prelabels: [{ class: "a", bbox: [0.2, 0.2, 0.2, 0.2], confidence: 0.9 }] });
  await drag([150, 120], [300, 300]);
  await key("Delete");
  assert.equal(await page.evaluate("window.answer"), null);
  assert.equal(await page.evaluate('document.querySelectorAll(".a9s-annotation").length'), 1);
});

fact("a picture that cannot be shown says so", async () => {
  await page.evaluate('window.begin({ image: "data:image/png;base64,AAAA" })');
  await page.waitForFunction(() => document.querySelector(".canvas-fault")?.getAttribute("role") === "alert");
});

await run(async (browser, given) => {
  const server = await serve(given);
  try {
    page = await openPage(browser, { viewport: { width: 1000, height: 800 } });
    fingers = await page.context().newCDPSession(page);
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.waitForFunction(() => window.there === true);
    for (const [name, act] of facts) {
      await begin({ kind: "object-detection" });
      await act().catch(async (error) => {
        await screenshot(page, "canvas-failed");
        throw new Error(`${name}: ${error.message}`, { cause: error });
      });
    }
    return { facts: facts.length, problems: page.problems };
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
