/**
 * Covers the saved copy of a transcript with the live view, in the page alone.
 *
 * The twin of `codex_jupyter/notebook/panel/saved_copy.py`.
 *
 * A notebook keeps what an output is made of. A widget view in it reads "model not found" once its kernel is gone; so the
 * kernel soon puts a copy of the transcript there, in an element with the class `cj-copy-of-ID`, and the live view takes
 * the copy's place in the page. Only where the elements of an output are known (JupyterLab, Notebook 7) is that
 * possible; the page says so. The copy that stands in the page is emptied, so that nothing is found or read twice.
 *
 * Whichever is newer is shown. While the kernel hears no page it sends the views nothing, and its copies say so. And a
 * view hears what changed before the copy says it, or soon after: where the copy is renewed again and again and the view
 * hears nothing, what the kernel sends does not reach it. In both cases the copy is shown, until the view draws again.
 * What had the focus in the view has it again then, unless the reader went elsewhere.
 *
 * A notebook that is closed and opened again in the same page has two models of the panel: the old one, which has lost the
 * kernel and stays in the page, and a new one. A model that cannot speak to the kernel gives its place to one that can.
 */

import { applyChoices } from "./details.js";
import { restIn } from "./shortcuts.js";

/** What holds the outputs of a cell, one of them, and what a renderer of that draws in. */
const AREA = ".jp-OutputArea";
const CHILD = ".jp-OutputArea-child";
const OUTPUT = ".jp-OutputArea-output";
/** An element that is out of the page for so long does not come back: its cell was deleted. */
const GONE_MS = 2000;
/** The class of a copy that the views are behind: they are sent nothing while it stands there. */
const ALONE = "cj-copy-alone";
/** So often a copy is renewed while the view hears nothing, and it is by chance: one was under way when the view heard. */
const BY_CHANCE = 2;

/**
 * @typedef {object} Cover
 * @property {HTMLElement} host where the view is
 * @property {HTMLElement} output the renderer's element with the saved copy
 * @property {boolean} shown the view stands in for the copy
 * @property {boolean} drawn the view has drawn something
 * @property {boolean} alone the views are sent nothing, says the copy
 * @property {Node | null} seen the copy that was looked at last
 * @property {number} renewals how often the copy was renewed since the view heard of a change, or drew
 * @property {Element | null} focused what had the focus in the view when the copy was shown again
 * @property {View} view
 * @property {Node[]} copy what was taken out of the page, to be put back
 * @property {ReturnType<typeof setTimeout> | undefined} gone
 */

/** @typedef {{ close: () => void, choices: () => Map<string, boolean> }} View an open view, and what the reader opened in it */

/**
 * @typedef {object} Place what a view over a copy tells of itself
 * @property {() => void} onHeard the kernel said what changed
 * @property {() => void} onDrawn it has drawn
 * @property {() => void} onGone it has lost the kernel
 */

/** Whether this page has outputs of a structure that is known; one view may be elsewhere all the same. */
export function knowsOutputs() {
  return document.querySelector(AREA) !== null;
}

/**
 * Whether a view in this element could stand over a saved copy.
 *
 * @param {HTMLElement} el
 */
export function canCover(el) {
  return el.closest(CHILD) !== null && el.closest(OUTPUT) !== null;
}

/**
 * Opens a view over every copy of the transcript that the page shows, and ends it when the copy is gone.
 *
 * @param {string} id the panel's id
 * @param {(el: HTMLElement, place: Place) => View} open opens a view
 * @returns {() => void} ends all views
 */
export function coverCopies(id, open) {
  if (!id) return () => {};
  const name = `cj-copy-of-${id}`;
  /** @type {Map<HTMLElement, Cover>} */
  const covers = new Map();
  /** Copies over which another model of this panel has its view. @type {Set<Element>} */
  const taken = new Set();
  /** This model has lost the kernel before it could show anything. */
  let dead = false;

  /** @param {Iterable<MutationRecord>} changes */
  function look(changes) {
    for (const [child, cover] of covers) check(child, cover);
    for (const copy of [...taken]) found(copy);
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) if (node instanceof Element) lookInside(node);
    }
  }

  /** @param {Element} element */
  function lookInside(element) {
    if (element.classList.contains(name)) found(element);
    for (const copy of [...element.getElementsByClassName(name)]) found(copy);
  }

  /** @param {Element} copy */
  function found(copy) {
    const output = copy.closest(OUTPUT);
    const child = output?.parentElement;
    taken.delete(copy);
    if (dead || !(output instanceof HTMLElement) || !child?.matches(CHILD)) return;
    if (covers.has(child)) return;
    if (child.dataset.cjCoveredBy === id) taken.add(copy);
    else standOver(child, output);
  }

  /** @param {HTMLElement} child @param {HTMLElement} output */
  function standOver(child, output) {
    const host = document.createElement("div");
    host.className = "jp-OutputArea-output cj-cover";
    host.style.display = "none";
    // A second model of the same panel (a console on this kernel) leaves it alone.
    child.dataset.cjCoveredBy = id;
    child.insertBefore(host, output);
    /** @type {Cover} */
    const cover = {
      host,
      output,
      shown: false,
      drawn: false,
      alone: output.getElementsByClassName(ALONE).length > 0,
      seen: output.firstChild,
      renewals: 0,
      focused: null,
      view: { close: () => {}, choices: () => new Map() },
      copy: [],
      gone: undefined,
    };
    covers.set(child, cover);
    const onHeard = () => {
      cover.renewals = 0;
    };
    const onDrawn = () => {
      if (covers.get(child) !== cover) return;
      cover.drawn = true;
      cover.renewals = 0;
      showNewer(cover);
    };
    const onGone = () => {
      if (cover.drawn || covers.get(child) !== cover) return;
      dead = true;
      release(child, cover);
    };
    cover.view = open(host, { onHeard, onDrawn, onGone });
  }

  /** Shows the view in place of the copy, or the copy again. @param {Cover} cover */
  function showNewer(cover) {
    cover.shown = cover.drawn && !cover.alone && cover.renewals <= BY_CHANCE;
    const { activeElement } = document;
    if (!cover.shown && cover.host.contains(activeElement)) cover.focused = activeElement;
    cover.host.style.display = cover.shown ? "" : "none";
    cover.output.style.display = cover.shown ? "none" : "";
    if (cover.shown && cover.output.firstChild) empty(cover);
    if (cover.shown) refocus(cover);
  }

  /** What is hidden loses the focus, and the page has it then. @param {Cover} cover */
  function refocus(cover) {
    const { focused, host } = cover;
    if (!focused) return;
    cover.focused = null;
    const { activeElement } = document;
    const lost = !activeElement || activeElement === document.body || host.contains(activeElement);
    const panel = host.querySelector(".cj-panel");
    if (lost && panel instanceof HTMLElement) restIn(panel, focused);
  }

  /** @param {Cover} cover */
  function empty(cover) {
    cover.copy = [...cover.output.childNodes];
    cover.output.replaceChildren();
  }

  /** @param {HTMLElement} child @param {Cover} cover */
  function check(child, cover) {
    if (!child.isConnected) {
      if (!child.closest(AREA)) release(child, cover);
      else cover.gone ??= setTimeout(() => release(child, cover), GONE_MS);
      return;
    }
    clearTimeout(cover.gone);
    cover.gone = undefined;
    const { output } = cover;
    const isOurs = output.parentElement === child;
    const isCopy = output.getElementsByClassName(name).length > 0;
    if (!isOurs || (!isCopy && output.firstChild)) release(child, cover);
    else if (isCopy && output.firstChild !== cover.seen) renewed(cover);
  }

  /** The copy was brought up to date. @param {Cover} cover */
  function renewed(cover) {
    cover.seen = cover.output.firstChild;
    cover.alone = cover.output.getElementsByClassName(ALONE).length > 0;
    cover.renewals += 1;
    showNewer(cover);
  }

  /** The output says something else now, or is gone. @param {HTMLElement} child @param {Cover} cover */
  function release(child, cover) {
    clearTimeout(cover.gone);
    covers.delete(child);
    delete child.dataset.cjCoveredBy;
    cover.output.style.display = "";
    if (cover.output.firstChild) applyChoices(cover.view.choices(), cover.output);
    else cover.output.append(...cover.copy);
    cover.view.close();
    cover.host.remove();
  }

  const observer = new MutationObserver(look);
  observer.observe(document, { childList: true, subtree: true });
  lookInside(document.documentElement);
  return () => {
    observer.disconnect();
    for (const [child, cover] of covers) release(child, cover);
  };
}
