/**
 * The notebook that is open in the page: brings a copy of the transcript in it up to date where the kernel's own updates
 * do not reach it.
 *
 * A front end finds the output that the kernel replaces in the page that ran the cell. A page that was loaded anew, or a
 * second one, has that output from the file, so its notebook would keep the copy of then and save it. The kernel numbers
 * the copies and says which it published last; where the notebook has an older one, the newest is asked for and put there.
 *
 * JupyterLab's and Notebook 7's notebook, over the widget manager. Nobody promises that way: what is missing on it means
 * that there is no such copy.
 */

/** After the kernel published a copy, so long until its own update has surely been applied. */
const SETTLE_MS = 300;

/** @typedef {{ number: number, write: (data: object) => void }} Copy */

/**
 * @param {import("./wire.js").Model} model
 * @param {string} id the panel's
 * @param {() => void} ask asks the kernel for the newest copy
 */
export function keepNotebook(model, id, ask) {
  let newest = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const look = () => {
    if (copiesIn(model, id).some((copy) => copy.number < newest)) ask();
  };
  return {
    /** The kernel published the copy with this number. @param {number} number */
    published(number) {
      newest = Math.max(newest, number);
      clearTimeout(timer);
      timer = setTimeout(look, SETTLE_MS);
    },

    /** The copy that was asked for; the notebook may have got a newer one since. @param {import("./wire.js").CopyMessage} copy */
    received({ number, data }) {
      for (const copy of copiesIn(model, id)) if (copy.number < number) copy.write(data);
    },

    stop: () => clearTimeout(timer),
  };
}

/**
 * The copies of a panel's transcript among the outputs of the notebook.
 *
 * @param {import("./wire.js").Model} model
 * @param {string} id
 * @returns {Copy[]}
 */
function copiesIn(model, id) {
  const cells = model.widget_manager?.context?.model?.cells;
  /** @type {Copy[]} */
  const copies = [];
  for (let cell = 0; cell < (cells?.length ?? 0); cell++) {
    const outputs = cells.get?.(cell)?.outputs;
    for (let at = 0; at < (outputs?.length ?? 0); at++) {
      const output = outputs.get?.(at);
      const number = numberOf(output?.data?.["text/html"], id);
      if (number === null || typeof outputs.set !== "function") continue;
      const type = output.type ?? "display_data";
      copies.push({
        number,
        write: (data) => outputs.set(at, { output_type: type, data, metadata: {} }),
      });
    }
  }
  return copies;
}

/**
 * The number of a copy of this panel; null for anything else, also for what only quotes one.
 *
 * @param {unknown} html
 * @param {string} id
 */
function numberOf(html, id) {
  const begin = `<div class="cj-copy-of-${id} cj-copy-`;
  if (!id || typeof html !== "string" || !html.startsWith(begin)) return null;
  const number = Number.parseInt(html.slice(begin.length), 10);
  return Number.isNaN(number) ? null : number;
}
