/**
 * What a person presses. Events are bound once, on the view's root; the kernel's html only names what a control does
 * (docs/protocol.md lists the attributes), so nothing is bound again when a block is replaced.
 *
 * Intents count only when a person made them: an event that a script made up is refused, because code that the agent
 * runs may write scripts into the notebook. (Stop is free to all: stopping does no harm.)
 */

import { askFirst } from "./confirm.js";
import { copyText, textToCopy } from "./copy.js";
import { clearSecrets, contentOf, valuesOf } from "./fields.js";
import { ANSWER, FRESH_MS, watchGestures } from "./gestures.js";

/** @typedef {import("./wire.js").Intent} Intent */
/** @typedef {{ control: string, label: string, choice?: string }} Shown */

const CARD = "form[data-cj-request]";
const FORM = "form[data-cj-form]";
/** Choices for which an unfilled field is no obstacle. */
const NEEDS_NO_FIELDS = new Set(["decline", "stop", "skip", "cancel"]);
const COPIED_MS = 1500;
const NOT_COPIED = "The browser refused to copy: select the text instead.";
const SCRIPTED = "Ignored: a script pressed this, not a person.";
const NOT_MEANT =
  "This has just appeared here, so it was not taken for an answer. Press again if you mean it.";

/**
 * @param {HTMLElement} root
 * @param {object} options
 * @param {(intent: Intent, shown: Shown) => boolean} options.send
 * @param {(control: Element, message: string) => void} options.note shows a line next to a control
 * @param {(sentence: string) => void} options.say
 */
export function bindControls(root, { send, note, say }) {
  const gestures = watchGestures(root);
  /** @type {WeakSet<Element>} */
  const known = new WeakSet();
  /** @type {Set<ReturnType<typeof setTimeout>>} */
  const timers = new Set();

  /** @param {() => void} work @param {number} ms */
  function after(work, ms) {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms);
    timers.add(timer);
  }

  /** @param {MouseEvent} event */
  function onClick(event) {
    const button = closest(event.target, "button, [data-cj-copy], [data-cj-toggle]");
    if (!button) return;
    if (isDisabled(button, event)) event.preventDefault();
    else if (button.hasAttribute("data-cj-choice") && !isSubmitOf(button, FORM)) {
      event.preventDefault();
      press(button, event);
    } else if (button.hasAttribute("data-cj-intent")) press(button, event);
    else if (button.hasAttribute("data-cj-copy")) copy(button);
    else if (button.hasAttribute("data-cj-toggle")) toggle(button);
  }

  /** @param {SubmitEvent} event */
  function onSubmit(event) {
    event.preventDefault();
    const form = closest(event.target, FORM);
    if (form) press(event.submitter ?? form, event);
  }

  /** @param {KeyboardEvent} event */
  function onKeydown(event) {
    const card = closest(event.target, CARD);
    if (!card || event.isComposing || event.repeat) return;
    const typing = isTextField(event.target);
    const button = typing ? buttonOfEnter(event, card) : buttonOfKey(event, card);
    if (!button || button.getAttribute("aria-disabled") === "true") return;
    if (!typing && !gestures.isMeant(button, event)) return;
    event.preventDefault();
    event.stopPropagation();
    press(button, event);
  }

  /**
   * @param {HTMLElement} pressed
   * @param {Event} event
   * @param {boolean} sure whether a confirm question was answered
   */
  function press(pressed, event, sure = false) {
    const intent = intentOf(pressed);
    if (!intent || !pressed.isConnected) return;
    const place = controlOf(pressed);
    if (!event.isTrusted && intent.kind !== "stop") {
      note(place, SCRIPTED);
      return;
    }
    const answers = pressed.matches(ANSWER) && place.matches(CARD);
    if (
      answers &&
      !sure &&
      !(event instanceof KeyboardEvent) &&
      !gestures.isMeant(pressed, event)
    ) {
      note(place, NOT_MEANT);
      return;
    }
    if (!isFilled(pressed)) return;
    const sentence = pressed.getAttribute("data-cj-confirm");
    if (sentence && !sure) {
      askFirst(pressed, sentence, gestures, (yes) => press(pressed, yes, true));
      return;
    }
    const choice = pressed.getAttribute("data-cj-choice") ?? "";
    const label = pressed.dataset.cjBusy ?? (intent.kind === "stop" ? "Stopping…" : "Sent…");
    if (send(intent, { control: controlName(place), label, choice })) {
      if (place instanceof HTMLFormElement) clearSecrets(place);
    }
  }

  /** @param {HTMLElement} button */
  async function copy(button) {
    const done = await copyText(textToCopy(button));
    if (!button.isConnected) return;
    note(button, done ? "" : NOT_COPIED);
    if (!done) return;
    say("Copied");
    button.setAttribute("data-cj-copied", "Copied");
    after(() => button.removeAttribute("data-cj-copied"), COPIED_MS);
  }

  /** @param {HTMLElement} button */
  function toggle(button) {
    const name = button.getAttribute("data-cj-toggle");
    for (const panel of root.querySelectorAll("[data-cj-panel]")) {
      if (!(panel instanceof HTMLElement) || panel.dataset.cjPanel !== name) continue;
      panel.hidden = !panel.hidden;
      button.setAttribute("aria-expanded", String(!panel.hidden));
    }
  }

  /** After every change of the page: prepare the forms that are new. */
  function refresh() {
    gestures.refresh();
    for (const form of root.querySelectorAll(`${CARD}, ${FORM}`)) {
      if (known.has(form)) continue;
      known.add(form);
      if (!form.matches(CARD)) continue;
      form.setAttribute("aria-disabled", "true");
      after(() => form.removeAttribute("aria-disabled"), FRESH_MS);
    }
  }

  root.addEventListener("click", onClick);
  root.addEventListener("submit", onSubmit);
  root.addEventListener("keydown", onKeydown);

  return {
    refresh,

    /**
     * @param {string} name
     * @returns {Element | null} the control of that name, if it is on the page
     */
    find(name) {
      const all = root.querySelectorAll(`${CARD}, ${FORM}, [data-cj-intent]`);
      return [...all].find((control) => controlName(control) === name) ?? null;
    },

    stop() {
      for (const timer of timers) clearTimeout(timer);
      gestures.stop();
      root.removeEventListener("click", onClick);
      root.removeEventListener("submit", onSubmit);
      root.removeEventListener("keydown", onKeydown);
    },
  };
}

/**
 * @param {HTMLElement} pressed a button, or a form that was submitted without one
 * @returns {Intent | null}
 */
function intentOf(pressed) {
  const form = pressed.closest("form");
  const choice = pressed.getAttribute("data-cj-choice") ?? "";
  if (form?.matches(CARD) && choice) {
    const request = form.getAttribute("data-cj-request") ?? "";
    return { kind: "answer", request, choice, values: valuesOf(form), content: contentOf(form) };
  }
  const own = pressed.getAttribute("data-cj-intent");
  if (own !== null) return parseIntent(own);
  if (form?.matches(FORM)) {
    return { kind: form.getAttribute("data-cj-form") ?? "", choice, values: valuesOf(form) };
  }
  return null;
}

/** @param {string} json */
function parseIntent(json) {
  try {
    const intent = JSON.parse(json);
    return typeof intent?.kind === "string" ? /** @type {Intent} */ (intent) : null;
  } catch {
    return null;
  }
}

/** @param {HTMLElement} pressed */
function isFilled(pressed) {
  const form = pressed.closest("form");
  const choice = pressed.getAttribute("data-cj-choice") ?? "";
  if (!form || pressed.hasAttribute("data-cj-intent") || NEEDS_NO_FIELDS.has(choice)) return true;
  return form.reportValidity();
}

/**
 * A pointer is also stopped by a card that is too new; a key pressed inside of it was meant for it.
 *
 * @param {Element} button
 * @param {MouseEvent} event
 */
function isDisabled(button, event) {
  const asked = event.detail > 0 ? button.closest('[aria-disabled="true"]') : button;
  return asked?.getAttribute("aria-disabled") === "true";
}

/**
 * What an intent is about: the whole card, the whole form, or the button.
 *
 * @param {HTMLElement} pressed
 */
function controlOf(pressed) {
  if (pressed.hasAttribute("data-cj-intent")) return pressed;
  return pressed.closest("form") ?? pressed;
}

/** @param {Element} control */
function controlName(control) {
  for (const name of ["data-cj-request", "data-cj-form", "data-cj-intent"]) {
    const value = control.getAttribute(name);
    if (value !== null) return `${name} ${value}`;
  }
  return "";
}

/**
 * A letter presses the button that shows it, while one of the card's buttons has the focus: text that was clicked has none.
 *
 * @param {KeyboardEvent} event
 * @param {Element} card
 * @returns {HTMLElement | null}
 */
function buttonOfKey(event, card) {
  if (!closest(event.target, ANSWER)) return null;
  const buttons = /** @type {NodeListOf<HTMLElement>} */ (
    card.querySelectorAll("button[data-cj-key-hint]")
  );
  const key = event.key.toLowerCase();
  return [...buttons].find((button) => button.dataset.cjKeyHint?.toLowerCase() === key) ?? null;
}

/**
 * Enter in a field of a card submits answers. It never allows anything: only a `submit` choice takes it.
 *
 * @param {KeyboardEvent} event
 * @param {Element} card
 * @returns {HTMLElement | null}
 */
function buttonOfEnter(event, card) {
  if (event.key !== "Enter") return null;
  const many = event.target instanceof HTMLTextAreaElement;
  if (many && !event.ctrlKey && !event.metaKey) return null;
  if (!many) event.preventDefault();
  return card.querySelector('button[data-cj-choice="submit"]');
}

/** @param {EventTarget | null} target */
function isTextField(target) {
  if (target instanceof HTMLInputElement) {
    return !["checkbox", "radio", "button", "submit"].includes(target.type);
  }
  return (
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLElement && target.isContentEditable)
  );
}

/**
 * @param {HTMLElement} button
 * @param {string} forms
 */
function isSubmitOf(button, forms) {
  return button instanceof HTMLButtonElement && button.type === "submit" && !!button.closest(forms);
}

/**
 * @param {EventTarget | null} target
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
function closest(target, selector) {
  return target instanceof Element ? target.closest(selector) : null;
}
