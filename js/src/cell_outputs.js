/**
 * A cell of the open notebook while Codex runs it: its outputs, number and state are put there as they come.
 *
 * The twin of `codex_jupyter/notebook/workbench/cell_feed.py`. The parts of a run are counted: a page that has not had the
 * ones before, because it was loaded anew, asks for all of them.
 */

/** @typedef {Record<string, any>} Output */
/** @typedef {{ op: string, output?: Output, display?: string, wait?: boolean, data?: object, metadata?: object }} Step */
/**
 * @typedef {object} Outputs
 * @property {number} length
 * @property {(at: number) => { toJSON: () => Output }} get
 * @property {(output: Output) => number} add
 * @property {(at: number, output: Output) => void} set
 * @property {(wait?: boolean) => void} clear
 */
/** @typedef {{ outputs?: Outputs, executionCount?: number | null, executionState?: string, trusted?: boolean }} Running */

/** @type {WeakMap<object, { run: string, taken: number, displays: Map<string, number[]> }>} */
const runs = new WeakMap();

/** Whether outputs can be put into a cell. @param {Running} cell */
export function takesOutputs(cell) {
  const { outputs } = cell;
  return (
    !!outputs &&
    ["add", "set", "clear"].every(
      (name) => typeof (/** @type {any} */ (outputs)[name]) === "function",
    )
  );
}

/**
 * Puts a part of a run into its cell.
 *
 * @param {Running} cell
 * @param {Record<string, unknown>} part
 * @returns {object} `again`: all of the run, please
 */
export function put(cell, part) {
  const outputs = /** @type {Outputs} */ (cell.outputs);
  const { run, from } = part;
  const steps = /** @type {Step[]} */ (part.steps);
  let now = runs.get(cell);
  if (from === 0 && now?.run !== run) {
    now = { run: String(run), taken: 0, displays: new Map() };
    runs.set(cell, now);
    // As JupyterLab does for a cell that is run: what comes now was made by this user's kernel.
    outputs.clear();
    cell.trusted = true;
    cell.executionCount = null;
  }
  if (!now || now.run !== run || now.taken !== from) return { again: true };
  for (const step of steps) carryOut(step, outputs, now.displays);
  now.taken += steps.length;
  const ended = typeof part.count === "number";
  if ("executionState" in cell) cell.executionState = ended ? "idle" : "running";
  if (ended) {
    cell.executionCount = Number(part.count) || null;
    runs.delete(cell);
  }
  return {};
}

/** @param {Step} step @param {Outputs} outputs @param {Map<string, number[]>} displays */
function carryOut({ op, output, display, wait, data, metadata }, outputs, displays) {
  if (op === "clear") {
    outputs.clear(!!wait);
    displays.clear();
  } else if (op === "update") {
    for (const at of displays.get(display ?? "") ?? []) {
      if (at < outputs.length) outputs.set(at, { ...outputs.get(at).toJSON(), data, metadata });
    }
  } else if (op === "add" && output) {
    outputs.add(output);
    if (display) displays.set(display, [...(displays.get(display) ?? []), outputs.length - 1]);
  }
}
