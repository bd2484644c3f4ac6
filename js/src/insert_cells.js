/**
 * Puts cells into the open notebook, where the page lets a widget reach it (JupyterLab, Notebook 7).
 *
 * `model.widget_manager.context` is no public interface. Where it, or a member of it that is needed, is missing, there is
 * nothing to offer.
 */

import { NUMBER } from "./document.js";

/** @typedef {import("./wire.js").Model} Model */
/**
 * @typedef {object} Context
 * @property {boolean} [isDisposed]
 * @property {{ sharedModel: SharedModel, cells: { length: number, get: (at: number) => { sharedModel: SharedCell } } }} model
 */
/** @typedef {{ insertCells: (at: number, cells: object[]) => void }} SharedModel */
/** @typedef {{ getSource: () => string }} SharedCell */

const CELL = ".jp-Cell";

/** Of the page, not of this module: each notebook's kernel brings its own copy of that, and one of them serves all. */
const KNOWN = Symbol.for("codex_jupyter.notebooks");
const page = /** @type {Record<symbol, Set<Context>>} */ (/** @type {unknown} */ (globalThis));
page[KNOWN] ??= new Set();
const contexts = page[KNOWN];

/** Remembers the notebook that a widget lives in. @param {Model} model */
export function noteNotebook(model) {
  const context = /** @type {{ widget_manager?: { context?: Context } }} */ (
    /** @type {unknown} */ (model)
  ).widget_manager?.context;
  if (context?.model?.cells && typeof context.model.sharedModel?.insertCells === "function")
    contexts.add(context);
}

/**
 * The notebook and the number of the cell that an element stands in; null where that is not known for sure.
 *
 * @param {Element} element
 * @returns {{ context: Context, at: number } | null}
 */
export function placeOf(element) {
  const cell = element.closest(CELL);
  const number = cell?.getAttribute(NUMBER);
  if (!cell || !number) return null;
  const at = Number(number);
  const shown = [...cell.querySelectorAll(".jp-InputArea .cm-line")].map(
    (line) => line.textContent,
  );
  for (const context of [...contexts]) if (context.isDisposed) contexts.delete(context);
  const fitting = [...contexts].filter(({ model }) => {
    if (at >= model.cells.length) return false;
    const lines = model.cells.get(at).sharedModel.getSource().split("\n");
    return shown.every((line, row) => line === lines[row]);
  });
  const [context] = fitting;
  return context && fitting.length === 1 ? { context, at } : null;
}

/**
 * Puts cells of code below the one that an element stands in, as one step that the notebook's own undo takes back.
 * Nothing runs.
 *
 * @param {Element} element
 * @param {string[]} sources
 * @returns {boolean} whether they are there
 */
export function insertBelow(element, sources) {
  const place = placeOf(element);
  if (!place || !sources.length) return false;
  const cells = sources.map((source) => ({ cell_type: "code", source, metadata: {} }));
  place.context.model.sharedModel.insertCells(place.at + 1, cells);
  return true;
}
