// The data page and the dashboard in a real browser: decided by keys and by mouse, corrected in place, watched live, read on a phone and in the dark.
import assert from "node:assert/strict";
import { openPage, run, screenshot } from "../../tools/browser/browser.mjs";

const PHONE = { width: 360, height: 740 };

const fits = (page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
const figure = (page, name) => page.locator(".figure", { hasText: name }).locator(".figure-value").textContent();
const told = (page, text) => page.locator(".toast").getByText(text).waitFor();

await run(async (browser, { link, leadLink, total }) => {
  const page = await openPage(browser);
  await page.goto(link);
  await page.getByRole("link", { name: "Data" }).click();
  await page.locator(".task-card").first().waitFor();
  assert.equal(await page.locator(".task-card").count(), total);
  assert.match(await page.locator(".task-card").first().getAttribute("aria-label"), /; labeled; /);

  // Somebody else watches the numbers.
  const watcher = await openPage(browser, { colorScheme: "dark" });
  await watcher.goto(leadLink);
  await watcher.getByRole("link", { name: "Dashboard" }).click();
  await watcher.getByText("live", { exact: true }).waitFor();
  assert.equal(await figure(watcher, "To review"), String(total));

  // Three are selected by keys alone, and approved.
  await page.locator(".task-card").first().focus();
  for (const key of ["ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight"]) await page.keyboard.press(key);
  await page.getByText("3 selected").waitFor();
  await screenshot(page, "labeling-data-selected");
  const began = Date.now();
  await page.keyboard.press("a");
  await told(page, "3 pictures approved.");
  await watcher.locator(".figure", { hasText: "To review" }).getByText(String(total - 3), { exact: true }).waitFor();
  const liveMs = Date.now() - began;
  await screenshot(watcher, "labeling-dashboard-dark");

  // All on the page by Ctrl+A; what is approved is left, and why is said.
  await page.keyboard.press("Control+a");
  await page.keyboard.press("r");
  await page.getByRole("dialog").getByText(`Reject ${total} pictures?`).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Clear" }).click();
  await page.locator(".pick").nth(1).click();
  await page.locator(".pick").nth(4).click({ modifiers: ["Shift"] });
  await page.getByText("4 selected").waitFor();
  await page.getByRole("button", { name: "Reject" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Reject" }).click();
  await told(page, "1 picture rejected, 3 pictures left as they are. It is approved: take the approval back first (3).");

  // One is opened, corrected by mouse and keys, made gold; the address finds it again.
  await page.getByRole("button", { name: "To review" }).click();
  await page.waitForFunction((count) => document.querySelectorAll(".task-card").length === count, total - 4);
  await page.locator(".task-card").first().click();
  await page.locator(".task-picture svg rect").first().waitFor({ state: "attached" });
  await page.keyboard.press("e");
  await page.locator(".task-editor canvas, .task-editor svg").first().waitFor({ state: "attached" });
  const shapes = page.locator(".task-editor [role=listbox] [role=option]");
  await shapes.first().click();
  await page.keyboard.press("2");
  await page.getByRole("button", { name: "Save correction" }).click();
  await told(page, "Corrected.");
  await page.locator(".chip", { hasText: /banana/i }).first().waitFor();
  await page.getByRole("button", { name: "Make it gold" }).click();
  await page.locator(".task-head .badge", { hasText: "gold" }).waitFor();
  await page.getByText("Known answer").waitFor();
  await page.reload();
  await page.locator(".task-head .badge", { hasText: "gold" }).waitFor();
  await page.locator(".happened li").getByText("corrected").waitFor();
  await screenshot(page, "labeling-data-picture");
  const name = await page.locator(".task-head h1").textContent();
  await page.keyboard.press("a");
  await page.waitForFunction((old) => document.querySelector(".task-head h1").textContent !== old, name);
  await page.locator(".task-picture svg rect").first().waitFor({ state: "attached" });

  // Found by class, in an address that can be passed on; on a phone nothing is cut off.
  await page.getByRole("button", { name: "All pictures" }).click();
  await page.getByRole("button", { name: /^All \d/ }).click();
  await page.getByRole("button", { name: "Filters" }).click();
  await page.selectOption("#filter-gold", "true");
  await page.waitForFunction(() => document.querySelectorAll(".task-card").length === 1);
  assert.match(page.url(), /gold%3Dtrue/);
  await page.getByRole("button", { name: "Show all" }).click();
  await screenshot(page, "labeling-data");
  await page.setViewportSize(PHONE);
  assert.ok(await fits(page), "the data page fits on a phone");
  await screenshot(page, "labeling-data-phone");
  await watcher.setViewportSize(PHONE);
  assert.ok(await fits(watcher), "the dashboard fits on a phone");
  await screenshot(watcher, "labeling-dashboard-phone");

  // The numbers stand behind the drawings as tables, and the drawings say what they are.
  const drawn = await watcher.locator("svg[role=img]").evaluateAll((all) => all.map((one) => one.querySelector("title").textContent));
  assert.deepEqual(drawn, ["Pictures by state"]);
  await watcher.getByText("Labels by class as a table").click();
  await watcher.locator("details[open] tbody tr").first().waitFor();

  // A team lead sees all of it and may reject, but not approve.
  await watcher.getByRole("link", { name: "Data" }).click();
  await watcher.locator(".task-card").first().click();
  await watcher.getByRole("button", { name: "Correct" }).waitFor();
  assert.equal(await watcher.getByRole("button", { name: /Approve|gold/ }).count(), 0);
  return { problems: [...page.problems, ...watcher.problems], liveMs };
});
