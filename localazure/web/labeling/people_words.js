// What the people page says: roles, links, when somebody was here; and what an e-mail address looks like.
// Owns: the words and the order of people. Pure. Leaves: showing to people.js.

import { pictures } from "./task_words.js";

/** The roles, each with what it may do. */
export const ROLES = [
  { role: "labeler", name: "Labeler", may: "labels the pictures that the queue hands out" },
  { role: "teamLead", name: "Team lead", may: "also sees all labels, corrects and rejects them" },
  { role: "administrator", name: "Administrator", may: "also approves, exports, and changes people and settings" },
];

export function roleName(role) {
  return ROLES.find((one) => one.role === role)?.name ?? role;
}

/** {text, kind} of how a person gets in: a link that is open, a session that was used, or nothing yet. */
export function access(person, now = Date.now()) {
  if (person.invited) return { text: `link open until ${until(person.invited, now)}`, kind: "info" };
  if (person.lastSeen) return { text: "has signed in", kind: "ok" };
  return { text: "no link yet", kind: "warn" };
}

/** A moment to come: "15:04" today, "Fri 15:04" this week, else the date. */
export function until(text, now = Date.now()) {
  const moment = new Date(text);
  const hours = (moment - now) / 3_600_000;
  const time = moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  if (hours < 24 && moment.getDate() === new Date(now).getDate()) return time;
  if (hours < 6 * 24) return `${moment.toLocaleDateString("en-GB", { weekday: "short" })} ${time}`;
  return moment.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}

/** Why this cannot be an e-mail address, or "". The server looks again. */
export function emailProblem(text) {
  const email = text.trim();
  if (!email) return "An e-mail address is needed.";
  if (!/^[^\s@/\\%?"<>()[\],;:]{1,64}@[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(email)) return "That is no e-mail address like name@example.org.";
  return email.length > 254 ? "That is too long for an e-mail address." : "";
}

/** People as a list shows them: administrators first, then by name. */
export function sorted(people) {
  const rank = (person) => ROLES.length - ROLES.findIndex((one) => one.role === person.role);
  return [...people].sort((a, b) => rank(a) - rank(b) || (a.name || a.email).localeCompare(b.name || b.email, "en"));
}

/** What is asked of POST assign for "40" or "25 %"; null for what is neither. */
export function shareOf(text) {
  const found = text.trim().match(/^(\d{1,6})\s*(%?)$/);
  if (!found) return null;
  const value = Number(found[1]);
  if (found[2]) return value >= 1 && value <= 100 ? { share: value / 100 } : null;
  return value >= 1 ? { count: value } : null;
}

/** "12 pictures in the queue are kept for this person." */
export function keptWords(count) {
  return count ? `${pictures(count)} in the queue ${count === 1 ? "is" : "are"} kept for this person.` : "No pictures are kept for this person.";
}

/** The path of a person, below the project; e-mail addresses go into it encoded. */
export const personPath = (email, more = "") => `/people/${encodeURIComponent(email)}${more}`;

/** The path of a team. */
export const teamPath = (name) => `/teams/${encodeURIComponent(name)}`;
