/**
 * Applies ops and snapshots to the document. The only module that places the kernel's html.
 *
 * The html is placed as it is: the kernel's renderer made it and its sanitiser saw it. Nothing here knows what a block
 * means, and nothing is computed from what is on the page.
 */

import { rememberDetails } from "./details.js";
import { morph, morphChildren } from "./morph.js";
import { unhandled } from "./wire.js";

/** @typedef {import("./wire.js").Op} Op */
/** @typedef {import("./wire.js").State} State */
/** @typedef {{ header: Element, blocks: Element, footer: Element }} Slots */

/**
 * @param {Slots} slots
 * @param {(state: State) => void} onState
 */
export function showTranscript({ header, blocks, footer }, onState) {
  /** @type {Map<string, Element>} */
  const shown = new Map();
  const details = rememberDetails();

  /**
   * @param {Op} op
   * @returns {boolean} false: it does not fit what is shown
   */
  function applyOne(op) {
    switch (op.op) {
      case "insert":
        return insert(op.key, op.before, op.html);
      case "replace":
        return shown.has(op.key) && place(op.key, op.html);
      case "remove":
        return remove(op.key);
      case "settle":
        return settle(op.key, op.html, op.tail);
      case "text":
        return grow(op.key, op.text);
      case "header":
        return fill(header, op.html);
      case "footer":
        return fill(footer, op.html);
      case "state":
        onState(op);
        return true;
      default:
        return unhandled(op);
    }
  }

  /**
   * @param {string} key
   * @param {string | null} before
   * @param {string} html
   */
  function insert(key, before, html) {
    if (!place(key, html)) return false;
    const next = before === null ? null : (shown.get(before) ?? null);
    blocks.insertBefore(/** @type {Element} */ (shown.get(key)), next);
    return before === null || next !== null;
  }

  /**
   * Shows a block anew, in the place where it is; a new one at the end.
   *
   * @param {string} key
   * @param {string} html
   */
  function place(key, html) {
    const fresh = parse(html).firstElementChild;
    if (!fresh) return false;
    const old = shown.get(key) ?? null;
    const placed = details.around(key, old, fresh, () => {
      if (old) return morph(old, fresh);
      blocks.append(fresh);
      return fresh;
    });
    shown.set(key, placed);
    return true;
  }

  /** @param {string} key */
  function remove(key) {
    const block = shown.get(key);
    if (!block) return false;
    details.choices([[key, block]]); // it may come back, or its rows elsewhere
    block.remove();
    return shown.delete(key);
  }

  /**
   * @param {string} key
   * @param {string} html
   * @param {string} tail
   */
  function settle(key, html, tail) {
    const done = part(key, "data-cj-settled");
    const open = part(key, "data-cj-tail");
    if (!done || !open) return false;
    if (html) done.insertAdjacentHTML("beforeend", html);
    return fill(open, tail);
  }

  /**
   * @param {string} key
   * @param {string} text
   */
  function grow(key, text) {
    const tail = part(key, "data-cj-tail");
    if (!tail) return false;
    const end = innermost(tail);
    if (end.lastChild instanceof Text) end.lastChild.appendData(text);
    else end.append(text);
    return true;
  }

  /**
   * @param {string} key
   * @param {string} name
   */
  function part(key, name) {
    const block = shown.get(key);
    return block?.hasAttribute(name) ? block : (block?.querySelector(`[${name}]`) ?? null);
  }

  return {
    /**
     * @param {readonly Op[]} ops
     * @returns {boolean} false: something did not fit, and the page needs a snapshot
     */
    apply(ops) {
      return ops.map(applyOne).every(Boolean);
    },

    /** What the reader opened and closed, by title. */
    choices: () => details.choices(shown),

    /**
     * Everything anew; blocks that are shown already are changed in place.
     *
     * @param {import("./wire.js").Snapshot} snapshot
     * @returns {boolean} false: a block could not be shown
     */
    restore(snapshot) {
      const keys = new Set(snapshot.blocks.map((block) => block.key));
      for (const key of [...shown.keys()]) if (!keys.has(key)) remove(key);
      fill(header, snapshot.header);
      /** @type {Element | null} */
      let last = null;
      let fits = true;
      for (const { key, html } of snapshot.blocks) {
        if (!place(key, html)) {
          fits = false;
          continue;
        }
        const block = /** @type {Element} */ (shown.get(key));
        /** @type {Element | null} */
        const due = last ? last.nextElementSibling : blocks.firstElementChild;
        if (due !== block) blocks.insertBefore(block, due);
        last = block;
      }
      fill(footer, snapshot.footer);
      onState({ ...snapshot.state, announce: "" });
      return fits;
    },
  };
}

const BLOCKS = "p, ul, ol, li, blockquote, pre, pre > code, div, table, tbody, tr, td";

/**
 * Where a text goes on: inside the last paragraph, list item or code block, white space behind it aside.
 *
 * @param {Element} element
 * @returns {Element}
 */
function innermost(element) {
  let last = element.lastChild;
  while (last instanceof Text && last.data.trim() === "") last = last.previousSibling;
  return last instanceof Element && last.matches(BLOCKS) ? innermost(last) : element;
}

/**
 * @param {Element} element
 * @param {string} html
 */
function fill(element, html) {
  morphChildren(element, parse(html));
  return true;
}

/**
 * A template's document is inert: nothing loads and nothing runs while it is parsed.
 *
 * @param {string} html
 */
function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}
