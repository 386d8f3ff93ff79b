// The data page and the dashboard without a browser: filters in addresses, selections, words, the charts' arithmetic.
import assert from "node:assert/strict";
import { test } from "node:test";
import { everyDay, ringPaths, ticks } from "../../../localazure/web/labeling/chart_geometry.js";
import { everything, NOTHING, nothing, picked, settled, walked } from "../../../localazure/web/labeling/selection.js";
import { changed, countMore, dumpFilters, parseFilters, VIEWS, viewOf } from "../../../localazure/web/labeling/task_filters.js";
import { ago, badgesOf, duration, happened, outcomeWords, percent, whoIs } from "../../../localazure/web/labeling/task_words.js";

const IDS = [11, 12, 13, 14, 15];
const held = (state) => [...state.ids].sort();

test("an address holds the filters that there are, and nothing else", () => {
  const filters = { state: "labeled", class: "a&b=c", search: "x y%" };
  assert.deepEqual(parseFilters(dumpFilters(filters)), filters);
  assert.deepEqual(parseFilters("state=open&evil=1&class="), { state: "open" });
  assert.deepEqual([parseFilters("all"), parseFilters(undefined), dumpFilters({})], [{}, {}, "all"]);
  assert.deepEqual(changed(filters, { class: "", order: "newest" }), { state: "labeled", search: "x y%", order: "newest" });
});

test("a view is shown as such whatever the order is, and not with further filters", () => {
  for (const view of VIEWS) assert.equal(viewOf({ ...view.filters, order: "newest" }), view);
  assert.equal(viewOf({ state: "labeled", review: "none", class: "apple" }), undefined);
  assert.equal(countMore({ state: "labeled", class: "apple", search: "x", from: "2026-11-20" }), 2);
});

test("pictures are chosen one by one, in a row, and all", () => {
  const one = picked(NOTHING, IDS, 1);
  assert.deepEqual(held(one), [12]);
  assert.deepEqual(held(picked(one, IDS, 1)), []);
  assert.deepEqual(held(picked(one, IDS, 3, { range: true })), [12, 13, 14]);
  assert.deepEqual(held(picked(picked(one, IDS, 3, { range: true }), IDS, 0, { range: true })), [11, 12, 13, 14]);
  assert.deepEqual(held(picked(NOTHING, IDS, 2, { range: true })), [13], "a row needs a beginning");
  assert.deepEqual(held(everything(NOTHING, IDS)), IDS);
  assert.deepEqual([held(nothing(everything(one, IDS))), nothing(one).focus], [[], 1]);
});

test("the focus walks, and selects on the way with Shift", () => {
  const there = walked(walked(NOTHING, IDS, 1), IDS, 2, { range: true });
  assert.deepEqual([held(there), there.focus], [[12, 13], 2]);
  assert.deepEqual(held(walked(there, IDS, 3, { range: true })), [12, 13, 14]);
  assert.deepEqual(held(walked(there, IDS, 4)), [12, 13]);
});

test("another page keeps only what is on it", () => {
  const state = settled({ ...everything(NOTHING, IDS), focus: 4, all: true }, [14, 15, 16]);
  assert.deepEqual([held(state), state.focus, state.all], [[14, 15], 2, false]);
  assert.equal(settled(NOTHING, []).focus, 0);
});

test("what was done and what was left is said, each reason once", () => {
  const refused = [
    { id: 1, code: "VersionConflict", message: "Changed." },
    { id: 2, code: "VersionConflict", message: "Changed." },
    { id: 3, code: "Gold", message: "Known." },
  ];
  const words = outcomeWords("approve", { done: [4], refused });
  assert.deepEqual([words.text, words.kind], ["1 picture approved, 3 pictures left as they are.", "warn"]);
  assert.deepEqual(words.reasons, ["Changed (2).", "Known."]);
  assert.equal(outcomeWords("reject", { done: [1, 2], refused: [] }).text, "2 pictures rejected.");
  assert.equal(outcomeWords("approve", { done: [], refused: refused.slice(0, 1) }).text, "1 picture left as it is.");
});

test("a task's badges, times and shares are said as people say them", () => {
  const task = { state: "labeled", review: "", gold: true, fault: "missing" };
  assert.deepEqual(badgesOf(task).map((badge) => badge.text), ["labeled", "gold", "missing"]);
  assert.equal(badgesOf({ ...task, review: "approved" })[0].text, "approved");
  assert.deepEqual([duration(4.25), duration(42), duration(150), duration(7800), duration(40 * 3600), duration(80 * 3600)], ["4.3 s", "42 s", "3 min", "2 h 10 min", "40 h", "3 days"]);
  const now = Date.parse("2026-11-20T12:00:00Z");
  assert.deepEqual([ago("2026-11-20T11:59:50Z", now), ago("2026-11-20T11:58:59Z", now), ago("2026-11-18T11:00:00Z", now), ago("nonsense", now)], ["just now", "1 min ago", "18 Nov 2026", ""]);
  assert.deepEqual([percent(0.874), percent(0), percent(null)], ["87 %", "0 %", "–"]);
  assert.equal(happened({ what: "gold", detail: { gold: false } }), "took it out of the gold pictures");
  assert.equal(happened({ what: "assigned", detail: { email: "ben@lab.org", tasks: 9 } }), "kept 9 pictures for ben@lab.org");
  assert.equal(happened({ what: "invited" }), "made a link for somebody");
  assert.equal(happened({ what: "something new", detail: {} }), "something new");
});

test("people have names, and a token's owner is no person", () => {
  const names = new Map([["ada@lab.org", "Ada"]]);
  assert.deepEqual([whoIs("ada@lab.org", names), whoIs("bob@lab.org", names), whoIs("import"), whoIs("5accf975-6900-44c7-8bdd-d00dfeed0000")], ["Ada", "bob@lab.org", "import", "a program"]);
});

test("a ring leaves empty parts out, and one part is the whole ring", () => {
  const parts = ringPaths([{ value: 3 }, { value: 0 }, { value: 1 }]);
  assert.deepEqual(parts.map(({ part }) => part.value), [3, 1]);
  assert.match(parts[0].d, /^M .* 0 1 1 .* Z$/, "three quarters are the large arc");
  assert.match(parts[1].d, /^M .* 0 0 1 .* Z$/);
  assert.equal(ringPaths([{ value: 5 }, { value: 0 }])[0].d.match(/Z/g).length, 2);
  assert.deepEqual(ringPaths([{ value: 0 }]), []);
});

test("scales are whole round numbers from nothing to the most", () => {
  for (const [most, wanted] of [[0, [0, 1]], [1, [0, 1]], [3, [0, 1, 2, 3]], [6, [0, 2, 4, 6]], [97, [0, 50, 100]], [1234, [0, 500, 1000, 1500]]]) {
    assert.deepEqual(ticks(most), wanted);
  }
});

test("days on which nothing happened are there too", () => {
  const days = everyDay([{ date: "2026-11-19", labeled: 4, skipped: 1 }], "2026-11-20", 3);
  assert.deepEqual(days.map((day) => [day.date, day.labeled]), [["2026-11-18", 0], ["2026-11-19", 4], ["2026-11-20", 0]]);
});
