/**
 * The notebook that a panel stands in, as the kernel may ask for it: its cells, with what came out of them.
 *
 * JupyterLab's and Notebook 7's document, over the widget manager. Nobody promises that way: where a member of it that is
 * needed is missing, the notebook cannot be reached, and the kernel hears so in the hello.
 *
 * The twin of `codex_jupyter/notebook/document/`.
 */

import { put, takesOutputs } from "./cell_outputs.js";

/** Characters of a source and of a text of an output; characters of all images of a reply. */
const SOURCE = 200_000;
const TEXT = 20_000;
const IMAGES = 8_000_000;
/** The number that JupyterLab and Notebook 7 give each cell's element, whether or not its neighbours are drawn. */
export const NUMBER = "data-windowed-list-index";
/** Outputs of a cell. */
const OUTPUTS = 60;
/** Characters of deleted cells that a reply takes along, for them to be brought back. */
const DELETED = 5_000_000;

/** @typedef {Record<string, any>} Output */
/**
 * @typedef {object} Cell
 * @property {string} type
 * @property {string} id
 * @property {number | null} [executionCount]
 * @property {{ getSource: () => string }} sharedModel
 * @property {import("./cell_outputs.js").Outputs} [outputs]
 * @property {string} [executionState]
 */
/**
 * @typedef {object} SharedCell
 * @property {() => string} getId
 * @property {() => string} getSource
 * @property {(source: string) => void} setSource
 * @property {() => object} toJSON
 */
/**
 * @typedef {object} Shared
 * @property {SharedCell[]} cells
 * @property {(change: () => void) => void} transact
 * @property {(at: number, cell: object) => SharedCell} insertCell
 * @property {(at: number) => void} deleteCell
 */
/** @typedef {{ path: string, model: { cells: { length: number, get: (at: number) => Cell }, sharedModel: Shared } }} Document */
/** @typedef {{ op: string, id?: string, after?: string | null, kind?: string, source?: string, was?: string, cell?: object }} Change */

const CHANGING = ["transact", "insertCell", "deleteCell"];

/**
 * The document, if every member that is used is there.
 *
 * @param {import("./wire.js").Model} model
 * @returns {Document | null}
 */
export function documentOf(model) {
  const context = model.widget_manager?.context;
  const cells = context?.model?.cells;
  if (typeof cells?.get !== "function" || typeof cells.length !== "number") return null;
  if (context.isDisposed || typeof context.path !== "string") return null;
  const first = cells.length ? cells.get(0) : null;
  if (first && typeof first.sharedModel?.getSource !== "function") return null;
  return context;
}

/**
 * The reply to a question of the kernel.
 *
 * @param {import("./wire.js").Model} model
 * @param {Element} el where the panel stands
 * @param {Record<string, unknown>} question
 * @returns {object}
 */
export function answer(model, el, question) {
  const document = documentOf(model);
  if (!document) return { error: "the notebook is closed." };
  try {
    if (question.kind === "read") return read(document, el, question);
    if (question.kind === "change") return change(document, question);
    if (question.kind === "run") return run(document, question);
  } catch (error) {
    return { error: `the page failed: ${error}` };
  }
  return { error: "this page is of another version: reload it." };
}

/** @param {Document} document @param {Element} el @param {Record<string, unknown>} question */
function read(document, el, question) {
  const { cells } = document.model;
  const ids = Array.isArray(question.ids) ? new Set(question.ids) : null;
  const from = Number(question.from) || 0;
  const end = ids ? cells.length : Math.min(cells.length, from + (Number(question.count) || 0));
  const room = { images: IMAGES };
  const told = [];
  for (let at = ids ? 0 : from; at < end; at++) {
    const cell = cells.get(at);
    if (!ids || ids.has(cell.id)) told.push(tell(cell, at, question.brief ? null : room));
  }
  return { path: document.path, total: cells.length, ...place(el), cells: told };
}

/**
 * Makes changes, all of them or none, as one step of the notebook's own undo. The twin of `document/changes.py`.
 *
 * Each names the source that its cell had when a person was asked about it: a cell that is another one by now, or is gone,
 * is told, and nothing is changed. Cells that run, and the one that `kept` names, are neither deleted nor moved.
 *
 * @param {Document} document
 * @param {Record<string, unknown>} question
 */
function change(document, question) {
  const shared = document.model.sharedModel;
  const changes = /** @type {Change[]} */ (question.changes);
  if (!CHANGING.every((name) => typeof (/** @type {any} */ (shared)?.[name]) === "function"))
    return { error: "this front end does not let a widget change it." };
  const at = (/** @type {string} */ id) => shared.cells.findIndex((cell) => cell.getId() === id);
  /** Cells that come back in this step. */
  const back = new Set(changes.flatMap(({ op, id }) => (op === "restore" && id ? [id] : [])));
  const refused = changes.flatMap(({ op, id, after, was }) => {
    if (after && at(after) < 0 && !back.has(after)) return [{ id: after, why: "gone" }];
    if (!id) return [];
    if (op === "restore") return at(id) < 0 ? [] : [{ id, why: "there" }];
    const cell = shared.cells[at(id)];
    if (!cell) return [{ id, why: "gone" }];
    if (was !== undefined && cell.getSource() !== was)
      return [{ id, why: "changed", source: cell.getSource().slice(0, SOURCE) }];
    const runs =
      id === question.kept || document.model.cells.get(at(id)).executionState === "running";
    return op !== "replace" && runs ? [{ id, why: "runs" }] : [];
  });
  if (refused.length) return { refused };
  const stood = placesOf(shared.cells, changes);
  /** @type {string[]} */
  const made = [];
  /** The cells in their order: within a step the document's own list is the one from before it. */
  const order = shared.cells.map((cell) => cell.getId());
  const place = (/** @type {string | null} */ anchor) =>
    anchor === null ? 0 : order.indexOf(anchor) + 1;
  shared.transact(() => {
    /** Behind each cell, what was put there last. @type {Map<string | null, string>} */
    const last = new Map();
    /** Behind a cell, and behind what was put there before. @param {string | null} after @param {object} cell */
    const insert = (after, cell) => {
      const to = place(last.get(after) ?? after);
      const id = shared.insertCell(to, cell).getId();
      order.splice(to, 0, id);
      last.set(after, id);
      return id;
    };
    for (const { op, id = "", after = null, kind, source = "", cell = {} } of changes) {
      const from = order.indexOf(id);
      if (op === "replace") shared.cells[at(id)]?.setSource(source);
      if (op === "delete") {
        shared.deleteCell(from);
        order.splice(from, 1);
      } else if (op === "move") {
        // Within a step `moveCell` would take what stood at this place before it.
        const moved = shared.cells[at(id)]?.toJSON();
        shared.deleteCell(from);
        order.splice(from, 1);
        insert(after, moved ?? {});
      } else if (op === "restore") insert(after, cell);
      else if (op === "insert") made.push(insert(after, { cell_type: kind, source, metadata: {} }));
    }
  });
  return { made, stood, total: shared.cells.length };
}

/**
 * Where each cell that goes or moves stands, in the order of the notebook, and what one that goes is: to bring it back.
 *
 * @param {SharedCell[]} cells
 * @param {Change[]} changes
 */
function placesOf(cells, changes) {
  const goes = new Set(changes.flatMap(({ op, id }) => (op === "delete" ? [id] : [])));
  const moves = new Set(changes.flatMap(({ op, id }) => (op === "move" ? [id] : [])));
  const found = [];
  let room = DELETED;
  for (const [at, cell] of cells.entries()) {
    const id = cell.getId();
    const place = { id, after: at ? cells[at - 1]?.getId() : null };
    if (moves.has(id)) found.push(place);
    if (!goes.has(id)) continue;
    const whole = /** @type {Record<string, unknown>} */ (cell.toJSON());
    const size = JSON.stringify(whole).length;
    const cut = size > room && Array.isArray(whole.outputs);
    room -= cut ? 0 : size;
    found.push({ ...place, cell: cut ? { ...whole, outputs: [] } : whole, cut });
  }
  return found;
}

/**
 * Puts a part of what a cell prints and shows into it. The first part, which says what the cell `was`, begins: a cell that
 * is another one by now, that runs, or whose turn it is (`kept`) is left alone.
 *
 * @param {Document} document
 * @param {Record<string, unknown>} question
 */
function run(document, question) {
  const { cells } = document.model;
  const { id, was, kept } = question;
  let cell = null;
  for (let at = 0; at < cells.length && !cell; at++)
    if (cells.get(at).id === id) cell = cells.get(at);
  if (!cell) return { refused: [{ id, why: "gone" }] };
  if (!takesOutputs(cell))
    return { error: "this front end does not let a widget put outputs into it." };
  if (was !== undefined) {
    const source = cell.sharedModel.getSource();
    if (source !== was)
      return { refused: [{ id, why: "changed", source: source.slice(0, SOURCE) }] };
    if (id === kept || cell.executionState === "running") return { refused: [{ id, why: "runs" }] };
  }
  return put(cell, question);
}

/** @param {Cell} cell @param {number} index @param {{ images: number } | null} room null: without outputs */
function tell(cell, index, room) {
  const source = cell.sharedModel.getSource();
  const outputs = [];
  for (let at = 0; room && at < Math.min(cell.outputs?.length ?? 0, OUTPUTS); at++)
    outputs.push(shorten(cell.outputs?.get(at).toJSON() ?? {}, room));
  return {
    index,
    id: cell.id,
    kind: cell.type,
    source: source.slice(0, SOURCE),
    left_out: Math.max(0, source.length - SOURCE),
    count: cell.executionCount ?? 0,
    outputs,
  };
}

/** An output with its long texts cut, and of what nobody reads only that it is there. @param {Output} output @param {{ images: number }} room */
function shorten(output, room) {
  const { output_type, name, ename, evalue } = output;
  const short = { output_type, name, ename, evalue };
  if (output.traceback) return { ...short, traceback: [cut(output.traceback.join("\n"))] };
  if (output.text !== undefined) return { ...short, text: cut(output.text) };
  /** @type {Record<string, unknown>} */
  const data = {};
  for (const [mime, value] of Object.entries(output.data ?? {})) {
    const whole = Array.isArray(value) ? value.join("") : value;
    if (typeof whole !== "string") data[mime] = "";
    else if (mime === "image/png" || mime === "image/jpeg") {
      room.images -= whole.length;
      data[mime] = room.images < 0 ? "" : whole;
    } else data[mime] = mime.startsWith("text/") && mime !== "text/html" ? cut(whole) : "";
  }
  return { ...short, data };
}

/** The beginning and the end of a long text. @param {string | string[]} text */
function cut(text) {
  const whole = Array.isArray(text) ? text.join("") : String(text);
  if (whole.length <= TEXT) return whole;
  return `${whole.slice(0, TEXT / 2)}\n…\n${whole.slice(-TEXT / 2)}`;
}

/** Where the person is: the numbers of the active and the selected cells. @param {Element} el */
function place(el) {
  const cells = [...(el.closest(".jp-Notebook")?.querySelectorAll(".jp-Cell") ?? [])];
  /** @param {string} mark */
  const numbers = (mark) =>
    cells
      .filter((cell) => cell.classList.contains(mark))
      .map((cell) => Number(cell.getAttribute(NUMBER) ?? Number.NaN))
      .filter(Number.isInteger);
  return { active: numbers("jp-mod-active")[0] ?? -1, selected: numbers("jp-mod-selected") };
}
