/**
 * Where a panel stands whose output is saved html and no widget view: over that html, in the page alone.
 *
 * A notebook keeps what an output is made of. A widget view in it reads "model not found" once its kernel is gone; so the
 * kernel soon puts a copy of the transcript there, in an element with the class `cj-place-ID`, and the live view takes
 * the copy's place in the page. Only where the elements of an output are known (JupyterLab, Notebook 7) is that
 * possible; a hello says so. The copy that stands in the page is emptied, so that nothing is found or read twice.
 */

/** What holds one output of a cell, and what a renderer of it draws in. */
const CHILD = ".jp-OutputArea-child";
const OUTPUT = ".jp-OutputArea-output";
/** An element that is out of the page for so long does not come back: its cell was deleted. */
const GONE_MS = 2000;

/**
 * @typedef {object} Placed
 * @property {HTMLElement} host where the view is
 * @property {HTMLElement} output the renderer's element with the saved copy
 * @property {boolean} shown the view has drawn something and stands in for the copy
 * @property {() => void} close ends the view
 * @property {Node[]} copy what was taken out of the page, to be put back
 * @property {ReturnType<typeof setTimeout> | undefined} gone
 */

/**
 * Whether a view in this element could stand over saved html in its place.
 *
 * @param {HTMLElement} el
 */
export function canTakePlace(el) {
  return el.closest(CHILD) !== null && el.closest(OUTPUT) !== null;
}

/**
 * Opens a view over every copy of the transcript that the page shows, and ends it when the copy is gone.
 *
 * @param {string} id the kernel's name for the place
 * @param {(el: HTMLElement, onShown: () => void) => () => void} open opens a view; calls back once it has drawn something
 * @returns {() => void} ends all views
 */
export function watchPlaces(id, open) {
  if (!id) return () => {};
  const name = `cj-place-${id}`;
  /** @type {Map<HTMLElement, Placed>} */
  const placed = new Map();

  /** @param {Iterable<MutationRecord>} changes */
  function look(changes) {
    for (const [child, place] of placed) check(child, place);
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
    if (!(output instanceof HTMLElement) || !child?.matches(CHILD)) return;
    if (!placed.has(child) && child.dataset.cjPlace !== id) take(child, output);
  }

  /** @param {HTMLElement} child @param {HTMLElement} output */
  function take(child, output) {
    const host = document.createElement("div");
    host.className = "jp-OutputArea-output cj-place";
    host.style.display = "none";
    // A second model of the same panel (a console on this kernel) leaves it alone.
    child.dataset.cjPlace = id;
    child.insertBefore(host, output);
    /** @type {Placed} */
    const place = { host, output, shown: false, close: () => {}, copy: [], gone: undefined };
    placed.set(child, place);
    place.close = open(host, () => {
      if (place.shown || placed.get(child) !== place) return;
      place.shown = true;
      host.style.display = "";
      output.style.display = "none";
      empty(place);
    });
  }

  /** @param {Placed} place */
  function empty(place) {
    place.copy = [...place.output.childNodes];
    place.output.replaceChildren();
  }

  /** @param {HTMLElement} child @param {Placed} place */
  function check(child, place) {
    if (!child.isConnected) {
      if (!child.closest(".jp-OutputArea")) release(child, place);
      else place.gone ??= setTimeout(() => release(child, place), GONE_MS);
      return;
    }
    clearTimeout(place.gone);
    place.gone = undefined;
    const { output } = place;
    const isOurs = output.parentElement === child;
    const isCopy = output.getElementsByClassName(name).length > 0;
    if (!isOurs || (!isCopy && output.firstChild)) release(child, place);
    else if (isCopy && place.shown) empty(place); // it was brought up to date
  }

  /** The output says something else now, or is gone. @param {HTMLElement} child @param {Placed} place */
  function release(child, place) {
    clearTimeout(place.gone);
    placed.delete(child);
    delete child.dataset.cjPlace;
    place.output.style.display = "";
    if (!place.output.firstChild) place.output.append(...place.copy);
    place.close();
    place.host.remove();
  }

  const observer = new MutationObserver(look);
  observer.observe(document, { childList: true, subtree: true });
  lookInside(document.documentElement);
  return () => {
    observer.disconnect();
    for (const [child, place] of placed) release(child, place);
  };
}
