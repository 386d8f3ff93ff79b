// Other tabs of the same person on the same project: they hear of what is submitted here, and know of each other.
// Owns: the channel between them. Leaves: what follows to who listens.

/** `onDone(ids)`: these tasks were submitted in another tab. `channel` is a BroadcastChannel, or null where there is none. */
export class Tabs {
  constructor({ channel, onDone, own = crypto.randomUUID() }) {
    this.channel = channel;
    this.own = own;
    this.others = new Set();
    this.onDone = onDone;
    if (!channel) return;
    channel.onmessage = ({ data }) => this.hear(data);
    this.say("hello");
  }

  /** Whether this tab is the only one, as far as it knows. */
  get alone() {
    return this.others.size === 0;
  }

  done(ids) {
    this.say("done", ids);
  }

  close() {
    this.say("bye");
    this.channel?.close();
    this.channel = null;
  }

  hear({ what, from, ids }) {
    if (what === "bye") this.others.delete(from);
    else this.others.add(from);
    if (what === "hello") this.say("here");
    if (what === "done" && Array.isArray(ids)) this.onDone(ids);
  }

  say(what, ids = []) {
    this.channel?.postMessage({ what, from: this.own, ids });
  }
}
