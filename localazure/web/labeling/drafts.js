// What is on the page and not submitted yet, kept in the browser: a reload or a crash loses nothing that was drawn.
// Owns: one entry for each task and version. Leaves: what an answer is to the pages.

const PREFIX = "labeling:draft:";
const KEPT_MS = 7 * 24 * 3600 * 1000;

export class Drafts {
  constructor({ storage, person, project, now = () => Date.now() }) {
    this.storage = storage;
    this.prefix = `${PREFIX}${person}:${project}:`;
    this.now = now;
  }

  /** Keep an answer; a full storage is no harm, the page still has it. */
  put(task, answer) {
    try {
      this.storage.setItem(this.key(task), JSON.stringify({ at: this.now(), answer }));
    } catch {
      // as long as the page is open, nothing is lost
    }
  }

  /** The kept answer for this very version of the task, or null. */
  get(task) {
    return read(this.storage.getItem(this.key(task)))?.answer ?? null;
  }

  drop(task) {
    this.storage.removeItem(this.key(task));
  }

  /** Forget what is a week old. */
  sweep() {
    const keys = Array.from({ length: this.storage.length }, (_, index) => this.storage.key(index));
    for (const key of keys) {
      if (!key?.startsWith(this.prefix)) continue;
      const kept = read(this.storage.getItem(key));
      if (!kept || this.now() - kept.at > KEPT_MS) this.storage.removeItem(key);
    }
  }

  key(task) {
    return `${this.prefix}${task.id}:${task.version}`;
  }
}

function read(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
