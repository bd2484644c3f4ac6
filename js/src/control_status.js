/**
 * Shows on a control how its intent is doing: `Stopping…` at once, a note when it was refused, nothing when all is well.
 *
 * A held control is left alone by the kernel's updates (morph.js) until it is let go or the kernel takes it away.
 */

import { HELD, OWN } from "./morph.js";

/** @typedef {import("./intents.js").PendingIntent} PendingIntent */

/** An accepted control that is still there after this time may be pressed again. */
const RELEASE_MS = 10_000;

/**
 * @param {object} options
 * @param {(control: string) => Element | null} options.find
 * @param {(message: string) => void} options.elsewhere shows a message whose control is gone
 */
export function showControlStatus({ find, elsewhere }) {
  /** @type {WeakMap<Element, string>} */
  const labels = new WeakMap();
  /** @type {Set<ReturnType<typeof setTimeout>>} */
  const timers = new Set();

  /** @param {Element} control @param {PendingIntent} pending */
  function hold(control, pending) {
    if (control.hasAttribute(HELD)) return;
    control.setAttribute(HELD, "");
    for (const button of buttonsOf(control)) {
      button.setAttribute("aria-disabled", "true");
      if (button !== control && button.getAttribute("data-cj-choice") !== pending.choice) continue;
      labels.set(button, button.innerHTML);
      button.textContent = pending.label;
      button.classList.add("cj-busy");
    }
  }

  /** @param {Element} control */
  function release(control) {
    control.removeAttribute(HELD);
    for (const button of buttonsOf(control)) {
      button.removeAttribute("aria-disabled");
      button.classList.remove("cj-busy");
      const label = labels.get(button);
      if (label !== undefined) button.innerHTML = label;
      labels.delete(button);
    }
  }

  return {
    /** @param {PendingIntent} pending */
    show(pending) {
      const control = find(pending.control);
      if (!control) {
        if (pending.message && pending.status !== "accepted") elsewhere(pending.message);
        return;
      }
      note(control, pending.message);
      switch (pending.status) {
        case "sent":
        case "slow":
          hold(control, pending);
          break;
        case "accepted": {
          const timer = setTimeout(() => {
            timers.delete(timer);
            release(control);
          }, RELEASE_MS);
          timers.add(timer);
          break;
        }
        case "late":
        case "refused":
          release(control);
          break;
      }
    },

    note,

    stop() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

/**
 * A line next to a control, or none.
 *
 * @param {Element} control
 * @param {string} message
 */
function note(control, message) {
  const inside = control instanceof HTMLFormElement;
  const candidate = inside
    ? control.querySelector(`:scope > .cj-control-note[${OWN}]`)
    : control.nextElementSibling;
  const old = candidate?.matches(`.cj-control-note[${OWN}]`) ? candidate : null;
  if (!message) {
    old?.remove();
    return;
  }
  const line = old ?? document.createElement("span");
  line.className = "cj-control-note";
  line.setAttribute(OWN, "");
  line.textContent = message;
  if (old) return;
  if (inside) control.append(line);
  else control.after(line);
}

/** @param {Element} control */
function buttonsOf(control) {
  return control instanceof HTMLFormElement ? [...control.querySelectorAll("button")] : [control];
}
