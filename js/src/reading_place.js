/**
 * The reader's place: what a turn does above what is read does not move it.
 *
 * A browser keeps the place by itself in some pages; in those of notebooks, whose outputs are replaced whole, it does not. So
 * each cell with a panel is watched, also when what stays has replaced that. Where it grew or shrank, the notebook is scrolled
 * before anything is painted, so that the first line that was in sight is where it was; one that was replaced is known again by
 * its text. What changes below that line, changes in sight.
 */

const CELL = ".jp-Cell";
const LINE = "p, li, pre, summary, tr, h1, h2, h3, h4, h5, h6, legend, .cj-row, .cj-cardtitle";
/** Characters by which a line is known again. */
const KNOWN_BY = 200;
/** One module serves the page, however many panels bring it. */
const SERVED = Symbol.for("codex_jupyter.reading_place");

/** What a person does may scroll, at once or soon: for so long nothing is scrolled back. */
const ACTING_MS = 500;
const ACTS = ["wheel", "touchmove", "keydown", "pointerdown"];

/** @typedef {{ element: Element, cell: Element, text: string, below: number }} Line what is read, and how far below the edge */
/** @typedef {(element: Element) => void} Follow */

/**
 * Watches the cell in which a view is.
 *
 * @param {Element} el the view's element, in the page
 */
export function keepPlace(el) {
  const cell = el.closest(CELL);
  if (!cell) return;
  const page = /** @type {Record<symbol, Follow>} */ (/** @type {unknown} */ (globalThis));
  page[SERVED] ??= watch();
  page[SERVED](cell);
}

/** @returns {Follow} */
function watch() {
  /** How high each cell was painted last. @type {WeakMap<Element, number>} */
  const heights = new WeakMap();
  /** What was read last in what scrolls. @type {WeakMap<Element, Line>} */
  const lines = new WeakMap();
  /** @type {Set<Element>} */
  const cells = new Set();
  let acted = Number.NEGATIVE_INFINITY;

  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const height = target.getBoundingClientRect().height;
      // A cell that was out of the page, where a notebook draws only what is seen, comes and goes as a whole.
      const known = heights.get(target) && height;
      heights.set(target, height);
      const scroller = scrollerOf(target);
      if (known && scroller && performance.now() - acted > ACTING_MS) restore(scroller);
      else if (scroller) note(scroller);
    }
  });

  /** @param {Element} scroller */
  function restore(scroller) {
    const line = lines.get(scroller);
    const element = line && found(line);
    if (!line || !element) return; // what was read is being replaced: the next change brings it again
    const by = element.getBoundingClientRect().top - edgeOf(scroller) - line.below;
    if (Math.abs(by) >= 1) scroller.scrollTop += by;
    line.element = element;
  }

  /** @param {Element} scroller */
  function note(scroller) {
    const line = scroller.scrollTop > 0 ? lineAt(scroller) : null;
    if (line) lines.set(scroller, line);
    else lines.delete(scroller);
  }

  for (const act of ACTS) {
    const heard = () => {
      acted = performance.now();
    };
    document.addEventListener(act, heard, { capture: true, passive: true });
  }
  document.addEventListener(
    "scroll",
    ({ target }) => {
      if (!(target instanceof Element) || !target.querySelector(CELL)) return;
      for (const cell of cells) if (!cell.isConnected) cells.delete(cell);
      if ([...cells].some(isResized)) return; // the observer sees to that first
      const line = lines.get(target);
      // The page scrolls by itself where it became too short: what was read is as before.
      const gone = line && !found(line);
      if (!gone || performance.now() - acted <= ACTING_MS) note(target);
    },
    { capture: true, passive: true },
  );

  /** @param {Element} cell */
  function isResized(cell) {
    const { height } = cell.getBoundingClientRect();
    return Math.abs((heights.get(cell) ?? height) - height) >= 0.5;
  }

  return (cell) => {
    cells.add(cell);
    const scroller = scrollerOf(cell);
    if (scroller && !lines.has(scroller)) note(scroller);
    observer.observe(cell);
  };
}

/**
 * The first line that is seen whole, from the upper edge on, of a transcript or of anything else.
 *
 * @param {Element} scroller
 * @returns {Line | null}
 */
function lineAt(scroller) {
  const edge = edgeOf(scroller);
  for (const cell of scroller.querySelectorAll(CELL)) {
    const box = cell.getBoundingClientRect();
    if (box.height === 0 || box.bottom <= edge + 1) continue;
    for (const element of [...cell.querySelectorAll(LINE), cell]) {
      const { height, top, bottom } = element.getBoundingClientRect();
      if (height === 0 || (bottom <= edge + 1 && element !== cell)) continue;
      return { element, cell, text: textOf(element), below: top - edge };
    }
  }
  return null;
}

/** The element that shows a line now, if one does. @param {Line} line */
function found({ element, cell, text }) {
  const seen = (/** @type {Element} */ one) =>
    cell.contains(one) && one.isConnected && one.getClientRects().length > 0;
  if (seen(element)) return element;
  if (!text) return null;
  const alike = [...cell.querySelectorAll(element.tagName)];
  return alike.find((one) => seen(one) && textOf(one) === text) ?? null;
}

/** @param {Element} element */
function textOf(element) {
  return (element.textContent ?? "").slice(0, KNOWN_BY).trim();
}

/** @param {Element} scroller */
function edgeOf(scroller) {
  return scroller.getBoundingClientRect().top;
}

/**
 * What scrolls the notebook that an element is in.
 *
 * @param {Element} element
 */
function scrollerOf(element) {
  for (let at = element.parentElement; at; at = at.parentElement) {
    const scrolls = at.scrollHeight > at.clientHeight + 1 && at.clientHeight > 0;
    if (scrolls && /auto|scroll/.test(getComputedStyle(at).overflowY)) return at;
  }
  return null;
}
