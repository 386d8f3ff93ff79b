// The settings page: state of the project, its pictures, the queue, assistance, instructions, classes.
// Owns: the form as a whole and saving it. Leaves: fields and bounds to settings_form.js, classes to settings_classes.js.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { html } from "htm/preact";
import { classList } from "./class_colours.js";
import { Markdown } from "./instructions.js";
import { ClassesCard } from "./settings_classes.js";
import { changesOf, FIELDS, problemsOf, toForm } from "./settings_form.js";
import { ago, number, pictures } from "./task_words.js";

const RESUME_MS = 10_000;
const drafts = new Map(); // by project: what was changed and not saved, for who looks at another page meanwhile

export default function SettingsPage({ project, api, say, reload }) {
  const [saved, setSaved] = useState(project.settings);
  const [form, setForm] = useState(() => drafts.get(api.base) ?? toForm(project.settings));
  const [refused, setRefused] = useState({});
  const [busy, setBusy] = useState(false);
  const set = (path, value) => (setForm((now) => ({ ...now, [path]: value })), setRefused(({ [path]: _, ...others }) => others));
  const problems = { ...problemsOf(form), ...refused };
  const changes = Object.keys(problemsOf(form)).length ? {} : changesOf(form, saved);
  useLeaveWarning(changes !== null);
  useEffect(() => void (changes ? drafts.set(api.base, form) : drafts.delete(api.base)), [form, saved]);

  const save = async (event) => {
    event.preventDefault();
    if (busy || !changes) return;
    const first = Object.keys(problems)[0];
    if (first) return document.getElementById(idOf(first))?.focus();
    setBusy(true);
    try {
      const now = await api.put("/settings", changes);
      setSaved(now);
      setForm(toForm(now));
      say("The settings are saved.", "ok");
      reload();
    } catch (error) {
      const target = error.task; // the service names the setting
      if (target && (target in form || target === "assist.classes")) setRefused({ [target]: error.message });
      say(`${error.message} ${error.hint ?? ""}`, "bad");
    } finally {
      setBusy(false);
    }
  };
  const field = { form, set, problems };
  return html`<div class="page settings stack">
    <div class="page-head"><h1>Settings</h1></div>
    <${StateCard} project=${project} api=${api} say=${say} reload=${reload} />
    <form class="stack" onSubmit=${save} novalidate>
      <section class="card stack" aria-labelledby="s-queue"><h2 id="s-queue">The queue</h2><${Group} name="queue" ...${field} /></section>
      <section class="card stack" aria-labelledby="s-agree"><h2 id="s-agree">Agreement</h2><p class="hint">For pictures with several answers.</p><${Group} name="agreement" ...${field} /></section>
      <section class="card stack" aria-labelledby="s-assist"><h2 id="s-assist">Assistance</h2><${Group} name="assist" ...${field} /><${AssistClasses} project=${project} form=${form} set=${set} /></section>
      <${InstructionsCard} project=${project} form=${form} set=${set} problem=${problems.instructions} />
      ${changes
        ? html`<div class="save-bar">
            <span class="grow" role="status">${Object.keys(problems).length ? "Something cannot be saved yet." : "There are changes that are not saved."}</span>
            <button type="button" class="button" onClick=${() => (setForm(toForm(saved)), setRefused({}))}>Take back</button>
            <button class="button primary" disabled=${busy}>Save</button>
          </div>`
        : null}
    </form>
    <${ClassesCard} project=${project} api=${api} say=${say} reload=${reload} />
  </div>`;
}

const idOf = (path) => `setting-${path.replaceAll(".", "-")}`;

function Group({ name, form, set, problems }) {
  return html`<div class="grid">${FIELDS.filter((field) => field.group === name).map((field) => html`<${Field} key=${field.path} field=${field} value=${form[field.path]} problem=${problems[field.path]} onValue=${(value) => set(field.path, value)} />`)}</div>`;
}

function Field({ field, value, problem, onValue }) {
  const id = idOf(field.path);
  const about = { id, "aria-describedby": `${id}-hint`, "aria-invalid": problem ? "true" : null };
  const hint = html`<p class="hint" id=${`${id}-hint`}>${field.hint}${problem ? html` <span class="problem" role="alert">${problem}</span>` : null}</p>`;
  if (field.kind === "flag") {
    return html`<div class="field"><label class="row"><input type="checkbox" ...${about} checked=${value} onChange=${(event) => onValue(event.target.checked)} /> ${field.label}</label>${hint}</div>`;
  }
  if (field.kind === "choice") {
    return html`<div class="field"><label for=${id}>${field.label}</label>
      <select ...${about} onChange=${(event) => onValue(event.target.value)}>${field.choices.map(([key, text]) => html`<option key=${key} value=${key} selected=${key === value}>${text}</option>`)}</select>${hint}</div>`;
  }
  return html`<div class="field"><label for=${id}>${field.label}</label>
    <input class="short" ...${about} type="text" inputmode=${field.kind === "whole" ? "numeric" : "decimal"} autocomplete="off" value=${value} onInput=${(event) => onValue(event.target.value)} />${hint}</div>`;
}

/** Which classes are proposed; none chosen is all of them. */
function AssistClasses({ project, form, set }) {
  const classes = useMemo(() => classList(project.categories), [project.categories]);
  const chosen = new Set(form["assist.classes"]);
  if (classes.length < 2) return null;
  const toggle = (key, on) => set("assist.classes", classes.map((one) => one.key).filter((one) => (one === key ? on : chosen.has(one))));
  return html`<fieldset class="field" id=${idOf("assist.classes")} tabindex="-1"><legend>Propose these classes</legend>
    <p class="hint">${chosen.size ? `${chosen.size} of ${classes.length} classes.` : "None chosen: all of them."}</p>
    <div class="class-boxes">${classes.map(
      (one) => html`<label key=${one.key} class="row"><input type="checkbox" checked=${chosen.has(one.key)} onChange=${(event) => toggle(one.key, event.target.checked)} />
        <span class="swatch" style=${{ background: one.color }}></span>${[...one.path, one.name].join(" › ")}</label>`,
    )}</div>
  </fieldset>`;
}

function InstructionsCard({ project, form, set, problem }) {
  const [shown, setShown] = useState(false);
  return html`<section class="card stack" aria-labelledby="s-how">
    <div class="row wrap"><h2 id="s-how" class="grow">Instructions</h2>
      <button type="button" class="button small" aria-pressed=${shown} onClick=${() => setShown(!shown)}>Preview</button></div>
    ${shown
      ? html`<div class="preview">${form.instructions.trim() ? html`<${Markdown} text=${form.instructions} />` : html`<p class="muted">Nothing is written yet.</p>`}</div>`
      : html`<div class="field"><label for=${idOf("instructions")}>What labelers read first</label>
          <textarea id=${idOf("instructions")} maxlength="65536" spellcheck="true" aria-invalid=${problem ? "true" : null} value=${form.instructions} onInput=${(event) => set("instructions", event.target.value)}></textarea>
          <p class="hint">Markdown: # headings, - lists, **bold**, [links](https://…). HTML is shown as text.</p>
          ${problem ? html`<p class="problem" role="alert">${problem}</p>` : null}</div>`}
    ${project.instructions.uri ? html`<p class="hint">The project also links to <span class="mono">${project.instructions.uri}</span>${form.instructions ? "" : project.instructions.text ? ", and its text is shown" : ""}.</p>` : null}
  </section>`;
}

/** Running or paused, what was said last, and the folder of the pictures. */
function StateCard({ project, api, say, reload }) {
  const [busy, setBusy] = useState("");
  const paused = project.status === "Paused";
  const run = async (name, work) => {
    setBusy(name);
    try {
      await work();
    } catch (error) {
      say(`${error.message} ${error.hint ?? ""}`, "bad");
    }
    await reload();
    setBusy("");
  };
  const pause = () => run("pause", async () => (await api.post("/pause"), say("The project is paused. Nobody can submit until it goes on.", "ok")));
  const resume = () =>
    run("pause", async () => {
      await api.post("/resume");
      for (const end = Date.now() + RESUME_MS; Date.now() < end; await new Promise((soon) => setTimeout(soon, 200))) {
        if ((await api.get("")).status === "Running") return say("The project runs again.", "ok");
      }
      return say("It takes longer than usual; look again in a moment.", "warn");
    });
  const refresh = () =>
    run("refresh", async () => {
      const { added, missing, total } = await api.post("/refresh", {}, { deadline: 300_000 });
      const gone = missing ? ` ${pictures(missing)} ${missing === 1 ? "is" : "are"} gone from the folder.` : "";
      say(`${added ? `${pictures(added)} came in` : "Nothing new"}; there are ${number(total)}.${gone}`, missing ? "warn" : "ok");
    });
  return html`<section class="card stack" aria-labelledby="s-state">
    <div class="row wrap"><h2 id="s-state" class="grow">State</h2>
      <span class=${`badge ${paused ? "warn" : project.status === "Running" ? "ok" : "info"}`} role="status">${project.status}</span></div>
    <p class="muted">${paused ? "Nobody is asked for labels. Classes can be added now." : "People are asked for labels. Pause it to add a class."}</p>
    ${project.messages?.length
      ? html`<ul class="messages">${project.messages.map((one) => html`<li key=${one.code} class=${`note ${{ Error: "bad", Warning: "warn" }[one.level] ?? ""}`}>${one.message}</li>`)}</ul>`
      : null}
    <div class="row wrap">
      ${paused || project.status === "Running"
        ? html`<button type="button" class=${`button ${paused ? "primary" : ""}`} disabled=${busy !== ""} onClick=${paused ? resume : pause}>${paused ? "Resume" : "Pause"}</button>`
        : null}
      <button type="button" class="button" disabled=${busy !== ""} onClick=${refresh}>${busy === "refresh" ? html`<span class="spinner"></span> Looking …` : "Look for new pictures"}</button>
      ${project.refreshed ? html`<span class="muted small">last looked ${ago(project.refreshed)}</span>` : null}
    </div>
  </section>`;
}

/** Ask before the tab closes over unsaved work. */
function useLeaveWarning(unsaved) {
  const now = useRef(unsaved);
  now.current = unsaved;
  useEffect(() => {
    const warn = (event) => now.current && event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, []);
}
