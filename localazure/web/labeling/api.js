// Asking the labeling service: one function for all requests, errors as words that say what to do.
// Owns: headers, deadlines, error envelopes. Leaves: keeping what could not be sent to outbox.js.

import { wordsFor } from "./words.js";

const DEADLINE_MS = 30_000;

/** What went wrong with a request. `status` 0 and `offline` true: nobody answered. `current`: the task as it is now. */
export class ApiError extends Error {
  constructor({ status, code, message, current = null, task = null }) {
    const { said, hint } = wordsFor(status, code, message);
    super(said);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.hint = hint;
    this.current = current;
    this.task = task;
    this.offline = status === 0;
  }

  /** Whether the same request may well succeed later. */
  get passing() {
    return this.offline || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** Send one request; the answer's JSON (null when it has none). ApiError when it failed, AbortError when `signal` says so. */
export async function ask(method, url, { body, query, signal, deadline = DEADLINE_MS, keepalive = false } = {}) {
  const timer = new AbortController();
  const late = setTimeout(() => timer.abort("late"), deadline);
  const stop = () => timer.abort("stopped");
  signal?.addEventListener("abort", stop);
  if (signal?.aborted) stop();
  try {
    const headers = { "x-labeling-client": "page", accept: "application/json" };
    if (body !== undefined) headers["content-type"] = "application/json";
    const answer = await fetch(withQuery(url, query), {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      signal: timer.signal,
      keepalive,
    });
    const document = await jsonOf(answer);
    if (answer.ok) return document;
    const error = document?.error ?? {};
    throw new ApiError({
      status: answer.status,
      code: error.code ?? "",
      message: error.message ?? "",
      current: document?.current ?? error.current ?? null,
      task: error.target ?? null,
    });
  } catch (error) {
    if (error instanceof ApiError) throw error;
    if (signal?.aborted) throw new DOMException("The request was given up.", "AbortError");
    const code = timer.signal.aborted ? "Late" : "Offline";
    throw new ApiError({ status: 0, code, message: "" });
  } finally {
    clearTimeout(late);
    signal?.removeEventListener("abort", stop);
  }
}

/** The requests of one project: paths are below `base`, unless they begin with /labeling. */
export function bound(base) {
  const whole = (path) => (path.startsWith("/labeling") ? path : base + path);
  return {
    base,
    url: (path, query) => withQuery(whole(path), query),
    get: (path, query, options) => ask("GET", whole(path), { query, ...options }),
    post: (path, body, options) => ask("POST", whole(path), { body: body ?? {}, ...options }),
    put: (path, body, options) => ask("PUT", whole(path), { body: body ?? {}, ...options }),
    delete: (path, options) => ask("DELETE", whole(path), options),
  };
}

/** `url` with the parts of `query` that have a value. */
export function withQuery(url, query) {
  const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== "");
  if (!pairs.length) return url;
  return `${url}${url.includes("?") ? "&" : "?"}${new URLSearchParams(pairs.map(([key, value]) => [key, String(value)]))}`;
}

async function jsonOf(answer) {
  const text = await answer.text();
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
