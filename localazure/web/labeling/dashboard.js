// The dashboard: how far the project is, who does what, how well people agree, what the models do.
// Owns: what stands where. Leaves: numbers to the service, drawing to charts.js, staying live to live.js.

import { useEffect, useMemo, useState } from "preact/hooks";
import { html } from "htm/preact";
import { Bars, Chart, Columns, Ring } from "./charts.js";
import { everyDay } from "./chart_geometry.js";
import { classList } from "./class_colours.js";
import Experiments from "./experiments.js";
import { Note } from "./frame.js";
import { useLive } from "./live.js";
import { parse, place } from "./routes.js";
import { ago, duration, happened, moment, number, percent, pictures, whoIs } from "./task_words.js";

const DAYS = 14;

export default function Dashboard({ project, api, say, onProgress }) {
  const { document: numbers, live, problem } = useLive(api);
  const slug = parse(location.hash).project;
  const names = useNames(api);
  useEffect(() => numbers && onProgress(numbers.progress), [numbers?.progress.total, numbers?.progress.labeled, numbers?.progress.skipped, numbers?.progress.review]);
  if (!numbers) {
    if (problem) return html`<${Note} title=${problem.message} text=${problem.hint} />`;
    return html`<p class="empty" role="status"><span class="spinner"></span> Reading the numbers …</p>`;
  }
  const named = new Map([...names, ...numbers.people.map((one) => [one.email, one.name])]);
  const to = (filters) => place(slug, "data", filters);
  return html`<div class="page dashboard stack">
    <div class="page-head">
      <h1>Dashboard</h1>
      <span class=${`badge ${live ? "ok" : "warn"}`} role="status">${live ? "live" : "connecting …"}</span>
    </div>
    <${Figures} numbers=${numbers} />
    <div class="dash-grid">
      <${Progress} numbers=${numbers} to=${to} />
      <${Distribution} numbers=${numbers} project=${project} to=${to} />
      <${Days} numbers=${numbers} />
      <${People} numbers=${numbers} project=${project} to=${to} />
      ${project.can("experiments/runs/read") ? html`<${Experiments} project=${project} api=${api} say=${say} told=${numbers.experiments} />` : null}
      <${History} numbers=${numbers} slug=${slug} names=${named} />
    </div>
  </div>`;
}

/** Who is in the project, by e-mail: also those who label nothing. */
function useNames(api) {
  const [names, setNames] = useState([]);
  useEffect(() => {
    let here = true;
    api.get("/people").then((found) => here && setNames(found.people.map((one) => [one.email, one.name || one.email])), () => {});
    return () => (here = false);
  }, [api.base]);
  return names;
}

/** The numbers that somebody looks for first. */
function Figures({ numbers }) {
  const { progress, eta } = numbers;
  const done = progress.labeled + progress.skipped + progress.review;
  const figures = [
    ["Done", progress.total ? percent(done / progress.total) : "–", `${number(done)} of ${pictures(progress.total)}`],
    ["To review", number(Math.max(0, progress.labeled - progress.approved)), progress.review ? `${number(progress.review)} need a decision` : "labeled, not approved"],
    ["Speed", eta.perHour === null ? "–" : `${number(eta.perHour)}/h`, eta.perHour === null ? "nobody labeled in the last hour" : "in the last hour"],
    ["Time left", eta.remaining === 0 ? "none" : eta.hours === null ? "–" : duration(eta.hours * 3600), eta.remaining === 0 ? "the queue is empty" : `${pictures(eta.remaining)} in the queue`],
    ["Agreement", numbers.agreement === null ? "–" : percent(numbers.agreement), numbers.agreement === null ? "no picture has two answers" : "between people"],
  ];
  return html`<dl class="figures">${figures.map(([name, value, note]) => html`<div key=${name} class="card figure"><dt>${name}</dt><dd class="figure-value">${value}</dd><dd class="small muted">${note}</dd></div>`)}</dl>`;
}

function Progress({ numbers, to }) {
  const { progress } = numbers;
  const parts = [
    { name: "Approved", value: progress.approved, color: "var(--part-approved)", filters: "review=approved" },
    { name: "Labeled", value: progress.labeled - progress.approved, color: "var(--part-labeled)", filters: "state=labeled&review=none" },
    { name: "Needs review", value: progress.review, color: "var(--part-review)", filters: "state=review" },
    { name: "Skipped", value: progress.skipped, color: "var(--part-skipped)", filters: "state=skipped" },
    { name: "Pre-labeled", value: progress.prelabeled, color: "var(--part-prelabeled)", filters: "state=prelabeled" },
    { name: "Open", value: progress.open, color: "var(--part-open)", filters: "state=open" },
  ];
  const done = progress.labeled + progress.skipped + progress.review;
  return html`<section class="card dash-progress"><h2>Progress</h2>
    <div class="progress-body">
      <${Ring} title="Pictures by state" parts=${parts} middle=${progress.total ? percent(done / progress.total) : "–"} below="done" />
      <table class="legend"><caption class="visually-hidden">Pictures by state</caption><tbody>
        ${parts.map((part) => html`<tr key=${part.name}><th scope="row"><span class="swatch" style=${{ background: part.color }}></span><a href=${to(part.filters)}>${part.name}</a></th><td class="num">${number(part.value)}</td></tr>`)}
      </tbody></table>
    </div>
  </section>`;
}

function Distribution({ numbers, project, to }) {
  const [what, setWhat] = useState("labels");
  const colours = useMemo(() => new Map(classList(project.categories).map((one) => [one.key, one.color])), [project.categories]);
  const total = numbers.classes.reduce((sum, one) => sum + one[what], 0);
  const rows = numbers.classes.map((one) => ({
    key: one.key,
    title: one.name,
    name: html`<a href=${to(new URLSearchParams({ class: one.key }).toString())}>${one.name}</a>`,
    value: one[what],
    color: colours.get(one.key) ?? "var(--line-strong)",
    note: total && what === "labels" ? percent(one[what] / total) : "",
  }));
  const boxes = project.task !== "image-classification" && project.task !== "image-classification-multilabel";
  return html`<section class="card dash-classes"><div class="row"><h2 class="grow">Labels</h2>
      ${boxes
        ? html`<div class="views" role="group" aria-label="What is counted">
            ${[["labels", "Labels"], ["tasks", "Pictures"]].map(([key, text]) => html`<button key=${key} type="button" aria-pressed=${what === key} onClick=${() => setWhat(key)}>${text}</button>`)}
          </div>`
        : null}</div>
    ${rows.length
      ? html`<${Chart} title="Labels by class" head=${["Class", "Labels", "Pictures", "Agreement"]}
          rows=${numbers.classes.map((one) => [one.name, number(one.labels), number(one.tasks), percent(one.agreement)])}>
          <${Bars} title="Labels by class" rows=${rows} /></${Chart}>`
      : html`<p class="muted">The project has no classes yet.</p>`}
  </section>`;
}

function Days({ numbers }) {
  const days = everyDay(numbers.perDay, new Date().toISOString().slice(0, 10), DAYS);
  const sum = days.reduce((count, day) => count + day.labeled + day.skipped, 0);
  if (!sum) return html`<section class="card dash-days"><h2>Answers per day</h2><p class="muted">Nobody labeled in the last ${DAYS} days.</p></section>`;
  const columns = days.map((day) => ({
    name: new Date(`${day.date}T00:00:00Z`).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" }),
    short: String(Number(day.date.slice(8))),
    lower: day.labeled,
    upper: day.skipped,
  }));
  return html`<section class="card dash-days"><h2>Answers per day</h2>
    <${Chart} title="Answers per day" head=${["Day", "Labeled", "Skipped"]} rows=${columns.map((day) => [day.name, number(day.lower), number(day.upper)])}>
      <${Columns} title="Answers per day" description=${`${number(sum)} in the last ${DAYS} days`} columns=${columns} names=${["labeled", "skipped"]} />
    </${Chart}>
  </section>`;
}

function People({ numbers, to }) {
  const { people } = numbers;
  if (!people.length) return html`<section class="card dash-people"><h2>People</h2><p class="muted">Nobody has labeled yet.</p></section>`;
  const most = Math.max(1, ...people.map((one) => one.labeled));
  const gold = people.some((one) => one.gold.answered);
  return html`<section class="card dash-people"><h2>People</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="People"><table class="table">
      <thead><tr><th scope="col">Name</th><th scope="col">Labeled</th><th scope="col" class="num">Skipped</th><th scope="col" class="num">Rejected</th>
        <th scope="col" class="num" title="Median of the last 101 answers">Time each</th><th scope="col" class="num">Per hour</th><th scope="col" class="num">Agreement</th>
        ${gold ? html`<th scope="col" class="num">Gold</th>` : null}</tr></thead>
      <tbody>${people.map(
        (one) => html`<tr key=${one.email}>
          <th scope="row"><a href=${to(new URLSearchParams({ labeler: one.email }).toString())} title=${one.email}>${one.name}</a></th>
          <td><span class="with-bar"><span class="num">${number(one.labeled)}</span><span class="bar" aria-hidden="true"><span style=${{ width: `${(100 * one.labeled) / most}%` }}></span></span></span></td>
          <td class="num">${number(one.skipped)}</td><td class="num">${number(one.rejected)}</td>
          <td class="num">${one.medianSeconds === null ? "–" : duration(one.medianSeconds)}</td><td class="num">${one.perHour === null ? "–" : number(one.perHour)}</td>
          <td class="num">${percent(one.agreement)}</td>
          ${gold ? html`<td class="num" title=${`${one.gold.right} of ${one.gold.answered} without any fault`}>${percent(one.gold.score)}${one.gold.answered ? html` <span class="muted small">of ${one.gold.answered}</span>` : null}</td>` : null}
        </tr>`,
      )}</tbody>
    </table></div>
  </section>`;
}

function History({ numbers, slug, names }) {
  if (!numbers.history.length) return null;
  return html`<section class="card dash-history"><h2>What happened</h2>
    <ol class="happened" tabindex="0" aria-label="What happened, the newest first">${numbers.history.map(
      (event) => html`<li key=${event.n}><time class="small muted" datetime=${event.at} title=${moment(event.at)}>${ago(event.at)}</time>
        <span><strong title=${event.who}>${whoIs(event.who, names)}</strong> ${happened(event)}${event.task ? html` · <a href=${place(slug, "data", "all", String(event.task))}>picture ${event.task}</a>` : null}</span></li>`,
    )}</ol>
  </section>`;
}
