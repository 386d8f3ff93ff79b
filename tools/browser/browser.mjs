// A browser for tests: the system's Chromium, driven by playwright-core from .tools/browser (make browser).
// Owns: finding and starting both, pages that remember what went wrong on them, screenshots. Leaves: what is done there to a test's script.

import { accessSync, constants, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const QUIET = [
  "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
  "--no-sandbox", // CI runs as root; the pages are our own, from loopback
];

/** Where the browser is: VISIONLAB_CHROMIUM, or what stands on the PATH; null when there is none. */
export function findChromium(environment = process.env) {
  const folders = (environment.PATH ?? "").split(delimiter);
  const places = [environment.VISIONLAB_CHROMIUM, ...NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))];
  return places.find((place) => place && executable(place)) ?? null;
}

/** Start it; `close` ends it. */
export async function startBrowser() {
  const { chromium } = createRequire(join(ROOT, ".tools", "browser", "package.json"))("playwright-core");
  return chromium.launch({ executablePath: findChromium(), args: QUIET });
}

/** A page of its own session. `page.problems`: what the console and the page's scripts complained of. */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.problems = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && page.problems.push(message.text()));
  page.on("pageerror", (error) => page.problems.push(String(error)));
  return page;
}

/** Keep a picture of the page as NAME.png in the folder that SCREENSHOTS names; nothing without one. */
export async function screenshot(page, name) {
  if (!process.env.SCREENSHOTS) return;
  mkdirSync(process.env.SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}.png`) });
}

/** Run a test's script: `work(browser, facts)`. What it gives is the last line on standard output, as JSON. */
export async function run(work) {
  const browser = await startBrowser();
  try {
    const result = await work(browser, JSON.parse(process.env.FACTS ?? "{}"));
    process.stdout.write(`${JSON.stringify(result ?? {})}\n`);
  } finally {
    await browser.close();
  }
}

function executable(place) {
  try {
    accessSync(place, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
