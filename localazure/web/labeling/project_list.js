// The projects of a person, as cards.
// Owns: this list. Leaves: opening one to main.js, by its address.

import { html } from "htm/preact";
import { counted } from "./frame.js";
import { pagesFor, place } from "./routes.js";
import { workspaceOf } from "./session.js";

const TASKS = {
  "object-detection": "Boxes",
  "image-classification": "One label for a picture",
  "image-classification-multilabel": "Several labels for a picture",
  "instance-segmentation": "Polygons",
};
const ROLES = { labeler: "Labeler", teamLead: "Team lead", administrator: "Administrator" };

export function ProjectList({ session }) {
  return html`<div class="page">
    <div class="page-head"><h1>Projects</h1></div>
    ${session.projects.length
      ? html`<div class="cards">${session.projects.map((project) => html`<${Card} key=${project.slug} project=${project} />`)}</div>`
      : html`<p class="muted">You are in no project yet. Ask the person who invited you.</p>`}
  </div>`;
}

function Card({ project }) {
  const first = pagesFor(project.actions)[0];
  const { done, total } = counted(project.progress);
  return html`<a class="card stack" href=${place(project.slug, first?.page)}>
    <div>
      <h2>${project.title || project.name}</h2>
      <div class="muted small">${workspaceOf(project.api)}</div>
    </div>
    <div class="row wrap">
      <span class="badge info">${TASKS[project.task] ?? project.task}</span>
      <span class="badge">${ROLES[project.role] ?? project.role}</span>
    </div>
    <div class="row">
      <span class="bar grow"><span style=${{ width: `${total ? (100 * done) / total : 0}%` }}></span></span>
      <span class="num small muted">${done} of ${total} done</span>
    </div>
  </a>`;
}
