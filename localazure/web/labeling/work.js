// A person's work on a project: the tasks in hand, their answers, and how both come and go.
// Owns: taking, renewing, releasing, submitting. Without a browser: requests, storage and time are handed in. Leaves: showing to label_page.js.

import { firstAnswer, missing, sameAnswer, SKIPPED, wire } from "./answers.js";
import { pause } from "./outbox.js";

const MOST = 16;

/**
 * `phase`: loading | ready | empty | paused | offline | error. `held`: tasks with a living lease, the first `size` are on the page.
 * `onChange` is called after every change.
 */
export class Work {
  constructor({ api, outbox, drafts, size, leaseMinutes = 15, onChange = () => {}, onProgress = () => {}, tell = () => {}, now = () => Date.now(), later = (act, ms) => setTimeout(act, ms) }) {
    Object.assign(this, { api, outbox, drafts, size, onChange, onProgress, tell, now, later });
    this.leaseMs = leaseMinutes * 60_000;
    this.held = [];
    this.answers = new Map();
    this.firsts = new Map();
    this.phase = "loading";
    this.error = null;
    this.remaining = null;
    this.sending = null; // the error that holds up the outbox
    this.filling = null;
    this.tries = 0; // of taking
    this.waits = 0; // of sending
    this.timer = false;
    this.closed = false;
    this.shownAt = now();
    this.progress = null;
  }

  page() {
    return this.held.slice(0, this.size);
  }

  next() {
    return this.held.slice(this.size, 2 * this.size);
  }

  async start() {
    this.drafts.sweep();
    this.flush();
    await this.fill();
  }

  /** Take tasks until the page and the next one are full. One request at a time. */
  fill() {
    this.filling ??= this.take().finally(() => (this.filling = null));
    return this.filling;
  }

  async take() {
    const wanted = Math.min(MOST, 2 * this.size - this.held.length);
    if (wanted <= 0 || this.closed) return;
    const away = new Set(this.outbox.entries().flatMap((entry) => entry.answers.map((answer) => answer.task)));
    const seen = [...this.held.map((task) => task.id), ...away];
    let given;
    try {
      given = await this.api.post("/queue/take", { count: wanted, seen });
    } catch (error) {
      this.failed(error);
      return;
    }
    if (this.closed) return;
    const before = this.page().length;
    const held = this.held.length;
    for (const task of given.tasks) {
      if (seen.includes(task.id)) continue;
      this.held.push(task);
      this.firsts.set(task.id, firstAnswer(task));
      this.answers.set(task.id, this.drafts.get(task) ?? firstAnswer(task));
    }
    this.tries = 0;
    this.remaining = given.remaining;
    this.count(given.progress);
    this.settle(before);
    if (this.held.length === held + wanted) await this.take(); // a request brings at most 16
  }

  settle(before) {
    this.phase = this.held.length ? "ready" : "empty";
    this.error = null;
    if (!before && this.held.length) this.shownAt = this.now();
    this.onChange();
  }

  failed(error) {
    if (this.closed) return;
    this.error = error;
    if (error.code === "NotRunning") this.phase = this.held.length ? "ready" : "paused";
    else if (!this.held.length) this.phase = error.passing ? "offline" : "error";
    if (error.passing) {
      this.tries += 1;
      this.later(() => this.closed || this.fill(), pause(this.tries));
    }
    this.onChange();
  }

  /** Whether something was chosen or drawn for this task. */
  touched(task) {
    return !sameAnswer(this.answers.get(task.id) ?? null, this.firsts.get(task.id) ?? null);
  }

  answer(task, answer) {
    this.answers = new Map(this.answers).set(task.id, answer);
    if (this.touched(task)) this.drafts.put(task, answer);
    else this.drafts.drop(task);
    this.onChange();
  }

  /** Take over all answers of a map that differ. */
  answerAll(answers) {
    for (const task of this.page()) {
      if (answers.get(task.id) !== this.answers.get(task.id)) this.answer(task, answers.get(task.id));
    }
  }

  /** What keeps the page from being submitted. */
  missing(check) {
    return missing(this.page(), this.answers, check);
  }

  /** Keep the page's answers for sending and go on to the next page. NotStored when the browser will not keep them. */
  submit() {
    const tasks = this.page();
    const seconds = (this.now() - this.shownAt) / 1000 / Math.max(1, tasks.length);
    this.outbox.add(tasks.map((task) => wire(task, this.answers.get(task.id), seconds)));
    this.letGo(tasks);
    this.tell(tasks.map((task) => task.id));
    this.shownAt = this.now();
    if (!this.held.length) this.phase = "loading";
    this.count(this.progress);
    this.onChange();
    return Promise.all([this.flush(), this.fill()]);
  }

  /** The one picture of a page is skipped: that submits it. */
  skipPage() {
    for (const task of this.page()) this.answers.set(task.id, SKIPPED);
    return this.submit();
  }

  letGo(tasks) {
    const ids = new Set(tasks.map((task) => task.id));
    for (const task of tasks) {
      this.drafts.drop(task);
      this.answers.delete(task.id);
      this.firsts.delete(task.id);
    }
    this.held = this.held.filter((task) => !ids.has(task.id));
  }

  /** Send what waits; tried again by itself until it went out. */
  async flush() {
    const error = await this.outbox.flush((_entry, answer) => {
      this.remaining = answer?.remaining ?? this.remaining;
      this.count(answer?.progress);
    });
    if (this.closed) return;
    this.sending = error;
    if (!error) this.waits = 0;
    else if (!this.timer && (error.passing || error.code === "NotRunning")) {
      this.timer = true;
      this.later(() => {
        this.timer = false;
        return this.closed || this.flush();
      }, pause(this.waits));
      this.waits += 1;
    }
    this.onChange();
  }

  /** Leases that are half over are made longer; an untouched task whose lease ended goes back. */
  async renew() {
    const due = this.held.filter((task) => Date.parse(task.lease.until) - this.now() < this.leaseMs / 2);
    if (!due.length || this.closed) return;
    let renewed;
    try {
      renewed = await this.api.post("/queue/renew", { tasks: due.map((task) => ({ id: task.id, lease: task.lease.token })) });
    } catch {
      return; // asked again in a minute; a lease that ends meanwhile is accepted while nobody else has the task
    }
    const until = new Map(renewed.tasks.map((one) => [one.id, one.until]));
    for (const task of due) if (until.has(task.id)) task.lease.until = until.get(task.id);
    this.letGo(due.filter((task) => !until.has(task.id) && !this.touched(task)));
    this.onChange();
    await this.fill();
  }

  /** A refused answer is given up; with `keep` it is on the page again when the task comes back. */
  giveUp(entry, { keep = false } = {}) {
    if (keep) for (const { task, version, state, labels } of entry.answers) this.drafts.put({ id: task, version }, { state, labels });
    this.outbox.drop(entry.id);
    this.onChange();
    return this.fill();
  }

  /** Tasks that were submitted in another tab: the untouched ones are dropped here. */
  submittedElsewhere(ids) {
    this.letGo(this.held.filter((task) => ids.includes(task.id) && !this.touched(task)));
    this.onChange();
    this.fill();
  }

  /** A picture did not load: find out why; only a broken one is marked, a lost connection is tried again. */
  async pictureFailed(task) {
    let fault = "undecodable"; // the server sent something, the browser could not show it
    try {
      await this.api.get(task.image);
    } catch (error) {
      if (error.passing || error.status === 401) return false;
      fault = error.code === "UndecodableImage" ? "undecodable" : "missing";
    }
    task.fault = fault;
    if (!this.touched(task)) this.answers.set(task.id, null);
    this.firsts.set(task.id, null);
    this.onChange();
    return true;
  }

  /** Whether a change of the layout would lose something on the page. */
  wouldLose() {
    return this.held.some((task) => this.touched(task));
  }

  /** Another number of pictures on the page; what was on it is cleared. */
  resize(size) {
    this.size = size;
    for (const task of this.held) {
      this.drafts.drop(task);
      this.answers.set(task.id, this.firsts.get(task.id) ?? null);
    }
    this.shownAt = this.now();
    this.onChange();
    return this.fill();
  }

  /** The end. With `release`, what was not begun is given back, so that others need not wait for its leases to end. */
  close({ release }) {
    if (this.closed) return;
    this.closed = true;
    if (!release) return;
    const idle = this.held.filter((task) => !this.touched(task));
    if (!idle.length) return;
    const tasks = idle.map((task) => ({ id: task.id, lease: task.lease.token }));
    this.api.post("/queue/release", { tasks }, { keepalive: true }).catch(() => {}); // the leases end by themselves
  }

  /** Progress as the server told it, and what waits to be sent on top of it. */
  count(progress) {
    if (!progress) return;
    this.progress = progress;
    const waiting = this.outbox.waiting().flatMap((entry) => entry.answers).length;
    this.onProgress({ ...progress, labeled: (progress.labeled ?? 0) + waiting });
  }
}
