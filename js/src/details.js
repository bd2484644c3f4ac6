/**
 * What the reader opened stays open, what they closed stays closed, whatever the kernel sends anew.
 *
 * A `<details>` that differs from what the kernel's html last said was changed by a person (or by the browser's search,
 * on a person's behalf). That choice is remembered per block and wins from then on, also when the block goes
 * and comes back (that is how a block moves).
 */

/** @typedef {Map<string, boolean>} Choices */

export function rememberDetails() {
  /** @type {Map<string, Choices>} */
  const chosen = new Map();
  /** What the kernel's html said. @type {WeakMap<Element, boolean>} */
  const kernelSaid = new WeakMap();

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
      for (const [name, details] of named(block)) {
        if (kernelSaid.has(details) && details.open !== kernelSaid.get(details))
          choices.set(name, details.open);
      }
      if (choices.size > 0) chosen.set(key, choices);
      const says = named(fresh).map(([, details]) => details.open);
      const placed = place();
      named(placed).forEach(([name, details], at) => {
        const open = says[at] ?? details.open;
        kernelSaid.set(details, open);
        details.open = choices.get(name) ?? open;
      });
      return placed;
    },
  };
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
