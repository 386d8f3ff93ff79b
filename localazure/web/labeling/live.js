// Statistics as they change: read once, then told by the server as long as the page is looked at.
// Owns: the connection. Leaves: what the numbers mean to dashboard.js.

import { useEffect, useState } from "preact/hooks";

const AGAIN_MS = 5_000;

/** {document, live, problem}: the newest statistics, whether changes arrive by themselves, and why there are none. */
export function useLive(api) {
  const [state, setState] = useState({ document: null, live: false, problem: null });
  useEffect(() => {
    let source = null;
    let timer = 0;
    const set = (changes) => setState((now) => ({ ...now, ...changes }));
    const stop = () => {
      clearTimeout(timer);
      source?.close();
      source = null;
    };
    const later = () => {
      stop();
      timer = setTimeout(start, AGAIN_MS);
    };
    const listen = () => {
      stop();
      source = new EventSource(api.url("/events"));
      source.addEventListener("statistics", (event) => set({ document: JSON.parse(event.data), live: true, problem: null }));
      source.onerror = () => {
        set({ live: false });
        if (source?.readyState === EventSource.CLOSED) later();
      };
    };
    const start = async () => {
      try {
        set({ document: await api.get("/statistics"), problem: null });
        if (!document.hidden) listen();
      } catch (error) {
        set({ problem: error, live: false });
        if (error.passing) later();
      }
    };
    // A page that nobody looks at keeps no connection open: browsers allow six of them to a server.
    const looked = () => (document.hidden ? stop() : start());
    document.addEventListener("visibilitychange", looked);
    start();
    return () => {
      document.removeEventListener("visibilitychange", looked);
      stop();
    };
  }, [api.base]);
  return state;
}
