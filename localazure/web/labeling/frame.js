// What stands around every page: the bar with project, tabs, progress and person, and the messages that come and go.
// Owns: how these look and are read out. Leaves: what they say to main.js and the pages.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { html } from "htm/preact";

const SHOWN_MS = 7_000;

export function Frame({ session, signOut, title, project, links = [], saving = null, children }) {
  useEffect(() => {
    document.title = `${title} · Labeling`;
  }, [title]);
  const current = links.find((one) => one.current)?.page;
  const tabs = useRef(null);
  useEffect(() => tabs.current?.querySelector("[aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" }), [current]);
  return html`
    <button type="button" class="button skip-link" onClick=${() => document.querySelector("main")?.focus()}>Skip to the page</button>
    <header class="top">
      <a class="home" href="#/"><img src="/labeling/app/mark.svg" alt="All projects" width="26" height="26" />
        <span class="project-name" title=${project?.title}>${project ? project.title : "Labeling"}</span></a>
      ${links.length
        ? html`<nav class="tabs" aria-label="Pages of the project" ref=${tabs}>
            ${links.map((one) => html`<a key=${one.page} href=${one.href} aria-current=${one.current ? "page" : null}>${one.title}</a>`)}
          </nav>`
        : null}
      <div class="row right">
        ${saving ? html`<span class=${`badge ${saving.kind}`} title=${saving.hint}>${saving.text}</span>` : null}
        ${project ? html`<${Progress} progress=${project.progress} />` : null}
        ${session ? html`<${Person} session=${session} signOut=${signOut} />` : null}
      </div>
    </header>
    <main tabindex="-1">${children}</main>
  `;
}

/** "41/53" with a bar: what is done of what there is. */
export function Progress({ progress }) {
  const { done, total } = counted(progress);
  const share = total ? Math.min(100, (100 * done) / total) : 0;
  return html`<span class="progress" title=${`${done} of ${total} pictures are done`}>
    <span class="num" aria-hidden="true">${done}/${total}</span>
    <span class="bar" role="progressbar" aria-label="Pictures done" aria-valuemin="0" aria-valuemax=${total} aria-valuenow=${done}
      aria-valuetext=${`${done} of ${total}`}><span style=${{ width: `${share}%` }}></span></span>
  </span>`;
}

/** How many pictures are done (labelled, skipped, or waiting for a review), and how many there are. */
export function counted(progress) {
  const { total = 0, labeled = 0, skipped = 0, review = 0 } = progress ?? {};
  return { done: labeled + skipped + review, total };
}

function Person({ session, signOut }) {
  const [open, setOpen] = useState(false);
  const place = useRef(null);
  useEffect(() => {
    if (!open) return undefined;
    const outside = (event) => place.current?.contains(event.target) || setOpen(false);
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);
  const name = session.name || session.email;
  return html`<div class="person" ref=${place} onKeyDown=${(event) => event.key === "Escape" && setOpen(false)}>
    <button type="button" class="button quiet" aria-expanded=${open} onClick=${() => setOpen(!open)}>
      <span class="initial" aria-hidden="true">${[...name][0]?.toUpperCase()}</span><span class="person-name">${name}</span>
    </button>
    ${open
      ? html`<div class="card menu stack">
          <div><strong>${name}</strong><div class="muted small">${session.email}</div></div>
          <a class="button" href="#/" onClick=${() => setOpen(false)}>All projects</a>
          <button type="button" class="button" onClick=${signOut}>Sign out</button>
        </div>`
      : null}
  </div>`;
}

/** A page that only says something, and what to do. */
export function Note({ title, text, children }) {
  return html`<div class="empty">
    <h1>${title}</h1>
    <p>${text}</p>
    ${children ? html`<div class="row wrap">${children}</div>` : null}
  </div>`;
}

/** Messages: `say(text, kind)` shows one for some seconds; bad ones stay until they are closed. */
export function useToasts() {
  const [toasts, setToasts] = useState([]);
  const count = useRef(0);
  const forget = useCallback((id) => setToasts((now) => now.filter((one) => one.id !== id)), []);
  const say = useCallback((text, kind = "info") => {
    const id = ++count.current;
    setToasts((now) => [...now.filter((one) => one.text !== text).slice(-3), { id, text, kind }]);
    if (kind !== "bad") setTimeout(() => forget(id), SHOWN_MS);
  }, []);
  return { toasts, say, forget };
}

export function Toasts({ toasts, forget }) {
  return html`<div class="toasts" role="log" aria-live="polite" aria-label="Messages">
    ${toasts.map(
      (one) => html`<div key=${one.id} class=${`toast ${one.kind}`}>
        <span class="grow">${one.text}</span>
        <button type="button" class="button quiet icon small" aria-label="Close this message" onClick=${() => forget(one.id)}>✕</button>
      </div>`,
    )}
  </div>`;
}
