/**
 * Puts `● Codex asks – ` in front of the document's title while any panel of the page waits for an answer.
 *
 * Every panel brings its own copy of this module, so the count lives on the window, under a name of ours. The front end
 * changes the title too (another file, another tab): the mark is put back, and taken off what is there in the end.
 */

export const MARK = "● Codex asks – ";

const REGISTRY = Symbol.for("codex-jupyter/title/1");

/** @typedef {{ set: (view: string, waits: boolean) => void }} TitleRegistry */

/**
 * @param {string} view
 * @param {boolean} waits
 */
export function markTitle(view, waits) {
  const holder = /** @type {Record<symbol, TitleRegistry | undefined>} */ (
    /** @type {unknown} */ (window)
  );
  let registry = holder[REGISTRY];
  if (!registry) {
    registry = createRegistry();
    holder[REGISTRY] = registry;
  }
  registry.set(view, waits);
}

/** @returns {TitleRegistry} */
function createRegistry() {
  /** @type {Set<string>} */
  const waiting = new Set();
  const observer = new MutationObserver(mark);

  function mark() {
    if (!document.title.startsWith(MARK)) document.title = MARK + document.title;
  }
  return {
    set(view, waits) {
      const before = waiting.size;
      if (waits) waiting.add(view);
      else waiting.delete(view);
      if (before === 0 && waiting.size > 0) {
        mark();
        observer.observe(document.head, { childList: true, characterData: true, subtree: true });
      } else if (before > 0 && waiting.size === 0) {
        observer.disconnect();
        if (document.title.startsWith(MARK)) document.title = document.title.slice(MARK.length);
      }
    },
  };
}
