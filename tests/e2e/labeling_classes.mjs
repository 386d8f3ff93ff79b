// Classification in a real browser, by keys alone: signing in, labels, skipping, a lost connection, two tabs, a reload, a phone.
import assert from "node:assert/strict";
import { openPage, run, screenshot } from "../../tools/browser/browser.mjs";

const loaded = (page) => page.waitForFunction(() => {
  const pictures = [...document.querySelectorAll(".tile img")];
  return pictures.length > 0 && pictures.every((one) => one.complete && one.naturalWidth > 0);
});
const progress = (page, text) => page.waitForFunction((wanted) => document.querySelector(".progress .num")?.textContent === wanted, text);
const names = (page) => page.locator(".tile-name").allTextContents();

async function submitAll(page, digit) {
  await page.keyboard.press("Control+a");
  await page.keyboard.press(digit);
  await page.keyboard.press("Enter");
}

await run(async (browser, { link, total }) => {
  const page = await openPage(browser);
  await page.goto(link);
  await loaded(page);
  assert.ok(!page.url().includes(link.split("#")[1]), "the token is in no address");
  const again = await openPage(browser);
  await again.goto(link);
  await again.getByText("a link signs in once").waitFor();
  await screenshot(again, "labeling-link-used");

  // By keys: nothing is submitted while a picture has no label, and the page says which.
  await page.locator(".tile").first().focus();
  for (const key of ["1", "2", "ArrowRight", "s", "Enter"]) await page.keyboard.press(key);
  await page.getByRole("alert").getByText("Pictures 3, 4, 5 and 6 are not done. Label them, or skip them (S).").waitFor();
  assert.equal(await page.getByRole("option").first().getAttribute("aria-label"), "Picture 1 of 6; Apple; Banana; fruit-training-001.jpg");
  await screenshot(page, "labeling-classes");

  // What people write is shown as they wrote it, and never run.
  await page.getByRole("button", { name: "Instructions" }).click();
  const panel = page.getByRole("complementary", { name: "Instructions" });
  assert.deepEqual(await panel.locator("strong").allTextContents(), ["bold"]);
  assert.ok((await panel.textContent()).includes("<img src=x onerror=alert(1)> [here](javascript:alert(2))"));
  assert.equal(await panel.locator("a[href^=javascript], img").count(), 0);
  await screenshot(page, "labeling-instructions");
  await page.getByRole("button", { name: "Instructions" }).click();

  // What was begun is there after a reload.
  await page.reload();
  await loaded(page);
  assert.equal(await page.locator(".tile.skipped").count(), 1);
  await submitAll(page, "3");
  await progress(page, `6/${total}`);

  // The next page stands within 100 ms.
  await loaded(page);
  await page.waitForFunction(() => performance.getEntriesByName("labeling:shown").length > 0);
  const shown = await page.evaluate(() => performance.getEntriesByName("labeling:shown").map((one) => one.duration));

  // Another tab has the same pictures; what one submits leaves the other.
  const tab = await page.context().newPage();
  await tab.goto(page.url());
  await loaded(tab);
  assert.deepEqual(await names(tab), await names(page));
  await page.bringToFront();

  // Without a connection the work is kept, and goes out when it is back.
  await page.context().setOffline(true);
  await submitAll(page, "1");
  await page.getByText("kept here").waitFor();
  await progress(page, `12/${total}`);
  await screenshot(page, "labeling-offline");
  await page.context().setOffline(false);
  await page.getByText("kept here").waitFor({ state: "detached" });
  await progress(page, `12/${total}`);

  // Another layout asks only when something would be lost.
  await loaded(page);
  await page.getByRole("button", { name: "4 pictures" }).click();
  await page.waitForFunction(() => document.querySelectorAll(".tile").length === 4);
  await page.keyboard.press("1");
  await page.getByRole("button", { name: "1 picture", exact: true }).click();
  await screenshot(page, "labeling-layout-question");
  await page.getByRole("button", { name: "Clear and switch" }).click();
  await page.waitForFunction(() => document.querySelectorAll(".tile").length === 1);
  assert.equal(await page.locator(".label-chip").count(), 0);
  await loaded(page);
  await screenshot(page, "labeling-one-picture");

  const phone = await page.context().newPage();
  await phone.setViewportSize({ width: 360, height: 740 });
  await phone.emulateMedia({ colorScheme: "dark" });
  await phone.goto(page.url());
  await loaded(phone);
  assert.ok((await phone.evaluate(() => document.documentElement.scrollWidth)) <= 360, "a phone needs no scrolling sideways");
  await screenshot(phone, "labeling-phone-dark");
  await phone.close();
  await tab.close();

  // The rest, picture by picture.
  await page.bringToFront();
  for (let done = 12; done < total; done += 1) {
    await page.keyboard.press(done % 2 ? "1" : "2");
    await page.keyboard.press("Enter");
    await progress(page, `${done + 1}/${total}`);
  }
  await page.getByText(`All ${total} pictures are done`).waitFor();
  await screenshot(page, "labeling-done");
  const expected = ["ERR_INTERNET_DISCONNECTED"];
  return { shown, problems: page.problems.filter((text) => !expected.some((known) => text.includes(known))) };
});
