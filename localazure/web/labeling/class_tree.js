// The classes of a project as a person chooses them: a tree, keys 1 to 9, one of a category or several.
// Owns: flattening and choosing. Pure. Leaves: showing to classify.js.

/** Classes in the order in which they are shown: [{key, name, color, depth, category, multiSelect, digit}]; digit 1..9 or null. */
export function flatten(categories) {
  const rows = [];
  const walk = (classes, category, depth, path) => {
    for (const one of classes) {
      const whole = [...path, one.name];
      rows.push({
        key: one.key,
        name: one.name,
        path: whole,
        color: one.color,
        depth,
        category: category.key,
        multiSelect: Boolean(category.multiSelect),
        digit: rows.length < 9 ? rows.length + 1 : null,
      });
      walk(one.subclasses ?? [], category, depth + 1, whole);
    }
  };
  for (const category of categories) walk(category.classes, category, 0, []);
  return rows;
}

/** The answer with `row` chosen, or not chosen any more. In a category that takes one, the new one takes the old one's place. */
export function choose(answer, row, rows, on) {
  const labels = answer?.state === "labeled" ? answer.labels : [];
  const categoryOf = new Map(rows.map((one) => [one.key, one.category]));
  const kept = labels.filter((label) => {
    if (label.class === row.key || !categoryOf.has(label.class)) return false;
    return !on || row.multiSelect || categoryOf.get(label.class) !== row.category;
  });
  const chosen = on ? [...kept, { class: row.key }] : kept;
  const order = new Map(rows.map((one, index) => [one.key, index]));
  chosen.sort((one, other) => (order.get(one.class) ?? 999) - (order.get(other.class) ?? 999));
  return chosen.length ? { state: "labeled", labels: chosen.map((label) => ({ class: label.class })) } : null;
}

/** Whether an answer has this class. */
export function has(answer, key) {
  return answer?.state === "labeled" && answer.labels.some((label) => label.class === key);
}

/** Choose `row` for all of `tasks`; when all have it already, take it from all. Pictures that cannot be shown are left out. */
export function chooseForAll(answers, tasks, row, rows) {
  const those = tasks.filter((task) => !task.fault);
  const on = !those.every((task) => has(answers.get(task.id), row.key) && !answers.get(task.id).proposed);
  const next = new Map(answers);
  for (const task of those) next.set(task.id, choose(answers.get(task.id), row, rows, on));
  return next;
}

/** Skip all of `tasks`; when all are skipped already, none is any more. */
export function skipAll(answers, tasks) {
  const every = tasks.every((task) => answers.get(task.id)?.state === "skipped");
  const next = new Map(answers);
  for (const task of tasks) next.set(task.id, every ? null : { state: "skipped", labels: [] });
  return next;
}

/** Where the focus goes in a grid of `count` pictures, `columns` wide. */
export function moved(index, key, count, columns) {
  const to = {
    ArrowRight: index + 1,
    ArrowLeft: index - 1,
    ArrowDown: index + columns,
    ArrowUp: index - columns,
    Home: 0,
    End: count - 1,
  }[key];
  return to === undefined ? null : Math.max(0, Math.min(count - 1, to));
}
