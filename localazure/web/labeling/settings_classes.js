// The classes of the project on the settings page: the tree, and adding one while the project is paused.
// Owns: that card and its request. Leaves: colours to the service, the three choices' words to settings_form.js.

import { useState } from "preact/hooks";
import { html } from "htm/preact";
import { classList } from "./class_colours.js";
import { ask } from "./dialog.js";
import { CHOICES } from "./settings_form.js";
import { pictures } from "./task_words.js";

export function ClassesCard({ project, api, say, reload }) {
  const paused = project.status === "Paused";
  const { categories } = project;
  return html`<section class="card stack" aria-labelledby="s-classes">
    <h2 id="s-classes">Classes</h2>
    ${categories.map(
      (category) => html`<div key=${category.key} class="stack">
        ${categories.length > 1 || category.multiSelect ? html`<h3>${category.name} ${category.multiSelect ? html`<span class="badge">several at once</span>` : null}</h3>` : null}
        <${Tree} classes=${category.classes} />
      </div>`,
    )}
    <hr />
    ${paused ? html`<${AddClass} project=${project} api=${api} say=${say} reload=${reload} />` : html`<p class="note">A class can be added while the project is paused.</p>`}
  </section>`;
}

function Tree({ classes }) {
  return html`<ul class="class-rows">${classes.map(
    (one) => html`<li key=${one.key}>
      <span class="row"><span class="swatch" style=${{ background: one.color }}></span>${one.name} <code class="small muted">${one.key}</code></span>
      ${one.subclasses?.length ? html`<${Tree} classes=${one.subclasses} />` : null}
    </li>`,
  )}</ul>`;
}

function AddClass({ project, api, say, reload }) {
  const { categories, progress } = project;
  const [form, setForm] = useState({ category: categories[0]?.key ?? "", name: "", parent: "", choice: "continue" });
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const set = (part) => setForm((now) => ({ ...now, ...part }));
  const category = categories.find((one) => one.key === form.category);
  const answered = progress.labeled + progress.skipped + progress.review;
  const add = async (event) => {
    event.preventDefault();
    const name = form.name.trim();
    if (busy) return;
    if (!name) return setProblem("A class needs a name.");
    if (form.choice !== "continue" && answered) {
      const text = form.choice === "startOverRemove" ? `The labels of ${pictures(answered)} are removed, and people begin anew.` : `${pictures(answered)} go back to the queue; their labels become proposals.`;
      if (!(await ask({ title: "Start over?", text, yes: "Start over", no: "Do not", danger: true }))) return undefined;
    }
    setBusy(true);
    setProblem("");
    try {
      const body = { category: form.category, name, choice: form.choice };
      if (form.parent) body.parent = form.parent;
      const { reopened } = await api.post("/classes", body, { deadline: 300_000 });
      say(`“${name}” is a class now.${reopened ? ` ${pictures(reopened)} went back to the queue.` : ""}`, "ok");
      set({ name: "", parent: "" });
      await reload();
    } catch (error) {
      setProblem(`${error.message} ${error.hint ?? ""}`);
    }
    return setBusy(false);
  };
  return html`<form class="stack" onSubmit=${add} novalidate>
    <h3>Add a class</h3>
    <div class="grid">
      <div class="field"><label for="class-name">Name</label>
        <input id="class-name" maxlength="100" autocomplete="off" value=${form.name} aria-invalid=${problem ? "true" : null} aria-describedby="class-problem" onInput=${(event) => set({ name: event.target.value })} /></div>
      ${categories.length > 1
        ? html`<div class="field"><label for="class-category">Category</label>
            <select id="class-category" onChange=${(event) => set({ category: event.target.value, parent: "" })}>${categories.map((one) => html`<option key=${one.key} value=${one.key} selected=${one.key === form.category}>${one.name}</option>`)}</select></div>`
        : null}
      <div class="field"><label for="class-parent">Part of</label>
        <select id="class-parent" onChange=${(event) => set({ parent: event.target.value })}>
          <option value="" selected=${form.parent === ""}>no other class</option>
          ${classList(category ? [category] : []).map((one) => html`<option key=${one.key} value=${one.key} selected=${one.key === form.parent}>${[...one.path, one.name].join(" › ")}</option>`)}
        </select></div>
    </div>
    <fieldset class="field choices"><legend>Labels that are there</legend>
      ${CHOICES.map(
        (one) => html`<label key=${one.choice} class="choice"><input type="radio" name="class-choice" checked=${one.choice === form.choice} onChange=${() => set({ choice: one.choice })} />
          <span><strong>${one.name}</strong> <span class="muted small">${one.text}</span></span></label>`,
      )}
    </fieldset>
    <p class="problem" id="class-problem" role="alert">${problem}</p>
    <div class="row"><button class="button primary" disabled=${busy}>Add the class</button></div>
  </form>`;
}
