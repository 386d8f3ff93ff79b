// The shell: who is signed in, which project and page the address names, the frame around the page.
// Owns: the frame and the address bar. Leaves: every page to its module, the table of pages to routes.js.

import { render } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { html } from "htm/preact";
import { bound } from "./api.js";
import { Frame, Note, Toasts, useToasts } from "./frame.js";
import { may, pagesFor, parse, place } from "./routes.js";
import { join, leave, read } from "./session.js";
import { ProjectList } from "./project_list.js";

function App() {
  const [session, setSession] = useState(null);
  const [problem, setProblem] = useState(null);
  const address = useAddress();
  const { toasts, say, forget } = useToasts();

  const signIn = useCallback(async () => {
    setProblem(null);
    try {
      const joining = location.pathname === "/labeling/join";
      if (joining) await join(location, history);
      const signedIn = await read();
      setSession(signedIn);
      if (joining && signedIn.projects.length === 1) location.hash = place(signedIn.projects[0].slug);
    } catch (error) {
      setProblem(error);
    }
  }, []);
  useEffect(() => void signIn(), []);
  const known = Boolean(session);
  useEffect(() => {
    // Back at the list: its numbers have changed meanwhile.
    if (known && !address.project) read().then(setSession, (error) => error.status === 401 && setProblem(error));
  }, [address.project]);

  const signOut = async () => {
    try {
      await leave();
      setSession(null);
      setProblem({ status: 401, message: "You are signed out.", hint: "Open a personal link to sign in again." });
    } catch (error) {
      say(`${error.message} ${error.hint ?? ""}`, "bad");
    }
  };

  const frame = { session, signOut, toasts };
  let body;
  if (problem) body = html`<${Frame} ...${frame} title="Sign in"><${SignIn} problem=${problem} again=${signIn} /></${Frame}>`;
  else if (!session) body = html`<${Waiting} what="Signing in" />`;
  else if (!address.project) body = html`<${Frame} ...${frame} title="Projects"><${ProjectList} session=${session} /></${Frame}>`;
  else body = html`<${Project} key=${address.project} address=${address} frame=${frame} say=${say} onSignedOut=${setProblem} />`;
  return html`${body}<${Toasts} toasts=${toasts} forget=${forget} />`;
}

/** One project: its document is read once, then the page of the address is loaded into the frame. */
function Project({ address, frame, say, onSignedOut }) {
  const { session } = frame;
  const entry = session.projects.find((one) => one.slug === address.project);
  const [project, setProject] = useState(null);
  const [problem, setProblem] = useState(null);
  const [saving, setSaving] = useState(null);

  const reload = useCallback(async () => {
    if (!entry) return;
    setProblem(null);
    try {
      const document = await bound(entry.api).get("");
      const actions = document.me?.actions ?? entry.actions;
      setProject({ ...document, title: entry.title || document.name, api: entry.api, actions, can: (action) => may(actions, action) });
    } catch (error) {
      if (error.status === 401) onSignedOut(error);
      else setProblem(error);
    }
  }, [entry?.api]);
  useEffect(() => void reload(), [reload]);

  const go = useCallback((page, ...rest) => (location.hash = place(address.project, page, ...rest)), [address.project]);
  const onProgress = useCallback((progress) => progress && setProject((now) => ({ ...now, progress })), []);

  if (!entry) {
    const text = "There is no such project, or you are not one of its people.";
    return html`<${Frame} ...${frame} title="Project"><${Note} title="Not found" text=${text}><a class="button" href="#/">All projects</a></${Note}></${Frame}>`;
  }
  if (problem) {
    return html`<${Frame} ...${frame} title=${entry.name}>
      <${Note} title=${problem.message} text=${problem.hint}><button class="button primary" onClick=${reload}>Try again</button></${Note}>
    </${Frame}>`;
  }
  if (!project) return html`<${Waiting} what=${`Opening ${entry.title || entry.name}`} />`;
  const pages = pagesFor(project.actions);
  const row = pages.find((one) => one.page === address.page) ?? (address.page ? null : pages[0]);
  const links = pages.map((one) => ({ ...one, href: place(entry.slug, one.page), current: one === row }));
  const props = { project, session, api: bound(entry.api), say, go, reload, rest: address.rest, onProgress, onSaving: setSaving };
  return html`<${Frame} ...${frame} title=${`${row?.title ?? "Not found"} · ${project.title}`} project=${project} links=${links} saving=${saving}>
    ${row ? html`<${Loaded} key=${row.page} row=${row} props=${props} />` : html`<${Note} title="Not found" text="There is no such page, or your role does not open it." />`}
  </${Frame}>`;
}

/** A page whose module is brought first. */
function Loaded({ row, props }) {
  const [Page, setPage] = useState(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let here = true;
    row.load().then(
      (module) => here && setPage(() => module.default),
      () => here && setFailed(true),
    );
    return () => (here = false);
  }, [row]);
  if (failed) {
    return html`<${Note} title="This page could not be loaded." text="Check that the labeling server runs.">
      <button class="button primary" onClick=${() => location.reload()}>Reload</button>
    </${Note}>`;
  }
  return Page ? html`<${Page} ...${props} />` : html`<${Waiting} what=${`Opening ${row.title}`} />`;
}

function SignIn({ problem, again }) {
  if (problem.offline) {
    return html`<${Note} title=${problem.message} text="Check that the local Azure runs (visionlab local start).">
      <button class="button primary" onClick=${again}>Try again</button>
    </${Note}>`;
  }
  const title = problem.code ? problem.message : "Sign in with your personal link";
  const text = problem.hint || "Open the link that you were given. Whoever runs the project makes one with visionlab labeling invite.";
  return html`<${Note} title=${title} text=${text} />`;
}

function Waiting({ what }) {
  return html`<p class="empty" role="status"><span class="spinner"></span> ${what} …</p>`;
}

function useAddress() {
  const [address, setAddress] = useState(() => parse(location.pathname === "/labeling/join" ? "" : location.hash));
  const first = useRef(true);
  useEffect(() => {
    const changed = () => setAddress(parse(location.hash));
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  useEffect(() => {
    if (!first.current) document.querySelector("main")?.focus({ preventScroll: true });
    first.current = false;
  }, [address.project, address.page]);
  return address;
}

const root = document.getElementById("app");
root.replaceChildren();
render(html`<${App} />`, root);
