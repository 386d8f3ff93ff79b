// Addresses, errors in words, requests, instructions: what the shell of the labeling pages decides.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { ApiError, ask, bound, withQuery } from "../../../localazure/web/labeling/api.js";
import { parse as parseMarkdown, safeLink } from "../../../localazure/web/labeling/markdown.js";
import { may, PAGES, pagesFor, parse, place } from "../../../localazure/web/labeling/routes.js";
import { join, withSlugs, workspaceOf } from "../../../localazure/web/labeling/session.js";

const fetched = globalThis.fetch;
afterEach(() => (globalThis.fetch = fetched));

function answering(status, body) {
  const asked = [];
  globalThis.fetch = async (url, options) => {
    asked.push({ url, ...options });
    return { ok: status < 400, status, text: async () => (body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body)) };
  };
  return asked;
}

test("an address names a project and a page, and back", () => {
  for (const [project, page, rest] of [["fruit", "label", []], ["a/b #?", "data", ["7", "x/y"]], ["ws:fruit", null, []]]) {
    assert.deepEqual(parse(place(project, page, ...rest)), { project, page, rest });
  }
  assert.deepEqual(parse(""), { project: null, page: null, rest: [] });
  assert.deepEqual(parse("#/p/"), { project: null, page: null, rest: [] });
  assert.deepEqual(parse("#/p/%E0%A4%A/label"), { project: "%E0%A4%A", page: "label", rest: [] });
});

test("a person sees the pages that the role opens", () => {
  const table = [{ page: "label", needs: "labeling/labels/write" }, { page: "data", needs: "labeling/labels/read" }];
  assert.deepEqual(pagesFor(["labeling/labels/write"], table).map((row) => row.page), ["label"]);
  assert.deepEqual(pagesFor([], table), []);
  assert.equal(may(["labeling/projects/write"], "projects/write"), true);
  assert.equal(may(["labeling/projects/write"], "labeling/projects/write"), true);
  assert.equal(may(["labeling/projects/read"], "projects/write"), false);
});

test("every page of the table has a title, an action and a module", () => {
  assert.equal(new Set(PAGES.map((row) => row.page)).size, PAGES.length);
  for (const row of PAGES) assert.ok(row.title && row.needs.includes("/") && typeof row.load === "function", row.page);
});

test("projects of one name are told apart by workspace, then by number", () => {
  const api = (workspace) => `/labeling/v1.0/subscriptions/s/resourceGroups/g/providers/M/workspaces/${workspace}/projects/fruit`;
  const projects = [{ name: "fruit", api: api("one") }, { name: "fruit", api: api("two") }, { name: "fruit", api: api("two") }, { name: "tools", api: api("one") }];
  assert.deepEqual(withSlugs(projects).map((one) => one.slug), ["one:fruit", "two:fruit", "two:fruit:2", "tools"]);
  assert.equal(workspaceOf("/nothing"), "");
});

test("the token of a personal link leaves the address bar before it is sent", async () => {
  const order = [];
  globalThis.fetch = async (url, options) => {
    order.push(["sent", url, options.body]);
    return { ok: true, status: 204, text: async () => "" };
  };
  await join({ hash: "#secret" }, { replaceState: (_state, _title, url) => order.push(["bar", url]) });
  assert.deepEqual(order, [["bar", "/labeling/"], ["sent", "/labeling/session", '{"token":"secret"}']]);
});

test("requests say who sends them, and leave out what has no value", async () => {
  const asked = answering(200, { a: 1 });
  const api = bound("/labeling/v1.0/x/projects/fruit");
  assert.deepEqual(await api.get("/tasks", { state: "labeled", class: "", from: null, top: 0 }), { a: 1 });
  assert.equal(asked[0].url, "/labeling/v1.0/x/projects/fruit/tasks?state=labeled&top=0");
  assert.equal(asked[0].headers["x-labeling-client"], "page");
  assert.equal(asked[0].credentials, "same-origin");
  await api.post("/labeling/session");
  assert.deepEqual([asked[1].url, asked[1].body], ["/labeling/session", "{}"]);
  assert.equal(withQuery("/a?b=1", { c: "ä&" }), "/a?b=1&c=%C3%A4%26");
});

test("an error says what is wrong and what to do", async () => {
  answering(409, { error: { code: "VersionConflict", message: "raw", target: "7" }, current: { id: 7 } });
  const conflict = await ask("POST", "/x", { body: {} }).catch((error) => error);
  assert.ok(conflict instanceof ApiError);
  assert.deepEqual([conflict.status, conflict.code, conflict.current, conflict.task, conflict.passing], [409, "VersionConflict", { id: 7 }, "7", false]);
  assert.match(conflict.message, /changed after you opened it/);
  assert.match(conflict.hint, /choose/);
  answering(503, "<html>busy</html>");
  const down = await ask("GET", "/x").catch((error) => error);
  assert.deepEqual([down.status, down.passing], [503, true]);
  answering(400, { error: { code: "UserError", message: "The class 'x' is unknown." } });
  assert.equal((await ask("GET", "/x").catch((error) => error)).message, "The class 'x' is unknown.");
});

test("no connection, no answer in time, and giving up are three things", async () => {
  globalThis.fetch = async () => {
    throw new TypeError("failed to fetch");
  };
  const offline = await ask("GET", "/x").catch((error) => error);
  assert.deepEqual([offline.code, offline.offline, offline.passing], ["Offline", true, true]);
  globalThis.fetch = (_url, { signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
  assert.equal((await ask("GET", "/x", { deadline: 5 }).catch((error) => error)).code, "Late");
  const given = new AbortController();
  const left = ask("GET", "/x", { signal: given.signal }).catch((error) => error);
  given.abort();
  assert.equal((await left).name, "AbortError");
});

test("instructions are read into plain values", () => {
  const text = "# Title #\n\nSome **strong** and *soft* `code`\nnext.\n\n- one\n- two\n  more\n\n1. first\n\n> said\n\n```\n<b>\n```";
  assert.deepEqual(parseMarkdown(text), [
    { kind: "heading", level: 1, parts: [{ kind: "text", text: "Title" }] },
    {
      kind: "paragraph",
      parts: [
        { kind: "text", text: "Some " }, { kind: "strong", text: "strong" }, { kind: "text", text: " and " }, { kind: "em", text: "soft" },
        { kind: "text", text: " " }, { kind: "code", text: "code" }, { kind: "text", text: "\nnext." },
      ],
    },
    { kind: "list", ordered: false, items: [[{ kind: "text", text: "one" }], [{ kind: "text", text: "two\nmore" }]] },
    { kind: "list", ordered: true, items: [[{ kind: "text", text: "first" }]] },
    { kind: "quote", blocks: [{ kind: "paragraph", parts: [{ kind: "text", text: "said" }] }] },
    { kind: "code", text: "<b>" },
  ]);
});

test("tables are read, and a line with a bar is no table", () => {
  const [table, after] = parseMarkdown("| label | looks |\n|---|:--:|\n| apple | **red** |\n| pear |\n\nnext");
  const text = (words) => [{ kind: "text", text: words }];
  assert.deepEqual(table, { kind: "table", head: [text("label"), text("looks")], rows: [[text("apple"), [{ kind: "strong", text: "red" }]], [text("pear")]] });
  assert.equal(after.kind, "paragraph");
  assert.equal(parseMarkdown("a | b\nc | d")[0].kind, "paragraph");
});

test("links lead to the web or to mail, nowhere else", () => {
  for (const bad of ["javascript:alert(1)", " JavaScript:x", "data:text/html,x", "//x.org", "/labeling", "https://x.org/\"onclick=", null]) assert.equal(safeLink(bad), null, bad);
  assert.equal(safeLink(" https://x.org/a?b#c "), "https://x.org/a?b#c");
  assert.equal(safeLink("mailto:a@b.org"), "mailto:a@b.org");
  assert.deepEqual(parseMarkdown("[x](javascript:y) [ok](https://x.org) https://y.org/z.")[0].parts.filter((part) => part.kind === "link"), [
    { kind: "link", text: "ok", address: "https://x.org" },
    { kind: "link", text: "https://y.org/z.", address: "https://y.org/z." },
  ]);
});

test("text that no end is foreseen for is read in a moment", () => {
  for (const text of ["*".repeat(50_000), "[".repeat(50_000), "> ".repeat(5_000), "`a".repeat(20_000), "https://".repeat(10_000), "a|b\n" + "|--".repeat(20_000) + "x", "|\n--|--\n" + "|".repeat(50_000)]) {
    const began = performance.now();
    parseMarkdown(text);
    assert.ok(performance.now() - began < 1_000, text.slice(0, 4));
  }
});
