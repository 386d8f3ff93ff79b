// The label page's work as a hook: made once for a project and person, alive while the page is.
// Owns: joining Work with the browser: storage, connection, other tabs, clocks. Leaves: what work is to work.js.

import { useEffect, useMemo, useReducer } from "preact/hooks";
import { Drafts } from "./drafts.js";
import { Outbox, ShortMemory } from "./outbox.js";
import { preload } from "./pictures.js";
import { Tabs } from "./tabs.js";
import { Work } from "./work.js";

const RENEW_MS = 60_000;
const LOOK_AGAIN_MS = 20_000;

/** `size`: pictures on a page at first. The component is drawn anew after each change of the work. */
export function useWork({ project, session, api, size, onProgress, say }) {
  const [, draw] = useReducer((count) => count + 1, 0);
  const storage = useMemo(keptStorage, []);
  const work = useMemo(() => {
    const own = { storage, person: session.email, project: project.api };
    const send = ({ id, answers }) => api.post("/queue/submit", { submission: id, answers });
    return new Work({
      api,
      outbox: new Outbox({ ...own, send }),
      drafts: new Drafts(own),
      size,
      leaseMinutes: project.settings?.leaseMinutes,
      onChange: draw,
      onProgress,
    });
  }, [project.api]);

  useEffect(() => {
    const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(`labeling:${session.email}:${project.api}`) : null;
    const tabs = new Tabs({ channel, onDone: (ids) => work.submittedElsewhere(ids) });
    work.tell = (ids) => tabs.done(ids);
    const back = () => {
      work.flush();
      work.fill();
    };
    const gone = () => {
      work.close({ release: tabs.alone }); // the leases are the person's: another tab has the same
      tabs.close();
    };
    const leaving = (event) => storage instanceof ShortMemory && work.outbox.waiting().length && event.preventDefault();
    const woken = (event) => event.persisted && location.reload(); // from the back-forward cache: its leases are gone
    addEventListener("online", back);
    addEventListener("beforeunload", leaving);
    addEventListener("pagehide", gone);
    addEventListener("pageshow", woken);
    const renewing = setInterval(() => work.renew(), RENEW_MS);
    const looking = setInterval(() => ["empty", "paused", "error"].includes(work.phase) && work.fill(), LOOK_AGAIN_MS);
    work.start().catch((error) => say(error.message, "bad"));
    return () => {
      removeEventListener("online", back);
      removeEventListener("beforeunload", leaving);
      removeEventListener("pagehide", gone);
      removeEventListener("pageshow", woken);
      clearInterval(renewing);
      clearInterval(looking);
      gone();
      preload([], () => {});
    };
  }, [work]);

  const held = work.sending && (work.sending.status === 401 || work.sending.code === "NotRunning") ? work.sending : null;
  useEffect(() => {
    if (held) say(`${held.message} What you submitted is kept in this browser. ${held.status === 401 ? held.hint : ""}`, "warn");
  }, [held?.code, held?.status]);

  const urls = [...work.page(), ...work.next()].filter((task) => !task.fault).map((task) => task.image);
  useEffect(() => {
    preload(urls, (url) => {
      const task = work.held.find((one) => one.image === url);
      if (task) work.pictureFailed(task).catch((error) => say(error.message, "bad"));
    });
  }, [urls.join()]);
  return work;
}

/** The browser's storage; one that lasts as long as the page where it is closed. */
function keptStorage() {
  try {
    localStorage.setItem("labeling:probe", "1");
    localStorage.removeItem("labeling:probe");
    return localStorage;
  } catch {
    return new ShortMemory();
  }
}
