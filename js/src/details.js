/**
 * What the reader opened stays open, what they closed stays closed, whatever the kernel sends anew.
 *
 * A `<details>` that differs from what the kernel's html last said was changed by a person (or by the browser's search,
 * on a person's behalf). That choice is remembered per block and wins from then on, also when the block goes
 * and comes back (that is how a block moves). It is remembered by the title of its line as well: when the turn ends, its rows
 * move into one fold, and then into what stays in the notebook.
 */

/** @typedef {Map<string, boolean>} Choices */

export function rememberDetails() {
  /** @type {Map<string, Choices>} */
  const chosen = new Map();
  /** What the kernel's html said. @type {WeakMap<Element, boolean>} */
  const kernelSaid = new WeakMap();
  /** What the reader chose, by title. @type {Choices} */
  const byTitle = new Map();

  /** @param {HTMLDetailsElement} details @param {Choices} choices @param {string} name */
  function note(details, choices, name) {
    const title = titleOf(details);
    if (kernelSaid.has(details) && details.open !== kernelSaid.get(details)) {
      choices.set(name, details.open);
      byTitle.set(title, details.open);
    } else {
      // A choice that was taken back is as the kernel says.
      if (choices.has(name)) choices.set(name, details.open);
      if (byTitle.has(title)) byTitle.set(title, details.open);
    }
  }

  return {
    /**
     * Put `place` (which may change `block` or swap it) between what the block shows and what the kernel says.
     *
     * @param {string} key
     * @param {Element | null} block what is in the document now
     * @param {ParentNode} fresh what the kernel sent
     * @param {() => Element} place
     * @returns {Element} the block that is in the document now
     */
    around(key, block, fresh, place) {
      const choices = chosen.get(key) ?? new Map();
      for (const [name, details] of named(block)) note(details, choices, name);
      if (choices.size > 0) chosen.set(key, choices);
      const says = named(fresh).map(([, details]) => details.open);
      const placed = place();
      named(placed).forEach(([name, details], at) => {
        const open = says[at] ?? details.open;
        kernelSaid.set(details, open);
        details.open = choices.get(name) ?? open;
      });
      if (!block) applyChoices(byTitle, placed);
      return placed;
    },

    /**
     * What the reader chose so far, by title.
     *
     * @param {Iterable<[string, Element]>} blocks what is shown, by key
     */
    choices(blocks) {
      for (const [key, block] of blocks) {
        const choices = chosen.get(key) ?? new Map();
        for (const [name, details] of named(block)) note(details, choices, name);
        if (choices.size > 0) chosen.set(key, choices);
      }
      return byTitle;
    },
  };
}

/**
 * Opens and closes what the reader had opened and closed elsewhere, and opens what it is in.
 *
 * @param {Choices} choices by title
 * @param {Element} root
 */
export function applyChoices(choices, root) {
  if (choices.size === 0) return;
  for (const [, details] of named(root)) {
    const open = choices.get(titleOf(details));
    if (open === undefined) continue;
    details.open = open;
    let above = open ? details.parentElement?.closest("details") : null;
    for (; above && root.contains(above); above = above.parentElement?.closest("details"))
      above.open = true;
  }
}

/** The title in the line of a fold, without its sign and what changes beside it. @param {HTMLDetailsElement} details */
function titleOf(details) {
  const line = details.querySelector(":scope > summary");
  return (line?.querySelector(".cj-title") ?? line)?.textContent?.trim() ?? "";
}

/**
 * @param {ParentNode | null} root
 * @returns {[string, HTMLDetailsElement][]}
 */
function named(root) {
  if (!root) return [];
  const all = [...root.querySelectorAll("details")];
  if (root instanceof HTMLDetailsElement) all.unshift(root);
  return all.map((details, at) => [details.getAttribute("data-cj-fold") ?? `#${at}`, details]);
}
