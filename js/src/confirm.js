/**
 * Asks once more, inline, before something that lasts: a sentence, the button's own label, Cancel.
 *
 * Cancel has the focus, so that a key that is still down does no harm. The question is the page's own element; when the
 * kernel takes the card away, it goes along.
 */

import { FRESH_MS } from "./gestures.js";
import { OWN } from "./morph.js";

/**
 * @param {HTMLElement} button the control that needs a second word
 * @param {string} sentence
 * @param {{ refresh: () => void, isMeant: (button: Element, event: Event) => boolean }} gestures
 * @param {(event: Event) => void} onYes
 */
export function askFirst(button, sentence, gestures, onYes) {
  const place = button.closest("form") ?? button.parentElement;
  if (!place) return;
  place.querySelector(".cj-confirm")?.remove();

  const box = document.createElement("div");
  box.className = "cj-confirm";
  box.setAttribute(OWN, "");
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", sentence);
  const words = document.createElement("span");
  words.textContent = sentence;
  const yes = plainButton(labelOf(button) || "Yes");
  const no = plainButton("Cancel");
  box.append(words, " ", yes, " ", no);

  const leave = () => {
    box.remove();
    button.focus({ preventScroll: true });
  };
  yes.classList.add("cj-sure");
  yes.setAttribute("aria-disabled", "true");
  setTimeout(() => yes.removeAttribute("aria-disabled"), FRESH_MS);
  yes.addEventListener("click", (event) => {
    // The second click of two lands where this has just appeared.
    if (event.isTrusted && !gestures.isMeant(yes, event)) return;
    leave();
    onYes(event);
  });
  no.addEventListener("click", leave);
  box.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") leave();
  });
  place.append(box);
  gestures.refresh();
  no.focus({ preventScroll: true });
}

/**
 * The words on a button, without its key hint.
 *
 * @param {HTMLElement} button
 */
function labelOf(button) {
  const copy = /** @type {HTMLElement} */ (button.cloneNode(true));
  for (const mute of copy.querySelectorAll("[aria-hidden=true]")) mute.remove();
  return copy.textContent?.trim() ?? "";
}

/** @param {string} label */
function plainButton(label) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "cj-button";
  button.textContent = label;
  return button;
}
