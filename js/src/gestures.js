/**
 * Whether a press was meant for what it hits.
 *
 * What asks for a decision appears by itself, and what stands around it moves. A click or a key that a person had begun
 * for something else is not an answer. So a press counts only where it began and ended on the same button, and that was
 * there to be seen, and was reached:
 *
 * - by a pointer that came to it, or that presses a second time: not where the button came under a pointer that lay still;
 * - by the keyboard, when the button has had the focus since before the key went down, and got it from a key or a pointer
 *   of the person, not because something else went away.
 */

/** What is on the page for less is not yet seen. */
export const FRESH_MS = 350;

/** A button that answers. */
export const ANSWER = "button[data-cj-choice], button.cj-sure";

/**
 * @param {HTMLElement} root
 */
export function watchGestures(root) {
  /** When a button was first on the page. @type {WeakMap<Element, number>} */
  const since = new WeakMap();
  /** Where the pointer has come to by moving, or what it pressed. @type {Element | null} */
  let reached = null;
  let at = { x: Number.NaN, y: Number.NaN };
  /** What the pointer went down on, if that counts. @type {Element | null} */
  let pressed = null;
  /** The button that has the focus by a person's doing. @type {Element | null} */
  let focused = null;
  /** The button on which Enter or the space bar went down. @type {Element | null} */
  let keyed = null;
  /** A key or a pointer of the person is being handled: the focus that moves now is moved by it. */
  let acting = false;

  /** @param {EventTarget | null} target */
  const buttonOf = (target) =>
    target instanceof Element && root.contains(target) ? target.closest(ANSWER) : null;

  /** @param {Element} button */
  const isFresh = (button) =>
    performance.now() - (since.get(button) ?? performance.now()) < FRESH_MS;

  /** @param {PointerEvent} event */
  function onMove(event) {
    if (!event.isTrusted) return;
    // A browser makes a move up where the page moved under a pointer that lies still.
    if (event.clientX === at.x && event.clientY === at.y) return;
    at = { x: event.clientX, y: event.clientY };
    reached = buttonOf(event.target);
  }

  /** @param {PointerEvent} event */
  function onDown(event) {
    if (!event.isTrusted) return;
    acting = true;
    const button = buttonOf(event.target);
    const came = event.pointerType !== "mouse" || reached === button;
    pressed = button && came && !isFresh(button) ? button : null;
    at = { x: event.clientX, y: event.clientY };
    reached = button;
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (!event.isTrusted) return;
    acting = true;
    keyed = null;
    pressed = null;
    if (event.key !== "Enter" && event.key !== " ") return;
    const button = buttonOf(event.target);
    if (!button) return;
    if (isPlain(event) && button === focused && !isFresh(button)) keyed = button;
    else event.preventDefault(); // else the browser clicks
  }

  /** @param {KeyboardEvent} event */
  function onKeyUp(event) {
    acting = false;
    const button = buttonOf(event.target);
    if (event.key === " " && button && keyed !== button) event.preventDefault();
  }

  /** @param {FocusEvent} event */
  function onFocus(event) {
    focused = acting ? buttonOf(event.target) : null;
  }

  /** Scrolling brings a button to the pointer as well. */
  const onWheel = () => {
    at = { x: Number.NaN, y: Number.NaN };
  };
  const onBlur = () => {
    focused = null;
    keyed = null;
  };
  const onEnd = () => {
    acting = false;
  };

  const bound = /** @type {const} */ ([
    ["pointermove", onMove],
    ["pointerdown", onDown],
    ["wheel", onWheel],
    ["pointerup", onEnd],
    ["pointercancel", onEnd],
    ["keydown", onKey],
    ["keyup", onKeyUp],
    ["focusin", onFocus],
    ["focusout", onBlur],
  ]);
  for (const [name, listener] of bound) {
    document.addEventListener(name, /** @type {EventListener} */ (listener), true);
  }

  return {
    /** After every change of the page: know since when each button is there. */
    refresh() {
      const now = performance.now();
      for (const button of root.querySelectorAll(ANSWER)) {
        if (!since.has(button)) since.set(button, now);
      }
    },

    /**
     * Whether a click on a button, or a letter while it or its neighbour has the focus, was meant.
     *
     * @param {Element} button
     * @param {Event} event
     */
    isMeant(button, event) {
      if (!event.isTrusted) return false;
      if (event instanceof KeyboardEvent) {
        const on = buttonOf(event.target);
        return isPlain(event) && on !== null && on === focused && !isFresh(on) && !isFresh(button);
      }
      const byPointer = event instanceof MouseEvent && event.detail > 0;
      if (byPointer) return pressed === button;
      // Without a key it is an aid that presses what it has in focus: a screen reader, a voice.
      return !isFresh(button) && (keyed === button || document.activeElement === button);
    },

    stop() {
      for (const [name, listener] of bound) {
        document.removeEventListener(name, /** @type {EventListener} */ (listener), true);
      }
    },
  };
}

/**
 * A key by itself, once: no modifier, not held down, not part of a word that is being composed.
 *
 * @param {KeyboardEvent} event
 */
function isPlain(event) {
  const modified = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
  const composing = event.isComposing || event.keyCode === 229;
  return !modified && !composing && !event.repeat && !event.getModifierState("AltGraph");
}
