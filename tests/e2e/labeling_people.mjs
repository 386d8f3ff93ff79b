// People and settings in a real browser: adding somebody, the personal link, roles, signing out everywhere; pausing, a class, instructions.
import assert from "node:assert/strict";
import { openPage, run, screenshot } from "../../tools/browser/browser.mjs";

const NAME = "Ben <img src=x onerror=alert(1)>";
const CLASS = "Kiwi <b>";

const tabs = (page) => page.locator(".tabs a").allTextContents();
const fits = (page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);

await run(async (browser, { link, total }) => {
  const page = await openPage(browser);
  await page.goto(link);
  await page.getByRole("link", { name: "People" }).click();

  // Somebody new: a wrong address is told, the link is shown once.
  await page.getByRole("button", { name: "Add a person" }).click();
  await page.keyboard.type("ben at lab");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("That is no e-mail address").waitFor();
  await page.fill("#add-email", "Ben@Lab.org");
  await page.fill("#add-name", NAME);
  await screenshot(page, "labeling-add-person");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Make a link" }).click();
  const bens = await page.inputValue("#invite-link");
  await screenshot(page, "labeling-personal-link");
  await page.getByRole("button", { name: "Done" }).click();

  // A share is kept for Ben, who signs in and sees what a labeler sees.
  await page.getByRole("button", { name: `Change ${NAME}` }).click();
  await page.fill("#edit-share", "50 %");
  await page.getByRole("button", { name: `Keep for ${NAME}` }).click();
  await page.waitForFunction((half) => document.querySelector('tr:last-child td[data-of="Kept for"]')?.textContent === half, String(total / 2));
  const ben = await openPage(browser);
  await ben.goto(bens);
  await ben.locator(".tabs").waitFor();
  assert.deepEqual(await tabs(ben), ["Label", "Instructions"]);

  // As a team lead Ben reads who is here, and changes nothing.
  await page.selectOption(`select[aria-label="Role of ${NAME}"]`, "teamLead");
  await page.getByRole("button", { name: `Set: Role of ${NAME}` }).click();
  await page.getByText("is team lead now").waitFor();
  await screenshot(page, "labeling-people");
  await ben.reload();
  await ben.getByRole("link", { name: "People" }).click();
  await ben.locator(".people-table").waitFor();
  assert.equal(await ben.locator(".people-table select, .people-table button, .team-form").count(), 0);
  await page.setViewportSize({ width: 360, height: 740 });
  assert.ok(await fits(page), "people fit on a phone");
  await screenshot(page, "labeling-people-phone");
  await page.setViewportSize({ width: 1280, height: 800 });

  // Taken back, Ben is out at once.
  await page.getByRole("button", { name: `Change ${NAME}` }).click();
  await page.getByRole("button", { name: "Sign out everywhere" }).click();
  await page.getByText("is signed out everywhere").waitFor();
  await ben.reload();
  await ben.getByText("Open your personal link").waitFor();

  // Settings: what is wrong is told, what was changed is kept, text stays text.
  await page.getByRole("link", { name: "Settings" }).click();
  await page.fill("#setting-leaseMinutes", "0");
  await page.getByRole("button", { name: "Save" }).click();
  assert.equal(await page.evaluate(() => document.activeElement.id), "setting-leaseMinutes");
  await page.fill("#setting-leaseMinutes", "20");
  await page.getByRole("link", { name: "People" }).click();
  await page.locator(".people-table").waitFor();
  await page.getByRole("link", { name: "Settings" }).click();
  assert.equal(await page.inputValue("#setting-leaseMinutes"), "20", "what was not saved is there again");
  await page.fill("#setting-instructions", "# Fruit\n\n- <img src=x onerror=alert(1)>\n- **whole** ones");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator(".save-bar").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Preview" }).click();
  assert.equal(await page.locator(".preview li").first().textContent(), "<img src=x onerror=alert(1)>");

  // A class comes while the project is paused.
  await page.getByRole("button", { name: "Pause" }).click();
  await page.fill("#class-name", CLASS);
  await page.getByText("Start over, keep labels as defaults").click();
  await screenshot(page, "labeling-add-class");
  await page.getByRole("button", { name: "Add the class" }).click();
  await page.locator(".class-rows").getByText(CLASS).waitFor();
  await page.getByRole("button", { name: "Look for new pictures" }).click();
  await page.getByText(`Nothing new; there are ${total}.`).waitFor();
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByText("The project runs again").waitFor();
  await page.evaluate(() => scrollTo(0, 0));
  await screenshot(page, "labeling-settings");
  await page.setViewportSize({ width: 360, height: 740 });
  assert.ok(await fits(page), "settings fit on a phone");
  const expected = ["401"];
  return { problems: [...page.problems, ...ben.problems].filter((text) => !expected.some((known) => text.includes(known))) };
});
