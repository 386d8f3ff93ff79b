// The dialogs of the people page: adding, changing, and the personal link.
// Owns: their forms and requests. Leaves: the lists to people.js.

import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "htm/preact";
import { Dialog } from "./dialog.js";
import { emailProblem, keptWords, personPath, ROLES, shareOf, until } from "./people_words.js";

const LASTING = [
  [24, "one day"],
  [168, "one week"],
  [720, "30 days"],
];

/** Somebody new. `onAdded(person, wantsLink)`. */
export function AddPerson({ api, teams, onClose, onAdded }) {
  const [form, setForm] = useState({ email: "", name: "", role: "labeler", team: "", link: true });
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const set = (part) => setForm((now) => ({ ...now, ...part }));
  const add = async (event) => {
    event.preventDefault();
    const wrong = emailProblem(form.email);
    setProblem(wrong);
    if (wrong || busy) return;
    setBusy(true);
    try {
      const body = { role: form.role };
      if (form.name.trim()) body.name = form.name.trim();
      if (form.team.trim()) body.team = form.team.trim();
      const person = await api.put(personPath(form.email.trim().toLowerCase()), body);
      await onAdded(person, form.link);
    } catch (error) {
      setProblem(`${error.message} ${error.hint ?? ""}`);
      setBusy(false);
    }
  };
  return html`<${Dialog} title="Add a person" onClose=${onClose}>
    <form class="stack" onSubmit=${add} novalidate>
      <div class="field">
        <label for="add-email">E-mail address</label>
        <input id="add-email" type="email" autocomplete="off" autofocus value=${form.email} aria-invalid=${problem ? "true" : null} aria-describedby="add-problem" onInput=${(event) => (set({ email: event.target.value }), setProblem(""))} />
        <p class="problem" id="add-problem" role="alert">${problem}</p>
      </div>
      <div class="field">
        <label for="add-name">Name</label>
        <input id="add-name" maxlength="100" autocomplete="off" value=${form.name} onInput=${(event) => set({ name: event.target.value })} />
      </div>
      <${RoleChoice} role=${form.role} onRole=${(role) => set({ role })} />
      <${TeamField} id="add-team" team=${form.team} teams=${teams} onTeam=${(team) => set({ team })} />
      <label class="row"><input type="checkbox" checked=${form.link} onChange=${(event) => set({ link: event.target.checked })} /> Make a personal link right away</label>
      <div class="actions">
        <button type="button" class="button" onClick=${onClose}>Cancel</button>
        <button class="button primary" disabled=${busy}>Add</button>
      </div>
    </form>
  </${Dialog}>`;
}

/** Name, team, pictures kept, signing out, removing. */
export function EditPerson({ api, person, teams, act, remove, onClose }) {
  const [name, setName] = useState(person.name ?? "");
  const [team, setTeam] = useState(person.team ?? "");
  const [share, setShare] = useState("");
  const shown = person.name || person.email;
  const save = async (event) => {
    event.preventDefault();
    const body = {};
    if (name.trim() && name.trim() !== person.name) body.name = name.trim();
    if (team.trim() !== (person.team ?? "")) body.team = team.trim() || null;
    if (!Object.keys(body).length || (await act(() => api.put(personPath(person.email), body), `${name.trim() || shown} is saved.`))) onClose();
  };
  const wanted = shareOf(share);
  const keep = async () => (await act(() => api.post("/assign", { email: person.email, ...wanted }), `Pictures are kept for ${shown}.`)) && onClose();
  const signOut = async () => (await act(() => api.post(personPath(person.email, "/revoke")), `${shown} is signed out everywhere, and open links let nobody in.`)) && onClose();
  return html`<${Dialog} title=${shown} onClose=${onClose}>
    <form class="stack" onSubmit=${save}>
      <p class="muted small">${person.email}</p>
      <div class="field"><label for="edit-name">Name</label><input id="edit-name" maxlength="100" value=${name} onInput=${(event) => setName(event.target.value)} /></div>
      <${TeamField} id="edit-team" team=${team} teams=${teams} onTeam=${setTeam} />
      <div class="actions first"><button class="button primary">Save</button></div>
    </form>
    <hr />
    <div class="stack">
      <h3>Pictures kept for this person</h3>
      <p class="hint">${keptWords(person.assigned)} Others are not asked for them.</p>
      <div class="row wrap">
        <label class="visually-hidden" for="edit-share">How many pictures, or which share</label>
        <input id="edit-share" class="short" inputmode="numeric" placeholder="40 or 25 %" value=${share} aria-invalid=${share && !wanted ? "true" : null} onInput=${(event) => setShare(event.target.value)} />
        <button type="button" class="button" disabled=${!wanted} onClick=${keep}>Keep for ${shown}</button>
      </div>
    </div>
    <hr />
    <div class="stack">
      <h3>Getting in</h3>
      <div class="row wrap">
        <button type="button" class="button" onClick=${signOut}>Sign out everywhere, take links back</button>
        <button type="button" class="button danger" onClick=${() => remove(person)}>Remove from the project</button>
      </div>
    </div>
  </${Dialog}>`;
}

/** A new personal link, shown once. */
export function InviteLink({ api, person, onClose }) {
  const [hours, setHours] = useState(168);
  const [made, setMade] = useState(null);
  const [problem, setProblem] = useState("");
  const [copied, setCopied] = useState(false);
  const shown = person.name || person.email;
  const copying = useRef(null);
  useEffect(() => void copying.current?.focus(), [made]);
  const make = async () => {
    setProblem("");
    try {
      setMade(await api.post(personPath(person.email, "/invite"), { hours }));
    } catch (error) {
      setProblem(`${error.message} ${error.hint ?? ""}`);
    }
  };
  const copy = async () => {
    const field = document.getElementById("invite-link");
    try {
      await navigator.clipboard.writeText(made.link);
      setCopied(true);
    } catch {
      field?.focus();
      field?.select(); // no clipboard here: Ctrl-C takes it
    }
  };
  return html`<${Dialog} title=${`Personal link for ${shown}`} onClose=${onClose}>
    ${made
      ? html`<div class="stack">
          <div class="field">
            <label for="invite-link">The link</label>
            <div class="row"><input id="invite-link" class="grow mono" readonly value=${made.link} onFocus=${(event) => event.target.select()} />
              <button type="button" class="button primary" ref=${copying} onClick=${copy}>${copied ? "Copied" : "Copy"}</button></div>
          </div>
          <p class="note">It lets in once, until ${until(made.expires)}, whoever opens it as ${shown}. Hand it to nobody else. It is shown only now.</p>
          <p class="visually-hidden" role="status">${copied ? "The link is copied." : ""}</p>
          <div class="actions"><button type="button" class="button" onClick=${onClose}>Done</button></div>
        </div>`
      : html`<div class="stack">
          <p>Whoever opens the link is signed in as <strong>${shown}</strong>. It works once; there is no password.</p>
          <div class="field"><label for="invite-hours">It is good for</label>
            <select id="invite-hours" onChange=${(event) => setHours(Number(event.target.value))}>${LASTING.map(([value, name]) => html`<option key=${value} value=${value} selected=${value === hours}>${name}</option>`)}</select></div>
          <p class="problem" role="alert">${problem}</p>
          <div class="actions">
            <button type="button" class="button" onClick=${onClose}>Not now</button>
            <button type="button" class="button primary" autofocus onClick=${make}>Make a link</button>
          </div>
        </div>`}
  </${Dialog}>`;
}

function RoleChoice({ role, onRole }) {
  return html`<fieldset class="field choices"><legend>Role</legend>
    ${ROLES.map(
      (one) => html`<label key=${one.role} class="choice"><input type="radio" name="role" checked=${one.role === role} onChange=${() => onRole(one.role)} />
        <span><strong>${one.name}</strong> <span class="muted small">${one.may}</span></span></label>`,
    )}
  </fieldset>`;
}

function TeamField({ id, team, teams, onTeam }) {
  return html`<div class="field">
    <label for=${id}>Team</label>
    <input id=${id} list=${`${id}-list`} maxlength="64" autocomplete="off" placeholder="none" value=${team} onInput=${(event) => onTeam(event.target.value)} />
    <datalist id=${`${id}-list`}>${teams.map((one) => html`<option key=${one.name} value=${one.name} />`)}</datalist>
  </div>`;
}
