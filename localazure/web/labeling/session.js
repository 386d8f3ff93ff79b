// Who sits at the page: signing in by a personal link, what they may open, signing out.
// Owns: the session's requests and the names of projects in addresses. Leaves: showing to main.js.

import { ask } from "./api.js";

const SESSION = "/labeling/session";

/** Sign in with the token of a personal link; the token leaves the address bar before it is sent. */
export async function join(location, history) {
  const token = location.hash.replace(/^#/, "");
  history.replaceState(null, "", "/labeling/");
  if (token) await ask("POST", SESSION, { body: { token } });
}

/** {email, name, projects} of who is signed in, each project with the `slug` it has in addresses. */
export async function read() {
  const session = await ask("GET", SESSION);
  return { ...session, projects: withSlugs(session.projects) };
}

export async function leave() {
  await ask("DELETE", SESSION);
}

/** Projects of one name in several workspaces get the workspace in front, and a number where that is the same too. */
export function withSlugs(projects) {
  const taken = new Map();
  const count = (name) => projects.filter((one) => one.name === name).length;
  return projects.map((project) => {
    let slug = project.name;
    if (count(project.name) > 1) slug = `${workspaceOf(project.api)}:${project.name}`;
    const before = taken.get(slug) ?? 0;
    taken.set(slug, before + 1);
    return { ...project, slug: before ? `${slug}:${before + 1}` : slug };
  });
}

/** The name of the workspace in a project's address. */
export function workspaceOf(api) {
  return api.match(/\/workspaces\/([^/]+)/i)?.[1] ?? "";
}
