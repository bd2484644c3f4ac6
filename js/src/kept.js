/**
 * What a reader can do with a transcript that stays: copy the answer, copy a piece of code, put code into cells.
 *
 * What stays in a notebook is html without scripts. While a page has this module (some panel was shown in it), it gives the
 * transcripts in the page their buttons; a page without it shows the same text, to be selected.
 */

import { copyText } from "./copy.js";
import { insertBelow, placeOf } from "./insert_cells.js";
import { markdownOf } from "./markdown.js";

const OUTPUT = ".jp-OutputArea-output";
const TRANSCRIPT = `${OUTPUT} .cj`;
/** Code of an answer, and code that ran in the kernel. */
const ANSWERED = ".cj-is-answer pre.cj-code";
const RAN = '.cj-is-tool[aria-label^="notebook"] pre.cj-code';
/** One module serves the page, however many panels bring it. */
const SERVED = Symbol.for("codex_jupyter.kept");
const COPIED_MS = 1500;

/** Serves every transcript of the page, those that come later included. */
export function serveKept() {
  const page = /** @type {Record<symbol, boolean>} */ (/** @type {unknown} */ (globalThis));
  if (page[SERVED]) return;
  page[SERVED] = true;
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes)
      for (const node of addedNodes) if (node instanceof Element) look(node);
  }).observe(document, { childList: true, subtree: true });
  look(document.documentElement);
}

/** @param {Element} element */
function look(element) {
  const root = element.closest(TRANSCRIPT);
  for (const each of root ? [root] : element.querySelectorAll(TRANSCRIPT)) serve(each);
}

/** @param {Element} root */
function serve(root) {
  if (root.closest(".cj-panel") || root.querySelector(":scope > .cj-footer .cj-actions")) return;
  const line = root.querySelector(":scope > .cj-footer > div");
  const answers = [...root.querySelectorAll(".cj-is-answer")];
  if (!line || (!answers.length && !root.querySelector(RAN))) return;
  line.classList.add("cj-line");
  const actions = document.createElement("span");
  actions.className = "cj-actions";
  line.append(actions);
  if (answers.length)
    actions.append(copies(() => answers.map(markdownOf).join("\n\n"), "Copy the answer"));
  const ran = [...root.querySelectorAll(RAN)].filter(isWhole);
  if (ran.length && placeOf(root)) actions.append(inserts("Keep code as cells", root, () => ran));
  for (const pre of root.querySelectorAll(`${ANSWERED}, ${RAN}`)) equip(pre);
}

/** The buttons of a piece of code. @param {Element} pre */
function equip(pre) {
  const box = document.createElement("div");
  box.className = "cj-codebox";
  const tools = document.createElement("span");
  tools.className = "cj-codetools";
  pre.replaceWith(box);
  box.append(pre, tools);
  tools.append(copies(() => codeOf(pre), "Copy this code"));
  if (isWhole(pre) && placeOf(box)) tools.append(inserts("Insert below", box, () => [pre]));
}

/**
 * @param {() => string} text
 * @param {string} label
 */
function copies(text, label) {
  return made("Copy", label, async () => ((await copyText(text())) ? "Copied" : "Select the text"));
}

/**
 * @param {string} title
 * @param {Element} where
 * @param {() => Element[]} code
 */
function inserts(title, where, code) {
  return made(title, title, async () =>
    insertBelow(where, code().map(codeOf)) ? "Inserted" : "Copy it instead",
  );
}

/**
 * @param {string} title
 * @param {string} label
 * @param {() => Promise<string>} act says what became of it
 */
function made(title, label, act) {
  const button = document.createElement("button");
  button.className = "cj-button";
  button.type = "button";
  button.textContent = title;
  button.title = label;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async (event) => {
    event.stopPropagation();
    if (!event.isTrusted) return;
    button.textContent = await act();
    setTimeout(() => {
      button.textContent = title;
    }, COPIED_MS);
  });
  return button;
}

/** All of it is there: a part of code is no code. @param {Element} pre */
function isWhole(pre) {
  return !pre.querySelector(".cj-omitted");
}

/** @param {Element} pre */
function codeOf(pre) {
  const copy = /** @type {Element} */ (pre.cloneNode(true));
  for (const prompt of copy.querySelectorAll(".cj-prompt")) prompt.remove();
  return (copy.textContent ?? "").replace(/\n$/, "");
}
