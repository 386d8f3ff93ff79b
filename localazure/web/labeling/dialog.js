// Dialogs: a native <dialog> with its focus kept, and a question that is answered with yes or no.
// Owns: opening and closing. Leaves: what stands inside to who asks.

import { render } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { html } from "htm/preact";

let counted = 0;

/** A modal dialog that is open while it is rendered. `onClose` when Esc or the cross is used. */
export function Dialog({ title, onClose, wide = false, children }) {
  const element = useRef(null);
  const id = useRef(`dialog-${++counted}`).current;
  useEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    return () => before?.focus?.();
  }, []);
  const cancel = (event) => {
    event.preventDefault();
    onClose?.();
  };
  return html`<dialog class=${`dialog${wide ? " wide" : ""}`} ref=${element} aria-labelledby=${id} onCancel=${cancel}
      onKeyDown=${(event) => event.stopPropagation()}>
    <div class="page-head">
      <h2 id=${id} class="grow">${title}</h2>
      <button type="button" class="button quiet icon" aria-label="Close" onClick=${() => onClose?.()}>✕</button>
    </div>
    ${children}
  </dialog>`;
}

/** Ask; true when `yes` was chosen. Esc is no. */
export function ask({ title, text = "", yes = "Yes", no = "Cancel", danger = false }) {
  return new Promise((resolve) => {
    const place = document.createElement("div");
    document.body.append(place);
    const done = (answer) => {
      render(null, place);
      place.remove();
      resolve(answer);
    };
    render(
      html`<${Dialog} title=${title} onClose=${() => done(false)}>
        <p>${text}</p>
        <div class="actions">
          <button type="button" class="button" onClick=${() => done(false)}>${no}</button>
          <button type="button" class=${`button ${danger ? "danger" : "primary"}`} autofocus onClick=${() => done(true)}>${yes}</button>
        </div>
      </${Dialog}>`,
      place,
    );
  });
}
