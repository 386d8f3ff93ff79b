// The filters of the data page: what they are, how an address holds them, how they are said.
// Owns: names and words. Pure. Leaves: their fields to filter_bar.js, what they find to the service.

/** Names that the service knows, in the order of an address. */
export const NAMES = ["state", "review", "class", "labeler", "from", "to", "minAgreement", "maxAgreement", "gold", "fault", "group", "search", "order"];

/** Filters out of a part of an address: "state=labeled&review=none". What is unknown or empty is left out. */
export function parseFilters(text) {
  const given = new URLSearchParams(text === "all" ? "" : text ?? "");
  const filters = {};
  for (const name of NAMES) if (given.get(name)) filters[name] = given.get(name);
  return filters;
}

/** The part of an address that holds these filters; "all" for none, so that another part may follow. */
export function dumpFilters(filters) {
  const kept = new URLSearchParams();
  for (const name of NAMES) if (filters[name]) kept.set(name, filters[name]);
  return kept.toString() || "all";
}

/** Filters with some changed; an empty value takes one away. */
export function changed(filters, changes) {
  return parseFilters(dumpFilters({ ...filters, ...changes }));
}

/** The first filter of the page: what a reviewer most often looks for. */
export const VIEWS = [
  { title: "All", filters: {} },
  { title: "To review", filters: { state: "labeled", review: "none" } },
  { title: "Needs review", filters: { state: "review", order: "disagreement" } },
  { title: "Skipped", filters: { state: "skipped", review: "none" } },
  { title: "Approved", filters: { review: "approved" } },
  { title: "In the queue", filters: { state: "open,prelabeled" } },
];

/** The view that shows exactly these filters, if any; the order does not matter. */
export function viewOf(filters) {
  const { order: _, ...wanted } = filters;
  return VIEWS.find((view) => {
    const { order: __, ...held } = view.filters;
    return dumpFilters(held) === dumpFilters(wanted);
  });
}

/** How many filters are set beside the view's own ones. */
export function countMore(filters) {
  return NAMES.filter((name) => filters[name] && !["state", "review", "order", "search"].includes(name)).length;
}
