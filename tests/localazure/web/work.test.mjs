// The outbox, drafts and the work on a project: nothing that was submitted gets lost, nothing is sent twice as two.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../../../localazure/web/labeling/api.js";
import { Drafts } from "../../../localazure/web/labeling/drafts.js";
import { NotStored, Outbox, pause, refusal, ShortMemory } from "../../../localazure/web/labeling/outbox.js";
import { Tabs } from "../../../localazure/web/labeling/tabs.js";
import { Work } from "../../../localazure/web/labeling/work.js";

const OWN = { person: "ada@lab.org", project: "/labeling/p" };
const offline = () => new ApiError({ status: 0, code: "Offline", message: "" });
const refused = (code, current = null) => new ApiError({ status: 409, code, message: "", current });
const answer = (task, version = 1) => ({ task, lease: `l${task}`, version, state: "labeled", labels: [{ class: "a" }], seconds: 1 });

/** An outbox over a server that does what `plan` says, one entry for each request: an error, or nothing for "taken". */
function outboxWith(plan, storage = new ShortMemory()) {
  let count = 0;
  const got = [];
  const send = async (entry) => {
    const step = plan.shift();
    got.push([entry.id, entry.answers.map((one) => one.task)]);
    if (step instanceof Error) throw step;
    return step ?? { progress: null };
  };
  const outbox = new Outbox({ ...OWN, storage, send, uuid: () => `u${++count}`, now: () => 1_000 });
  return { outbox, got, storage };
}

test("answers wait in the browser until the server has them, under the same id", async () => {
  const { outbox, got, storage } = outboxWith([offline(), offline()]);
  outbox.add([answer(1)]);
  outbox.add([answer(2)]);
  assert.equal((await outbox.flush()).code, "Offline");
  assert.deepEqual(got, [["u1", [1]]], "after a lost connection the second is not tried");
  const later = outboxWith([], storage); // another tab, or the same after a reload
  assert.equal(later.outbox.waiting().length, 2);
  const sent = [];
  assert.equal(await later.outbox.flush((entry) => sent.push(entry.id)), null);
  assert.deepEqual([later.got, sent], [[["u1", [1]], ["u2", [2]]], ["u1", "u2"]]);
  assert.equal(storage.length, 0);
});

test("one bad answer holds up no good one", async () => {
  const current = { id: 2, state: "labeled", version: 5, labels: [] };
  const { outbox, got } = outboxWith([refused("VersionConflict"), undefined, refused("VersionConflict", current), undefined]);
  outbox.add([answer(1), answer(2), answer(3)]);
  assert.equal(await outbox.flush(), null);
  assert.deepEqual(got.map(([, tasks]) => tasks), [[1, 2, 3], [1], [2], [3]]);
  assert.equal(new Set(got.map(([id]) => id)).size, 4, "a part of a submission is another submission");
  const [left] = outbox.refused();
  assert.deepEqual([left.answers[0].task, left.refused.code, left.refused.current], [2, "VersionConflict", current]);
  const next = outbox.again(left, { version: 5 });
  assert.deepEqual([outbox.refused(), outbox.waiting().map((one) => one.id), next.answers[0].version], [[], [next.id], 5]);
});

test("a pause, a lost session and a busy server are no refusals", () => {
  assert.deepEqual([refused("NotRunning"), offline(), new ApiError({ status: 401 }), new ApiError({ status: 429 }), new ApiError({ status: 500 })].map(refusal), [false, false, false, false, false]);
  assert.deepEqual([refused("LeaseOver"), new ApiError({ status: 400 }), new ApiError({ status: 403 }), new ApiError({ status: 404 })].map(refusal), [true, true, true, true]);
});

test("a browser that keeps no more says so", () => {
  const storage = new ShortMemory();
  storage.setItem = () => {
    throw new Error("quota");
  };
  assert.throws(() => outboxWith([], storage).outbox.add([answer(1)]), NotStored);
});

test("what is none of ours in the storage is left alone", () => {
  const storage = new ShortMemory();
  storage.setItem("other", "1");
  storage.setItem("labeling:outbox:ada@lab.org:/labeling/p:broken", "{");
  storage.setItem("labeling:outbox:eve@lab.org:/labeling/p:u1", JSON.stringify({ id: "u1", at: 1, answers: [answer(1)] }));
  assert.deepEqual(outboxWith([], storage).outbox.entries(), []);
});

test("two calls at once send once", async () => {
  const { outbox, got } = outboxWith([]);
  outbox.add([answer(1)]);
  await Promise.all([outbox.flush(), outbox.flush()]);
  assert.equal(got.length, 1);
});

test("tries come at longer and longer times, half a minute at most", () => {
  assert.deepEqual([0, 1, 2, 4, 5, 50].map(pause), [1_000, 2_000, 4_000, 16_000, 30_000, 30_000]);
});

test("a draft is of one version of a task and lives a week", () => {
  const storage = new ShortMemory();
  let now = 0;
  const drafts = new Drafts({ ...OWN, storage, now: () => now });
  drafts.put({ id: 1, version: 2 }, { state: "labeled", labels: [] });
  assert.deepEqual(drafts.get({ id: 1, version: 2 }), { state: "labeled", labels: [] });
  assert.equal(drafts.get({ id: 1, version: 3 }), null);
  now = 6 * 24 * 3600 * 1000;
  drafts.sweep();
  assert.notEqual(drafts.get({ id: 1, version: 2 }), null);
  now *= 2;
  drafts.sweep();
  assert.equal(storage.length, 0);
});

/** Work over a queue of `count` tasks. `fail` is thrown by the next requests as long as it is set. */
function workOn(count, size = 2, storage = new ShortMemory()) {
  const queue = { fail: null, asked: [], done: [], tasks: Array.from({ length: count }, (_, index) => ({ id: index + 1, version: 1, state: "open", labels: [], prelabels: [], image: `/i/${index + 1}` })) };
  const timers = [];
  const api = {
    post: async (path, body) => {
      queue.asked.push([path, body]);
      if (queue.fail) throw queue.fail;
      if (path === "/queue/take") {
        const open = queue.tasks.filter((task) => !queue.done.includes(task.id) && !body.seen.includes(task.id)).slice(0, body.count);
        return { tasks: open.map((task) => ({ ...task, lease: { token: `l${task.id}`, until: new Date(900_000).toISOString() } })), progress: { total: count, labeled: queue.done.length }, remaining: 9 };
      }
      if (path === "/queue/renew") return { tasks: body.tasks.slice(1).map(({ id }) => ({ id, until: new Date(1_800_000).toISOString() })) };
      queue.done.push(...(body.answers ?? []).map((one) => one.task));
      return { progress: { total: count, labeled: queue.done.length }, remaining: count - queue.done.length };
    },
    get: async () => {
      throw queue.fail ?? new ApiError({ status: 422, code: "UndecodableImage", message: "" });
    },
  };
  const own = { ...OWN, storage };
  const clock = { ms: 0 };
  let ids = 0;
  const progress = [];
  const work = new Work({
    api,
    outbox: new Outbox({ ...own, send: ({ id, answers }) => api.post("/queue/submit", { submission: id, answers }), uuid: () => `s${++ids}`, now: () => clock.ms }),
    drafts: new Drafts({ ...own, now: () => clock.ms }),
    size,
    now: () => clock.ms,
    later: (act) => timers.push(act),
    onProgress: (one) => progress.push(one.labeled),
  });
  return { work, queue, timers, clock, storage, progress };
}
const choice = { state: "labeled", labels: [{ class: "a" }] };

test("the next page is in hand before this one is done", async () => {
  const { work, queue, clock } = workOn(5);
  await work.start();
  assert.deepEqual([work.page().map((task) => task.id), work.next().map((task) => task.id)], [[1, 2], [3, 4]]);
  assert.deepEqual(work.missing().map((one) => one.place), [1, 2]);
  for (const task of work.page()) work.answer(task, choice);
  assert.deepEqual(work.missing(), []);
  clock.ms = 5_000;
  const sent = work.submit();
  assert.deepEqual(work.page().map((task) => task.id), [3, 4], "before anybody answered");
  await sent;
  assert.deepEqual(queue.done, [1, 2]);
  assert.deepEqual(work.held.map((task) => task.id), [3, 4, 5]);
  const submitted = queue.asked.find(([path]) => path === "/queue/submit")[1];
  assert.deepEqual([submitted.submission, submitted.answers[0]], ["s1", { task: 1, lease: "l1", version: 1, seconds: 2.5, ...choice }]);
  assert.equal(work.remaining, 9);
});

test("sixteen on a page are followed by sixteen more", async () => {
  const { work, queue } = workOn(40, 16);
  await work.start();
  assert.deepEqual(queue.asked.map(([, body]) => [body.count, body.seen.length]), [[16, 0], [16, 16]]);
  assert.deepEqual([work.page().length, work.next().length], [16, 16]);
});

test("without a connection one works on, and it all goes out when it is back", async () => {
  const { work, queue, timers, progress } = workOn(4, 1);
  await work.start();
  queue.fail = offline();
  work.answer(work.page()[0], choice);
  await work.submit();
  await work.skipPage();
  assert.deepEqual([work.phase, work.outbox.waiting().length, queue.done], ["offline", 2, []]);
  assert.equal(work.sending.code, "Offline");
  assert.equal(progress.at(-1), 2, "what waits counts as done for the person");
  queue.fail = null;
  while (timers.length) await timers.shift()();
  assert.deepEqual([queue.done, work.outbox.waiting(), work.sending], [[1, 2], [], null]);
  assert.deepEqual([work.phase, work.page().map((task) => task.id)], ["ready", [3]]);
});

test("tasks that wait in the outbox are not taken again", async () => {
  const { work, queue } = workOn(2, 1);
  await work.start();
  queue.fail = offline();
  work.answer(work.page()[0], choice);
  await work.submit();
  queue.fail = null;
  await work.fill();
  assert.deepEqual(queue.asked.at(-1)[1], { count: 1, seen: [2, 1] });
});

test("what was begun is there again after a reload", async () => {
  const first = workOn(3, 2);
  await first.work.start();
  first.work.answer(first.work.page()[1], choice);
  first.work.close({ release: true });
  const [path, body] = first.queue.asked.at(-1);
  assert.deepEqual([path, body.tasks.map((one) => one.id)], ["/queue/release", [1, 3]], "what was begun is not given back");
  const second = workOn(3, 2, first.storage);
  await second.work.start();
  assert.deepEqual(second.work.answers.get(2), choice);
  assert.equal(second.work.touched({ id: 2 }), true);
  await second.work.resize(1);
  assert.deepEqual([second.work.answers.get(2), second.storage.length], [null, 0]);
});

test("a tab that is not alone gives nothing back: the other has the same leases", async () => {
  const { work, queue } = workOn(3, 2);
  await work.start();
  work.close({ release: false });
  work.close({ release: true });
  assert.deepEqual(queue.asked.map(([path]) => path), ["/queue/take"]);
});

test("tabs know of each other and of what was submitted", () => {
  const channels = [];
  const heard = [];
  const open = (own) => {
    const channel = { postMessage: (data) => channels.forEach((one) => one !== channel && one.onmessage({ data })), close: () => channels.splice(channels.indexOf(channel), 1), onmessage: () => {} };
    channels.push(channel);
    return new Tabs({ channel, own, onDone: (ids) => heard.push([own, ids]) });
  };
  const one = open("one");
  assert.equal(one.alone, true);
  const two = open("two");
  assert.deepEqual([one.alone, two.alone], [false, false]);
  one.done([7]);
  assert.deepEqual(heard, [["two", [7]]]);
  one.close();
  assert.equal(two.alone, true);
  assert.equal(new Tabs({ channel: null, onDone: () => {} }).alone, true);
});

test("leases are made longer when half of them is over; what nobody began goes back when one is lost", async () => {
  const { work, queue, clock } = workOn(3, 2);
  await work.start();
  await work.renew();
  assert.equal(queue.asked.filter(([path]) => path === "/queue/renew").length, 0);
  clock.ms = 460_000;
  queue.tasks = queue.tasks.filter((task) => task.id !== 1); // its lease was lost to somebody else
  await work.renew();
  assert.deepEqual(work.held.map((task) => [task.id, Date.parse(task.lease.until)]), [[2, 1_800_000], [3, 1_800_000]]);
});

test("what was begun stays on the page when its lease was lost: the server decides about it", async () => {
  const { work, clock } = workOn(2, 2);
  await work.start();
  work.answer(work.page()[0], choice);
  clock.ms = 460_000;
  await work.renew();
  assert.deepEqual(work.held.map((task) => [task.id, Date.parse(task.lease.until)]), [[1, 900_000], [2, 1_800_000]]);
});

test("a task that is given twice is there once", async () => {
  const { work, queue } = workOn(3, 2);
  await work.start();
  work.api.post = async () => ({ tasks: queue.tasks.map((task) => ({ ...task, lease: { token: "x", until: "2030-01-01T00:00:00Z" } })), progress: null, remaining: 3 });
  await work.fill();
  assert.deepEqual(work.held.map((task) => [task.id, task.lease.token]), [[1, "l1"], [2, "l2"], [3, "l3"]]);
});

test("a picture that cannot be shown can only be skipped", async () => {
  const { work, queue } = workOn(1, 1);
  await work.start();
  const [task] = work.page();
  queue.fail = offline();
  assert.equal(await work.pictureFailed(task), false);
  assert.equal(task.fault, undefined, "a lost connection is no broken picture");
  queue.fail = null;
  assert.equal(await work.pictureFailed(task), true);
  assert.equal(task.fault, "undecodable");
  assert.match(work.missing()[0].why, /only be skipped/);
  await work.skipPage();
  assert.deepEqual([queue.done, work.phase], [[1], "empty"]);
});

test("an answer that was wrong comes back with its picture, one that came too late is given up", async () => {
  const { work, queue } = workOn(1, 1);
  await work.start();
  work.answer(work.page()[0], choice);
  queue.fail = new ApiError({ status: 400, code: "ZeroSize", message: "" });
  await work.submit();
  queue.fail = null;
  const [entry] = work.outbox.refused();
  assert.deepEqual([entry.refused.status, entry.refused.code, work.held], [400, "ZeroSize", []]);
  await work.giveUp(entry, { keep: true });
  assert.deepEqual([work.outbox.entries(), work.answers.get(1)], [[], choice]);
  queue.fail = refused("AlreadyDone");
  await work.submit();
  queue.fail = null;
  await work.giveUp(work.outbox.refused()[0]);
  assert.equal(work.answers.get(1), null);
});

test("a paused project says so", async () => {
  const { work, queue } = workOn(2);
  queue.fail = refused("NotRunning");
  await work.start();
  assert.equal(work.phase, "paused");
  queue.fail = null;
  await work.fill();
  assert.equal(work.phase, "ready");
});

test("what another tab submitted leaves this one, unless it was begun here", async () => {
  const { work } = workOn(2, 2);
  await work.start();
  work.answer(work.page()[0], choice);
  work.submittedElsewhere([1, 2]);
  assert.deepEqual(work.held.map((task) => task.id), [1]);
});
