/**
 * Makes an element look like another one, in place.
 *
 * What the person did to the page survives, because the elements survive: focus, selected text, scroll positions,
 * opened details, typed values, ticked boxes. No knowledge of the protocol beyond the names of the attributes.
 */

/** An element that the page itself put there (a confirm question, a note): the kernel's html knows nothing of it. */
export const OWN = "data-cj-own";

/** A control whose look the page has changed for a while (`Stopping…`): left alone until it is let go. */
export const HELD = "data-cj-held";

/**
 * @param {Element} old stays in the document
 * @param {Element} fresh is used up
 * @returns {Element} the element that is in the document now: `old`, unless it is of another kind than `fresh`
 */
export function morph(old, fresh) {
  if (old.tagName !== fresh.tagName || identity(old) !== identity(fresh)) {
    old.replaceWith(fresh);
    return fresh;
  }
  morphElement(old, fresh);
  return old;
}

/**
 * Makes the children of one element like those of another.
 *
 * @param {Element} parent stays
 * @param {Element | DocumentFragment} fresh is used up
 */
export function morphChildren(parent, fresh) {
  const wanted = [...fresh.childNodes];
  const names = new Set(wanted.map(identity));
  /** @type {Map<string, ChildNode>} */
  const named = new Map();
  for (const child of [...parent.childNodes]) {
    const name = identity(child);
    if (name === null || isOwn(child)) continue;
    if (names.has(name) && !named.has(name)) named.set(name, child);
    else drop(child);
  }

  /** @type {ChildNode | null} */
  let at = next(parent.firstChild);
  for (const node of wanted) {
    const name = identity(node);
    const match = name === null ? lookAhead(at, node) : alike(named.get(name), node);
    if (!match) {
      parent.insertBefore(node, at);
      continue;
    }
    if (name !== null) named.delete(name);
    while (name === null && at && at !== match) at = removed(at);
    if (match === at) at = next(at.nextSibling);
    else parent.insertBefore(match, at);
    morphNode(match, node);
  }
  while (at) at = removed(at);
}

/**
 * @param {ChildNode} old
 * @param {ChildNode} fresh
 */
function morphNode(old, fresh) {
  if (old instanceof Element && fresh instanceof Element) morphElement(old, fresh);
  else if (old instanceof CharacterData && fresh instanceof CharacterData) {
    morphText(old, fresh.data);
  }
}

/**
 * @param {Element} old
 * @param {Element} fresh
 */
function morphElement(old, fresh) {
  if (old.hasAttribute(HELD) || old.isEqualNode(fresh)) return;
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !isPersonal(old, name)) old.removeAttribute(name);
  }
  for (const { name, value } of [...fresh.attributes]) {
    if (old.getAttribute(name) !== value && !isPersonal(old, name)) old.setAttribute(name, value);
  }
  if (old instanceof HTMLTemplateElement && fresh instanceof HTMLTemplateElement) {
    old.content.replaceChildren(...fresh.content.childNodes);
  } else if (!(old instanceof HTMLTextAreaElement)) {
    morphChildren(old, fresh);
  }
}

/**
 * A text that only grew is grown, so that what is selected in it stays selected.
 *
 * @param {CharacterData} old
 * @param {string} text
 */
function morphText(old, text) {
  if (old.data === text) return;
  if (text.startsWith(old.data)) old.appendData(text.slice(old.data.length));
  else old.data = text;
}

/**
 * State that belongs to the reader: what is open, what is shown. details.js decides about these.
 *
 * @param {Element} element
 * @param {string} name
 */
function isPersonal(element, name) {
  if (name === "open") return element.tagName === "DETAILS";
  if (name === "hidden") return element.hasAttribute("data-cj-panel");
  if (name === "aria-expanded") return element.hasAttribute("data-cj-toggle");
  if (name === "tabindex") return element.tagName === "FORM"; // where the focus rests
  return name === "data-lm-suppress-shortcuts";
}

/**
 * What tells an element among its siblings, or null.
 *
 * @param {Node} node
 */
function identity(node) {
  if (!(node instanceof Element)) return null;
  for (const name of ["data-cj-key", "id", "data-cj-request", "data-cj-choice", "data-cj-intent"]) {
    const value = node.getAttribute(name);
    if (value !== null) return `${name}=${value}`;
  }
  if (node instanceof HTMLInputElement && node.name)
    return `${node.type} ${node.name}=${node.getAttribute("value")}`;
  return null;
}

/**
 * @param {ChildNode | undefined} old
 * @param {ChildNode} fresh
 */
function alike(old, fresh) {
  return old && old.nodeName === fresh.nodeName ? old : null;
}

/**
 * The next child without a name that is of the same kind as `fresh`, if it is near.
 *
 * @param {ChildNode | null} at
 * @param {ChildNode} fresh
 */
function lookAhead(at, fresh) {
  for (let steps = 0; at && steps < 4; steps++, at = next(at.nextSibling)) {
    if (identity(at) !== null) return null;
    if (at.nodeName === fresh.nodeName) return at;
  }
  return null;
}

/** @param {Node} node */
function isOwn(node) {
  return node instanceof Element && node.hasAttribute(OWN);
}

/**
 * @param {ChildNode | null} node
 * @returns {ChildNode | null}
 */
function next(node) {
  while (node && isOwn(node)) node = node.nextSibling;
  return node;
}

/** @param {ChildNode} node */
function removed(node) {
  const after = next(node.nextSibling);
  drop(node);
  return after;
}

/**
 * Removes a node, and what the page itself had put behind it.
 *
 * @param {ChildNode} node
 */
function drop(node) {
  while (node.nextSibling && isOwn(node.nextSibling)) node.nextSibling.remove();
  node.remove();
}
