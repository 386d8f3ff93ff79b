// Which pictures of a page are selected, by mouse and by keys.
// Owns: the rules. Pure. Leaves: showing them to the data page.

export const NOTHING = { ids: new Set(), focus: 0, from: null, all: false };

/** `state` with the page's `ids` in place: what is not on it any more is not selected any more. `all`: everything that matches is. */
export function settled(state, ids) {
  const kept = new Set(ids.filter((id) => state.ids.has(id)));
  return { ids: kept, focus: Math.max(0, Math.min(state.focus, ids.length - 1)), from: null, all: false };
}

/** A picture is chosen: alone it changes sides; with `range` all from the last one to it are selected. */
export function picked(state, ids, index, { range = false } = {}) {
  const next = new Set(state.ids);
  if (range && state.from !== null) {
    const [first, last] = [state.from, index].sort((one, other) => one - other);
    for (const id of ids.slice(first, last + 1)) next.add(id);
    return { ids: next, focus: index, from: state.from, all: false };
  }
  if (!next.delete(ids[index])) next.add(ids[index]);
  return { ids: next, focus: index, from: index, all: false };
}

/** The focus goes to a picture; with `range` the way there is selected. */
export function walked(state, ids, index, { range = false } = {}) {
  if (!range) return { ...state, focus: index, from: null };
  const from = state.from ?? state.focus;
  return { ...picked({ ...state, from }, ids, index, { range: true }), from };
}

export function everything(state, ids) {
  return { ...state, ids: new Set(ids), all: false };
}

export function nothing(state) {
  return { ...NOTHING, focus: state.focus };
}
