// Which pages there are, and how an address names one: #/p/PROJECT/PAGE/REST.
// Owns: the table and the addresses. Leaves: showing a page to main.js.

/** In the order of the tabs. `needs`: the action that a person must have; `load` brings the module, its default export is the page. */
export const PAGES = [
  { page: "label", title: "Label", needs: "labeling/labels/write", load: () => import("./label_page.js") },
  { page: "data", title: "Data", needs: "labeling/labels/read", load: () => import("./tasks_page.js") },
  { page: "dashboard", title: "Dashboard", needs: "labeling/projects/summary/read", load: () => import("./dashboard.js") },
  { page: "people", title: "People", needs: "labeling/projects/summary/read", load: () => import("./people.js") },
  { page: "settings", title: "Settings", needs: "labeling/projects/write", load: () => import("./settings.js") },
  { page: "instructions", title: "Instructions", needs: "labeling/projects/read", load: () => import("./instructions.js") },
];

/** Whether `actions` hold `action`, named with or without "labeling/". */
export function may(actions, action) {
  return actions.some((one) => one === action || one === `labeling/${action}`);
}

/** The pages that a person with `actions` can open. */
export function pagesFor(actions, pages = PAGES) {
  return pages.filter((row) => may(actions, row.needs));
}

/** {project, page, rest} of an address; project null is the list of projects, page null the first of the project. */
export function parse(hash) {
  const parts = hash.replace(/^#\/?/, "").split("/");
  if (parts[0] !== "p" || !parts[1]) return { project: null, page: null, rest: [] };
  const [project, page, ...rest] = parts.slice(1).map(decoded);
  return { project, page: page || null, rest: rest.filter((part) => part !== "") };
}

/** The address of a page of a project. */
export function place(project, page, ...rest) {
  return `#/p/${[project, page, ...rest].filter((part) => part !== undefined && part !== null).map(encodeURIComponent).join("/")}`;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not ours: shown as it is, finds nothing
  }
}
