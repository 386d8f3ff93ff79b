// Answers on their way to the server: kept in the browser before they are sent, until the server has them.
// Owns: the stored submissions and in which order they go out. Leaves: sending to a function that it is given, showing to the pages.

const PREFIX = "labeling:outbox:";

/** The browser's storage is full or closed: what was not stored must not look as if it were safe. */
export class NotStored extends Error {}

/**
 * The outbox of one person in one project. Each submission is an entry of its own, so that two tabs never write over each other.
 * Entry: {id, at, answers, refused: null | {status, code, message, hint, current}}.
 */
export class Outbox {
  /** `send(entry)` gives the server's answer or throws; `uuid` and `now` are handed in so that tests can choose. */
  constructor({ storage, person, project, send, uuid = () => crypto.randomUUID(), now = () => Date.now() }) {
    this.storage = storage;
    this.prefix = `${PREFIX}${person}:${project}:`;
    this.send = send;
    this.uuid = uuid;
    this.now = now;
    this.flushing = null;
    this.last = 0;
  }

  /** Every entry, oldest first; what cannot be read is left alone. */
  entries() {
    const found = [];
    for (let index = 0; index < this.storage.length; index += 1) {
      const key = this.storage.key(index);
      if (!key?.startsWith(this.prefix)) continue;
      const entry = parsed(this.storage.getItem(key));
      if (entry) found.push(entry);
    }
    return found.sort((one, other) => one.at - other.at || (one.id < other.id ? -1 : 1));
  }

  waiting() {
    return this.entries().filter((entry) => !entry.refused);
  }

  refused() {
    return this.entries().filter((entry) => entry.refused);
  }

  /** Keep answers for sending; NotStored when the browser will not keep them. */
  add(answers) {
    this.last = Math.max(this.now(), this.last + 1);
    const entry = { id: this.uuid(), at: this.last, answers, refused: null };
    this.keep(entry);
    return entry;
  }

  drop(id) {
    this.storage.removeItem(this.prefix + id);
  }

  /** Send a refused answer once more, changed: `version` of the task as it is now, perhaps another lease. */
  again(entry, changes) {
    const answers = entry.answers.map((answer) => ({ ...answer, ...changes }));
    const next = this.add(answers);
    this.drop(entry.id);
    return next;
  }

  /**
   * Send what waits, one after the other. Ends at the first that may go through later, and gives its error (null: all went out).
   * `onSent(entry, answer)` for each that the server took; refused ones stay, with the reason.
   */
  flush(onSent = () => {}) {
    this.flushing ??= this.sendAll(onSent).finally(() => (this.flushing = null));
    return this.flushing;
  }

  async sendAll(onSent) {
    for (;;) {
      const [entry] = this.waiting();
      if (!entry) return null;
      try {
        const answer = await this.send(entry);
        this.drop(entry.id);
        onSent(entry, answer);
      } catch (error) {
        if (!refusal(error)) return error;
        this.refuse(entry, error);
      }
    }
  }

  /** One bad answer holds up no good one: a submission of several is taken apart, and each sent by itself. */
  refuse(entry, error) {
    if (entry.answers.length > 1) {
      for (const answer of entry.answers) this.add([answer]);
      this.drop(entry.id);
      return;
    }
    const { status, code, message, hint, current } = error;
    this.keep({ ...entry, refused: { status, code, message, hint, current } });
  }

  keep(entry) {
    try {
      this.storage.setItem(this.prefix + entry.id, JSON.stringify(entry));
    } catch (error) {
      throw new NotStored(`The browser keeps no more: ${error.message}`);
    }
  }
}

/** Whether the server will say no again however often it is asked: not for a lost connection, a pause or a lost session. */
export function refusal(error) {
  if (error.passing || error.status === 401 || error.code === "NotRunning") return false;
  return error.status >= 400 && error.status < 500;
}

/** Milliseconds until the next try after `tries` that failed. */
export function pause(tries) {
  return Math.min(30_000, 1_000 * 2 ** Math.min(tries, 5));
}

/** A storage that lasts as long as the page, where the browser has none. */
export class ShortMemory {
  constructor() {
    this.map = new Map();
  }

  get length() {
    return this.map.size;
  }

  key(index) {
    return [...this.map.keys()][index] ?? null;
  }

  getItem(key) {
    return this.map.get(key) ?? null;
  }

  setItem(key, value) {
    this.map.set(key, String(value));
  }

  removeItem(key) {
    this.map.delete(key);
  }
}

function parsed(text) {
  try {
    const entry = JSON.parse(text);
    return Array.isArray(entry?.answers) && entry.answers.length && typeof entry.id === "string" ? entry : null;
  } catch {
    return null;
  }
}
