// The people page: who is in the project, with which role and team, how they get in, what is kept for them.
// Owns: the lists and their requests. Leaves: dialogs to people_dialogs.js, words to people_words.js.

import { useCallback, useEffect, useState } from "preact/hooks";
import { html } from "htm/preact";
import { ask } from "./dialog.js";
import { Note } from "./frame.js";
import { AddPerson, EditPerson, InviteLink } from "./people_dialogs.js";
import { access, personPath, roleName, ROLES, sorted, teamPath } from "./people_words.js";
import { ago, number } from "./task_words.js";

export default function PeoplePage({ project, session, api, say }) {
  const [known, setKnown] = useState(null);
  const [problem, setProblem] = useState(null);
  const [open, setOpen] = useState(null);
  const may = project.can("projects/write");

  const read = useCallback(async () => {
    try {
      setKnown(await api.get("/people"));
      setProblem(null);
    } catch (error) {
      setProblem(error);
    }
  }, [api.base]);
  useEffect(() => void read(), [read]);

  /** Do it, say it, read again. True when it worked. */
  const act = async (work, done) => {
    try {
      await work();
      if (done) say(done, "ok");
      await read();
      return true;
    } catch (error) {
      say(`${error.message} ${error.hint ?? ""}`, "bad");
      return false;
    }
  };

  if (!known) {
    if (problem) return html`<${Note} title=${problem.message} text=${problem.hint}><button class="button primary" onClick=${read}>Try again</button></${Note}>`;
    return html`<p class="empty" role="status"><span class="spinner"></span> Reading who is here …</p>`;
  }

  const setRole = async (person, role) => {
    if (person.email === session.email && role !== "administrator") {
      const sure = await ask({ title: "Give up your own role?", text: `You become ${roleName(role).toLowerCase()} and can no longer change people or settings.`, yes: "Give it up", no: "Keep it", danger: true });
      if (!sure) return false;
    }
    return act(() => api.put(personPath(person.email), { role }), `${person.name || person.email} is ${roleName(role).toLowerCase()} now.`);
  };
  const remove = async (person) => {
    const text = `${person.name || person.email} is out at once. What this person labelled stays; pictures kept for this person are anybody's.`;
    if (await ask({ title: "Remove from the project?", text, yes: "Remove", no: "Keep", danger: true })) {
      setOpen(null);
      await act(() => api.delete(personPath(person.email)), `${person.name || person.email} is no longer in the project.`);
    }
  };
  const removeTeam = async (team) => {
    const text = "Its people are out of the project unless they have a role of their own.";
    if (await ask({ title: `Take the team “${team.name}” out?`, text, yes: "Take it out", no: "Keep", danger: true })) await act(() => api.delete(teamPath(team.name)), "The team is out of the project.");
  };

  const people = sorted(known.people);
  const row = { may, setRole, invite: (person) => setOpen({ invite: person }), edit: (person) => setOpen({ edit: person }) };
  return html`<div class="page people stack">
    <div class="page-head">
      <h1>People</h1>
      <span class="muted">${people.length === 1 ? "1 person" : `${number(people.length)} people`}</span>
      ${may ? html`<button type="button" class="button primary right" onClick=${() => setOpen({ add: true })}>Add a person</button>` : null}
    </div>
    ${people.length ? html`<${PeopleTable} people=${people} row=${row} me=${session.email} />` : html`<div class="card empty-card">
          <h2>Nobody is here yet</h2>
          <p class="muted">Add people by e-mail and give each a personal link. It signs them in once; there are no passwords.</p>
        </div>`}
    <${Teams} teams=${known.teams} may=${may} remove=${removeTeam} put=${(name, role) => act(() => api.put(teamPath(name), { role }), `The team “${name}” is in the project.`)} />
    <${RolesCard} />
    ${open?.add ? html`<${AddPerson} api=${api} teams=${known.teams} onClose=${() => setOpen(null)} onAdded=${async (person, wantsLink) => (await read(), setOpen(wantsLink ? { invite: person } : null))} />` : null}
    ${open?.edit ? html`<${EditPerson} api=${api} person=${open.edit} teams=${known.teams} act=${act} remove=${remove} onClose=${() => setOpen(null)} />` : null}
    ${open?.invite ? html`<${InviteLink} api=${api} person=${open.invite} onClose=${() => (setOpen(null), read())} />` : null}
  </div>`;
}

function PeopleTable({ people, row, me }) {
  return html`<div class="card scroll people-card">
    <table class="table people-table">
      <caption class="visually-hidden">People of the project</caption>
      <thead><tr>
        <th scope="col">Person</th><th scope="col">Role</th><th scope="col">Team</th><th scope="col" class="num">Labeled</th>
        <th scope="col" class="num">Kept for</th><th scope="col">Last here</th><th scope="col">Link</th>
        ${row.may ? html`<th scope="col"><span class="visually-hidden">Actions</span></th>` : null}
      </tr></thead>
      <tbody>${people.map((person) => html`<${PersonRow} key=${person.email} person=${person} row=${row} mine=${person.email === me} />`)}</tbody>
    </table>
  </div>`;
}

function PersonRow({ person, row, mine }) {
  const name = person.name && person.name !== person.email ? person.name : "";
  const state = access(person);
  return html`<tr>
    <th scope="row"><div class="who">
      <span class="initial" aria-hidden="true">${[...(name || person.email)][0].toUpperCase()}</span>
      <span class="who-name"><span><strong>${name || person.email}</strong>${mine ? html` <span class="badge">you</span>` : null}</span>
        ${name ? html`<span class="small muted">${person.email}</span>` : null}</span>
    </div></th>
    <td data-of="Role">${row.may
      ? html`<${RoleSelect} label=${`Role of ${name || person.email}`} role=${person.role} onRole=${(role) => row.setRole(person, role)} />`
      : html`<span class="badge">${roleName(person.role)}</span>`}
      ${person.byTeam ? html`<span class="small muted"> by the team</span>` : null}</td>
    <td data-of="Team">${person.team ?? html`<span class="muted">–</span>`}</td>
    <td data-of="Labeled" class="num">${number(person.labeled)}</td>
    <td data-of="Kept for" class="num">${person.assigned ? number(person.assigned) : html`<span class="muted">–</span>`}</td>
    <td data-of="Last here">${person.lastSeen ? ago(person.lastSeen) : html`<span class="muted">never</span>`}</td>
    <td data-of="Link"><span class=${`badge ${state.kind}`}>${state.text}</span></td>
    ${row.may
      ? html`<td class="row-actions"><span class="row">
          <button type="button" class="button small" onClick=${() => row.invite(person)} aria-label=${`Invite link for ${name || person.email}`}>Link</button>
          <button type="button" class="button small" onClick=${() => row.edit(person)} aria-label=${`Change ${name || person.email}`}>Change</button>
        </span></td>`
      : null}
  </tr>`;
}

/** A role, changed by the button that comes when another one is chosen: arrow keys walk over roles on the way. */
function RoleSelect({ label, role, onRole }) {
  const [chosen, setChosen] = useState(role);
  useEffect(() => setChosen(role), [role]);
  const set = async () => {
    if (!(await onRole(chosen))) setChosen(role); // else the list that is read anew brings it
  };
  return html`<span class="row role-select">
    <select aria-label=${label} onChange=${(event) => setChosen(event.target.value || null)} onKeyDown=${(event) => event.key === "Escape" && setChosen(role)}>
      ${role ? null : html`<option value="" selected=${!chosen}>not in this project</option>`}
      ${ROLES.map((one) => html`<option key=${one.role} value=${one.role} selected=${one.role === chosen}>${one.name}</option>`)}
    </select>
    ${chosen && chosen !== role ? html`<button type="button" class="button small primary" onClick=${set} aria-label=${`Set: ${label}`}>Set</button>` : null}
  </span>`;
}

function Teams({ teams, may, put, remove }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState("labeler");
  const add = async (event) => {
    event.preventDefault();
    if (name.trim() && (await put(name.trim(), role))) setName("");
  };
  if (!may && !teams.length) return null;
  return html`<section class="card stack" aria-labelledby="teams-title">
    <h2 id="teams-title">Teams</h2>
    ${teams.length
      ? html`<ul class="team-list">${teams.map(
          (team) => html`<li key=${team.name} class="row wrap">
            <span class="grow"><strong>${team.name}</strong><span class="small muted team-people">${team.people.length ? team.people.join(", ") : "nobody is in it"}</span></span>
            ${may
              ? html`<${RoleSelect} label=${`Role of the team ${team.name}`} role=${team.role} onRole=${(role) => put(team.name, role)} />
                <button type="button" class="button small quiet" disabled=${!team.role && team.people.length > 0} onClick=${() => remove(team)} aria-label=${`Take the team ${team.name} out`}>Take out</button>`
              : html`<span class="badge">${team.role ? roleName(team.role) : "not in this project"}</span>`}
          </li>`,
        )}</ul>`
      : html`<p class="muted">A team gives several people the same role at once.</p>`}
    ${may
      ? html`<form class="row wrap team-form" onSubmit=${add}>
          <label class="visually-hidden" for="team-name">Name of a team</label>
          <input id="team-name" class="grow" maxlength="64" placeholder="Name of a team" value=${name} onInput=${(event) => setName(event.target.value)} />
          <label class="visually-hidden" for="team-role">Role of the team</label>
          <select id="team-role" onChange=${(event) => setRole(event.target.value)}>${ROLES.map((one) => html`<option key=${one.role} value=${one.role} selected=${one.role === role}>${one.name}</option>`)}</select>
          <button class="button" disabled=${!name.trim()}>Add the team</button>
        </form>`
      : null}
  </section>`;
}

function RolesCard() {
  return html`<details class="card roles-card"><summary>What the roles may do</summary>
    <dl>${ROLES.map((one) => html`<div key=${one.role}><dt>${one.name}</dt><dd class="muted">${one.may}</dd></div>`)}</dl>
  </details>`;
}
