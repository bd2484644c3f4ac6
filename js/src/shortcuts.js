/**
 * Keys on a control of a transcript are that control's, and no shortcuts of the notebook: in command mode `d d` would delete
 * the cell, `b` insert one, Shift+Enter run it and `0 0` restart the kernel. Of every transcript in the page: live ones,
 * those that stay, and what signs in.
 *
 * JupyterLab and Notebook 7 ask what has the focus, and what it is in, for an attribute. It is set at the key itself, before
 * they look: what is in the page is changed by many. Saving stays theirs, from everywhere; Escape leads to the cell.
 */

const SUPPRESSES = "data-lm-suppress-shortcuts";
const CONTROL = "a[href], button, input, select, textarea, summary, form, [tabindex]";
/** What scrolls has the focus as well, where a browser gives it; these keys are its own, all others the notebook's. */
const SCROLLS = /^(?:Arrow(?:Up|Down|Left|Right)|Page(?:Up|Down)|Home|End| )$/;
const PANEL = "cj-panel";
const CARD = "form[data-cj-request]";
/** One module serves the page, however many panels bring it. */
const SERVED = Symbol.for("codex_jupyter.shortcuts");
/** Panels that have the focus because a control of theirs went away. */
const resting = new WeakSet();

/** Serves every transcript of the page, those that come later included. */
export function keepShortcutsOut() {
  const page = /** @type {Record<symbol, boolean>} */ (/** @type {unknown} */ (globalThis));
  if (page[SERVED]) return;
  page[SERVED] = true;
  window.addEventListener("keydown", onKey, true);
  window.addEventListener("keydown", onEscape);
}

/**
 * What had the focus was moved, or is gone: the focus goes back to it, to the next card that waits, or stays in the panel.
 *
 * @param {HTMLElement} root of the panel
 * @param {Element} [before] what had the focus
 */
export function restIn(root, before) {
  if (before instanceof HTMLElement && before.isConnected) {
    before.focus({ preventScroll: true });
    if (document.activeElement === before) return;
  }
  const card = root.querySelector(CARD);
  const place = card instanceof HTMLElement ? card : root;
  place.tabIndex = -1;
  if (place === root) resting.add(root);
  place.focus({ preventScroll: true });
}

/**
 * Follows the focus in a panel; where that goes with the panel, it goes to the cell.
 *
 * @param {HTMLElement} root of the panel
 */
export function followFocus(root) {
  /** @type {HTMLElement | null} */
  let cell = null;
  root.addEventListener("focusin", () => {
    cell = cellOf(root);
  });
  root.addEventListener("focusout", (event) => {
    resting.delete(root);
    // Without a target the window lost the focus, or the control is gone.
    if (event.relatedTarget instanceof Node) cell = null;
  });
  return {
    /** The panel is gone, or about to go. */
    leave() {
      const now = document.activeElement;
      const lost = now === null || now === document.body || root.contains(now);
      if (lost && cell?.isConnected) cell.focus({ preventScroll: true });
    },
  };
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const { target } = event;
  const control = controlAt(target) ?? (SCROLLS.test(event.key) ? scrollerAt(target) : null);
  if (!control) {
    if (target instanceof Element && target.closest(".cj")) target.removeAttribute(SUPPRESSES);
    return;
  }
  const saves =
    (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s";
  if (saves) control.removeAttribute(SUPPRESSES);
  else control.setAttribute(SUPPRESSES, "true");
}

/** @param {KeyboardEvent} event */
function onEscape(event) {
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
  const control = controlAt(event.target);
  if (control) cellOf(control)?.focus({ preventScroll: true });
}

/**
 * What a key is for, if that is in a transcript. Text that was clicked is none, and leaves the panel with the focus: its keys
 * are the notebook's, but where a card waits that they may have been meant for.
 *
 * @param {EventTarget | null} target
 */
function controlAt(target) {
  if (!(target instanceof HTMLElement) || !target.closest(".cj") || !target.matches(CONTROL)) {
    return null;
  }
  const clicked = target.classList.contains(PANEL) && !resting.has(target);
  return clicked && !target.querySelector(CARD) ? null : target;
}

/** What scrolls in a transcript and has the focus. @param {EventTarget | null} target */
function scrollerAt(target) {
  if (!(target instanceof HTMLElement) || !target.closest(".cj")) return null;
  const scrolls =
    target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight;
  return scrolls && !target.classList.contains(PANEL) ? target : null;
}

/** @param {Element} element */
function cellOf(element) {
  const cell = element.closest(".jp-Cell");
  return cell instanceof HTMLElement ? cell : null;
}
