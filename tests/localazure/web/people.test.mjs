// The people page and the settings page without a browser: words, shares, what a form would send.
import assert from "node:assert/strict";
import { test } from "node:test";
import { access, emailProblem, keptWords, personPath, shareOf, sorted, until } from "../../../localazure/web/labeling/people_words.js";
import { changesOf, FIELDS, problemsOf, toForm } from "../../../localazure/web/labeling/settings_form.js";

const NOW = new Date(2026, 10, 20, 12, 0).getTime();
const at = (...parts) => new Date(2026, 10, ...parts).toISOString();
const SETTINGS = {
  overlap: 1,
  leaseMinutes: 15,
  order: "manual",
  agreementIou: 0.5,
  consensus: { minimumAgreement: 0.5 },
  gold: { every: 0 },
  instructions: "",
  assist: { enabled: false, after: 12, retrainEvery: 50, threshold: 0.3, classes: [], budgetMinutes: 3 },
};

test("how a person gets in is said in a few words", () => {
  assert.deepEqual(access({ invited: at(20, 15, 4), lastSeen: null }, NOW), { text: "link open until 15:04", kind: "info" });
  assert.deepEqual(access({ invited: null, lastSeen: at(20, 11) }, NOW), { text: "has signed in", kind: "ok" });
  assert.deepEqual(access({ invited: null, lastSeen: null }, NOW), { text: "no link yet", kind: "warn" });
  assert.deepEqual([until(at(21, 9, 5), NOW), until(at(30, 9, 5), NOW)], ["Sat 09:05", "30 Nov 2026"]);
});

test("e-mail addresses are looked at before they are sent", () => {
  for (const good of ["anna@example.org", " A.b+c@x ", "a@b-c.d.e"]) assert.equal(emailProblem(good), "");
  for (const wrong of ["", "anna", "anna@", "@b", "a b@c", "a@b/c", "a@b..c", "<a>@b", `${"a".repeat(65)}@b`]) assert.notEqual(emailProblem(wrong), "", wrong);
});

test("paths hold what is typed, encoded", () => {
  assert.equal(personPath("a+b@x.org", "/invite"), "/people/a%2Bb%40x.org/invite");
});

test("administrators come first, then names", () => {
  const people = [
    { email: "c@x", name: "Carl", role: "labeler" },
    { email: "a@x", name: "", role: "labeler" },
    { email: "z@x", name: "Zoe", role: "administrator" },
    { email: "b@x", name: "Ben", role: "teamLead" },
  ];
  assert.deepEqual(sorted(people).map((one) => one.email), ["z@x", "b@x", "a@x", "c@x"]);
});

test("a share is a number of pictures or a part of all", () => {
  assert.deepEqual([shareOf("40"), shareOf(" 25 % "), shareOf("100%")], [{ count: 40 }, { share: 0.25 }, { share: 1 }]);
  assert.deepEqual(["0", "0%", "101 %", "-3", "1.5", "x", ""].map(shareOf), Array(7).fill(null));
  assert.deepEqual([keptWords(0), keptWords(1)], ["No pictures are kept for this person.", "1 picture in the queue is kept for this person."]);
});

test("only what was changed is sent", () => {
  const form = toForm(SETTINGS);
  assert.equal(changesOf(form, SETTINGS), null);
  assert.deepEqual(changesOf({ ...form, overlap: "1 ", "assist.threshold": "0,3" }, SETTINGS), null);
  const changed = { ...form, overlap: "2", "gold.every": "10", "assist.enabled": true, "assist.classes": ["b", "a"], instructions: "# Hi" };
  assert.deepEqual(changesOf(changed, SETTINGS), { overlap: 2, gold: { every: 10 }, assist: { enabled: true, classes: ["b", "a"] }, instructions: "# Hi" });
  assert.equal(changesOf({ ...form, "assist.classes": ["b", "a"] }, { ...SETTINGS, assist: { ...SETTINGS.assist, classes: ["a", "b"] } }), null);
});

test("numbers out of bounds, and what is no number, are told before saving", () => {
  const form = toForm(SETTINGS);
  assert.deepEqual(problemsOf(form), {});
  for (const [path, text] of [["overlap", "0"], ["overlap", "11"], ["overlap", "1.5"], ["overlap", ""], ["overlap", "two"], ["leaseMinutes", "1e9"], ["agreementIou", "1.1"], ["assist.budgetMinutes", "0"]]) {
    assert.deepEqual(Object.keys(problemsOf({ ...form, [path]: text })), [path], `${path}: ${text}`);
  }
  assert.deepEqual(Object.keys(problemsOf({ ...form, instructions: "x".repeat(65_537) })), ["instructions"]);
  assert.equal(new Set(FIELDS.map((field) => field.path)).size, FIELDS.length);
});
