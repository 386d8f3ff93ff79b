// Help by a model, for the dashboard: what it does, what came out, starting and cancelling, the order of the queue.
// Owns: this card. Leaves: the words to experiment_words.js, deciding to the service.

import { useCallback, useEffect, useState } from "preact/hooks";
import { html } from "htm/preact";
import { badgeOf, isClassification, KINDS, ordersOf, outcome, outlook, trainingBefore, underWay } from "./experiment_words.js";
import { ago, moment } from "./task_words.js";

const SHOWN = 6;
const AGAIN_MS = 2_000;

/** `told`: the statistics' experiments; when they change, the list is read anew. */
export default function Experiments({ project, api, say, told }) {
  const [found, setFound] = useState(null);
  const [all, setAll] = useState(false);
  const read = useCallback(async () => {
    try {
      setFound(await api.get("/experiments"));
    } catch (error) {
      if (!error.passing) say(`${error.message} ${error.hint ?? ""}`, "bad");
    }
  }, [api.base]);
  const key = (told ?? []).map((run) => `${run.number} ${run.state}`).join();
  useEffect(() => void read(), [read, key]);
  const busy = found?.value.some(underWay) ?? false;
  useEffect(() => {
    if (!busy) return undefined;
    const timer = setInterval(() => !document.hidden && read(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [busy, read]);
  if (!found) return null;

  const act = async (work, done) => {
    try {
      await work();
      say(done, "ok");
    } catch (error) {
      say(`${error.message} ${error.hint ?? ""}`, "bad");
    }
    await read();
  };
  const start = (kind) => act(() => api.post("/experiments", { kind }), `${KINDS[kind]}: asked for.`);
  const cancel = (run) => act(() => api.post(`/experiments/${run.number}/cancel`), `Experiment ${run.number} is cancelled.`);
  const runs = found.value;
  const can = project.can("projects/write");
  const next = outlook(found.assist, runs);
  return html`<section class="card dash-runs experiments" aria-labelledby="experiments-title">
    <div class="row wrap">
      <h2 id="experiments-title" class="grow">Help by a model</h2>
      ${can ? html`<${Buttons} project=${project} assist=${found.assist} runs=${runs} start=${start} />` : null}
    </div>
    <p class="small muted">${next.text}</p>
    ${next.share === null ? null : html`<div class="bar" aria-hidden="true"><span style=${{ width: `${Math.min(100, 100 * next.share)}%` }}></span></div>`}
    ${can ? html`<${Order} project=${project} act=${act} api=${api} />` : null}
    ${runs.length
      ? html`<ul class="experiment-list">${runs.slice(0, all ? runs.length : SHOWN).map((run) => html`<${Run} key=${run.number} run=${run} before=${trainingBefore(run, runs)} cancel=${can ? cancel : null} />`)}</ul>`
      : html`<p class="muted">Nothing was trained yet.</p>`}
    ${runs.length > SHOWN ? html`<button type="button" class="button quiet" aria-expanded=${all} onClick=${() => setAll(!all)}>${all ? "Show fewer" : `Show all ${runs.length}`}</button>` : null}
  </section>`;
}

function Buttons({ project, assist, runs, start }) {
  const waiting = (kind) => runs.some((run) => run.kind === kind && underWay(run));
  return html`<div class="row wrap">
    ${isClassification(project.task) ? html`<button type="button" class="button" disabled=${waiting("clustering")} onClick=${() => start("clustering")}>Group pictures</button>` : null}
    ${assist.model === null ? null : html`<button type="button" class="button" disabled=${waiting("inference")} onClick=${() => start("inference")}>Look again</button>`}
    <button type="button" class="button primary" disabled=${waiting("training")} onClick=${() => start("training")}>Train now</button>
  </div>`;
}

/** The order in which people get pictures. */
function Order({ project, act, api }) {
  const [order, setOrder] = useState(project.settings?.order ?? "manual");
  const choose = (event) => {
    const wanted = event.target.value;
    setOrder(wanted);
    act(() => api.put("/order", { order: wanted }), "The queue has its new order.");
  };
  return html`<div class="field"><label for="queue-order">Order of the queue</label>
    <select id="queue-order" value=${order} onChange=${choose}>${ordersOf(project.task).map(({ key, name }) => html`<option key=${key} value=${key}>${name}</option>`)}</select>
  </div>`;
}

function Run({ run, before, cancel }) {
  const badge = badgeOf(run);
  const text = outcome(run, before);
  const share = Math.round(100 * run.progress.fraction);
  return html`<li class="experiment">
    <div class="row wrap">
      <span class="num muted">#${run.number}</span><strong class="grow">${KINDS[run.kind] ?? run.kind}</strong>
      ${underWay(run) ? null : html`<time class="small muted" datetime=${run.created} title=${moment(run.created)}>${ago(run.created)}</time>`}
      <span class=${`badge ${badge.kind}`}>${badge.text}</span>
      ${cancel && underWay(run) ? html`<button type="button" class="button quiet" aria-label=${`Cancel experiment ${run.number}`} onClick=${() => cancel(run)}>Cancel</button>` : null}
    </div>
    ${run.state === "Running"
      ? html`<div class="row"><div class="bar grow" role="progressbar" aria-label=${`Experiment ${run.number}`} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${share}><span style=${{ width: `${share}%` }}></span></div>
          <span class="small muted num">${share} % · ${run.progress.stage || "starting"}</span></div>`
      : null}
    ${text ? html`<p class=${`small ${run.state === "Failed" ? "experiment-failed" : "muted"}`}>${text}</p>` : null}
  </li>`;
}
