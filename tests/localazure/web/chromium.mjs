// A Chromium without a library: its debugging pipe, and the page of the canvas served beside it.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const WEB = fileURLToPath(new URL("../../../localazure/web/", import.meta.url));
const MODULES = process.env.NODE_MODULES ?? join(WEB, "node_modules");
const LIB = {
  "preact.js": "preact/dist/preact.mjs",
  "preact-hooks.js": "preact/hooks/dist/hooks.mjs",
  "htm.js": "htm/dist/htm.mjs",
  "htm-preact.js": "htm/preact/index.mjs",
  "annotorious.js": "@annotorious/annotorious/dist/annotorious.es.js",
  "annotorious.css": "@annotorious/annotorious/dist/annotorious.css",
};
const ANSWER_MS = 15_000;
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** Serves the labeling pages' modules around one page of ours; gives its address. The policy is as strict as that of the pages. */
export async function serve(script) {
  const shell = readFileSync(join(WEB, "labeling/index.html"), "utf8");
  const map = shell.match(/<script type="importmap">([\s\S]*?)<\/script>/)[1];
  const hash = createHash("sha256").update(map).digest("base64");
  const page = shell.replace("/labeling/app/main.js", "/page.js");
  const policy = `default-src 'self'; script-src 'self' 'sha256-${hash}'; style-src 'self'; img-src 'self' blob: data:; object-src 'none'`;
  const answer = (path) => {
    if (path === "/") return [page, "text/html"];
    if (path === "/page.js") return [script, "text/javascript"];
    const file = path.startsWith("/labeling/lib/") ? join(MODULES, LIB[path.slice(14)]) : join(WEB, "labeling", path.slice(14));
    return [readFileSync(file), { js: "text/javascript", css: "text/css", svg: "image/svg+xml" }[path.split(".").pop()]];
  };
  const server = createServer((request, response) => {
    try {
      const [body, type] = answer(request.url.split("?")[0]);
      response.writeHead(200, { "content-type": type, "content-security-policy": policy });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** A page of a new Chromium: evaluate, mouse, keys, touch; `problems` is what it wrote as errors. */
export async function open(program, address, { width = 1000, height = 800 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "canvas-"));
  const browser = spawn(program, [...FLAGS, "--headless=new", "--remote-debugging-pipe", `--user-data-dir=${folder}`, `--window-size=${width},${height}`], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  const waiting = new Map();
  const problems = [];
  let last = 0;
  let text = "";
  const end = () => {
    browser.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once("exit", end); // also when a test fails before it closes the page
  browser.stdio[4].setEncoding("utf8").on("data", (chunk) => {
    const parts = (text + chunk).split("\0");
    text = parts.pop();
    for (const { id, result, error, method, params } of parts.map((part) => JSON.parse(part))) {
      if (method === "Runtime.exceptionThrown") problems.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
      if (method === "Log.entryAdded" && params.entry.level === "error") problems.push(params.entry.text);
      const [resolve, reject] = waiting.get(id) ?? [];
      waiting.delete(id);
      if (error) reject?.(new Error(error.message));
      else resolve?.(result);
    }
  });
  let sessionId;
  const send = (method, params = {}) =>
    new Promise((resolve, reject) => {
      last += 1;
      const late = setTimeout(() => reject(new Error(`${method}: no answer`)), ANSWER_MS);
      const once = (act) => (value) => {
        clearTimeout(late);
        act(value);
      };
      waiting.set(last, [once(resolve), once(reject)]);
      browser.stdio[3].write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`);
    });

  const { targetId } = await send("Target.createTarget", { url: "about:blank" });
  ({ sessionId } = await send("Target.attachToTarget", { targetId, flatten: true }));
  for (const domain of ["Page", "Runtime", "Log"]) await send(`${domain}.enable`);
  await send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
  await send("Page.navigate", { url: address });

  async function evaluate(expression) {
    const { result, exceptionDetails } = await send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }
  /** After everything that the page had to do for what happened: effects, a frame, and what the frame led to. */
  const settle = () => evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))");
  const mouse = (type, [x, y], button = "none", more = {}) =>
    send("Input.dispatchMouseEvent", { type, x, y, button, buttons: type === "mouseReleased" ? 0 : { none: 0, left: 1, middle: 4 }[button], clickCount: button === "none" ? 0 : 1, ...more });

  return {
    problems,
    evaluate,
    settle,
    mouse,
    async until(expression) {
      for (let i = 0; i < 400; i += 1) {
        if (await evaluate(expression).catch(() => false)) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(`never: ${expression}\n${problems.join("\n")}`);
    },
    async drag(from, to, button = "left") {
      await mouse("mouseMoved", from);
      await mouse("mousePressed", from, button);
      await mouse("mouseMoved", [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2], button);
      await mouse("mouseMoved", to, button);
      await mouse("mouseReleased", to, button);
      await settle();
    },
    async click(at) {
      await mouse("mouseMoved", at);
      await mouse("mousePressed", at, "left");
      await mouse("mouseReleased", at, "left");
      await settle();
    },
    async wheel(at, deltaY) {
      await mouse("mouseWheel", at, "none", { deltaX: 0, deltaY });
      await settle();
    },
    /** Keys as "r", "Escape", "Control+z". */
    async key(name) {
      const parts = name.split("+");
      const key = parts.pop();
      const modifiers = parts.reduce((sum, part) => sum + { Alt: 1, Control: 2, Meta: 4, Shift: 8 }[part], 0);
      const code = /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : /^\d$/.test(key) ? `Digit${key}` : key;
      await send("Input.dispatchKeyEvent", { type: "rawKeyDown", key, code, modifiers });
      await send("Input.dispatchKeyEvent", { type: "keyUp", key, code, modifiers });
      await settle();
    },
    async touch(type, points) {
      await send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
    },
    async close() {
      const ended = new Promise((resolve) => browser.once("exit", resolve));
      send("Browser.close").catch(() => {});
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 3000))]);
      process.off("exit", end);
      end();
    },
  };
}
