// The exercise in a real browser: boxes drawn by mouse and keys, proposals of a model accepted or drawn anew, and the review of all of it.
// FACTS: act (label | finish | review), link or address and state (a session kept from before), count, truth and proposals by file name:
// boxes as [class from 1 on, x, y, width, height], shares of the picture.
import assert from "node:assert/strict";
import { openPage, run, screenshot } from "../../tools/browser/browser.mjs";

const TOUCHING = 0.5;
const shapes = (page) => page.getByRole("listbox", { name: "Shapes" }).getByRole("option").count();
const progress = (page) => page.locator(".progress .num");

await run(async (browser, facts) => {
  const page = await openPage(browser, facts.link ? {} : { storageState: facts.state });
  await page.goto(facts.link ?? facts.address);
  const work = facts.act === "review" ? review(page) : label(page, facts);
  const result = await work.catch(async (error) => {
    await screenshot(page, "exercise-failed");
    throw error;
  });
  await page.context().storageState({ path: facts.state });
  return { ...result, address: page.url(), problems: page.problems };
});

/** Label `count` pictures as `truth` says; a picture whose proposals are right is submitted as it is. */
async function label(page, { act, truth, proposals: known = {}, count }) {
  let accepted = 0;
  for (let done = 0; done < count; done += 1) {
    const frame = await shownPicture(page);
    const name = await page.locator(".label-name").textContent();
    const proposed = (await shapes(page)) ? known[name] : [];
    if (done < 2) await screenshot(page, `exercise-${act}-${done + 1}`);
    if (proposed.length && same(proposed, truth[name])) accepted += 1;
    else {
      if (proposed.length) await page.keyboard.press("Shift+Delete");
      for (const box of truth[name]) await draw(page, frame, box);
    }
    if (done === 0) await screenshot(page, `exercise-${act}-drawn`);
    const before = await progress(page).textContent();
    await page.keyboard.press("Enter");
    await page.waitForFunction((text) => document.querySelector(".progress .num").textContent !== text, before);
  }
  await page.getByText("saving").waitFor({ state: "detached" });
  return { accepted, progress: await progress(page).textContent() };
}


/** Where the picture is on the screen, once it stands. */
async function shownPicture(page) {
  await page.waitForFunction(() => {
    const picture = document.querySelector(".label-main img");
    return picture?.complete && picture.naturalWidth > 0;
  });
  return page.locator(".label-main img").first().boundingBox();
}

/** The class by its key, the tool by its key, the box by the mouse. */
async function draw(page, frame, [kind, x, y, width, height]) {
  const before = await shapes(page);
  const at = (shareX, shareY) => [frame.x + shareX * frame.width, frame.y + shareY * frame.height];
  await page.keyboard.press("Escape"); // nothing selected: the number chooses the class of the next box
  await page.keyboard.press(String(kind));
  await page.keyboard.press("r");
  await page.mouse.move(...at(x, y));
  await page.mouse.down();
  await page.mouse.move(...at(x + width / 2, y + height / 3), { steps: 3 });
  await page.mouse.move(...at(x + width, y + height));
  await page.mouse.up();
  await page.getByRole("listbox", { name: "Shapes" }).getByRole("option").nth(before).waitFor();
}

/** Whether each box has one of its class on the other side that overlaps it by half, and none is left. */
function same(proposed, truth) {
  const left = [...truth];
  for (const one of proposed) {
    const at = left.findIndex((other) => one[0] === other[0] && overlap(one.slice(1), other.slice(1)) >= TOUCHING);
    if (at < 0) return false;
    left.splice(at, 1);
  }
  return left.length === 0;
}

function overlap([ax, ay, aw, ah], [bx, by, bw, bh]) {
  const width = Math.max(0, Math.min(ax + aw, bx + bw) - Math.max(ax, bx));
  const height = Math.max(0, Math.min(ay + ah, by + bh) - Math.max(ay, by));
  const shared = width * height;
  return shared / (aw * ah + bw * bh - shared);
}

/** Look at everything and approve it. */
async function review(page) {
  await page.getByRole("link", { name: "Data" }).click();
  const pictures = page.getByRole("listbox", { name: "Pictures" });
  await pictures.waitFor();
  await page.getByText("To review", { exact: true }).click();
  await page.waitForFunction(() => [...document.querySelectorAll(".cards img")].every((one) => one.complete));
  await screenshot(page, "exercise-review");
  await pictures.getByRole("option").first().focus();
  await page.keyboard.press("Control+a");
  const decide = page.getByRole("toolbar", { name: "What becomes of the selected pictures" });
  await decide.getByRole("button", { name: /^Approve/ }).click();
  await page.getByText("No pictures match").waitFor();
  await page.getByRole("link", { name: "Dashboard" }).click();
  await page.getByRole("heading", { name: "Answers per day" }).waitFor();
  await screenshot(page, "exercise-dashboard");
  assert.ok(await page.getByText("live").isVisible());
  for (const name of ["People", "Settings", "Instructions"]) {
    await page.getByRole("link", { name, exact: true }).click();
    await page.getByRole("heading", { name, level: 1 }).waitFor();
    await screenshot(page, `exercise-${name.toLowerCase()}`);
  }
  return {};
}
