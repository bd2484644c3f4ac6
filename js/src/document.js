/**
 * The notebook that a panel stands in, as the kernel may ask for it: its cells, with what came out of them.
 *
 * JupyterLab's and Notebook 7's document, over the widget manager. Nobody promises that way: where a member of it that is
 * needed is missing, the notebook cannot be reached, and the kernel hears so in the hello.
 *
 * The twin of `codex_jupyter/notebook/document/`.
 */

/** Characters of a source and of a text of an output; characters of all images of a reply. */
const SOURCE = 200_000;
const TEXT = 20_000;
const IMAGES = 8_000_000;
/** Outputs of a cell. */
const OUTPUTS = 60;

/** @typedef {Record<string, any>} Output */
/**
 * @typedef {object} Cell
 * @property {string} type
 * @property {string} id
 * @property {number | null} [executionCount]
 * @property {{ getSource: () => string }} sharedModel
 * @property {{ length: number, get: (at: number) => { toJSON: () => Output } }} [outputs]
 */
/** @typedef {{ path: string, model: { cells: { length: number, get: (at: number) => Cell } } }} Document */

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
    if (!ids || ids.has(cell.id)) told.push(tell(cell, at, room));
  }
  return { path: document.path, total: cells.length, ...place(el), cells: told };
}

/** @param {Cell} cell @param {number} index @param {{ images: number }} room */
function tell(cell, index, room) {
  const source = cell.sharedModel.getSource();
  const outputs = [];
  for (let at = 0; at < Math.min(cell.outputs?.length ?? 0, OUTPUTS); at++)
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
      .map((cell) => Number(cell.getAttribute("data-windowed-list-index") ?? Number.NaN))
      .filter(Number.isInteger);
  return { active: numbers("jp-mod-active")[0] ?? -1, selected: numbers("jp-mod-selected") };
}
