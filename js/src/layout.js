/** The fixed elements of a view: where header, blocks and footer go, and the lines that the page itself speaks. */

/** @typedef {import("./live_feed.js").LineStatus} LineStatus */

/**
 * @param {HTMLElement} el the widget's own element
 */
export function layOut(el) {
  // The class keeps MathJax away: `costs $5 and then $10` is no formula.
  const root = make("div", "cj cj-panel mathjax_ignore");
  root.tabIndex = -1;
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Codex turn");
  const header = make("div", "cj-slot");
  const blocks = make("div", "cj-blocks");
  const footer = make("div", "cj-slot");
  const status = make("div", "cj-line-status");
  const notice = make("div", "cj-line-status");
  status.hidden = true;
  notice.hidden = true;
  root.append(header, blocks, footer, status, notice);
  el.append(root);
  return {
    root,
    header,
    blocks,
    footer,
    /** How the line to the kernel is, or "". @param {string} text */
    status: (text) => speak(status, text),
    /** A word about something that is not on the page any more, or "". @param {string} text */
    notice: (text) => speak(notice, text),
  };
}

/**
 * @param {LineStatus} status
 * @param {number} heardAt when the kernel was heard last; milliseconds since 1970
 * @returns {string} what to tell the reader, "" when all is well
 */
export function statusText(status, heardAt) {
  switch (status) {
    case "connecting":
    case "connected":
      return "";
    case "unheard":
      return "Not connected to the kernel (yet): it is busy, or it is gone. Still trying.";
    case "deaf":
      return "Buttons here reach the kernel when its cell has ended. To stop now, interrupt the kernel (■).";
    case "gone":
      return "The kernel was restarted or has ended, so this is over. Above is how far it came.";
    case "silent":
      return (
        `Nothing heard from the kernel since ${timeOf(heardAt)}: the connection is lost, or the kernel is busy or has ended. ` +
        "Above is how things stood then; it goes on here once the kernel is heard again."
      );
  }
}

/** `14:02:11`, on the reader's clock. @param {number} ms */
function timeOf(ms) {
  return new Date(ms).toTimeString().slice(0, 8);
}

/**
 * @param {HTMLElement} line
 * @param {string} text
 */
function speak(line, text) {
  if (line.textContent !== text) line.textContent = text;
  line.hidden = text === "";
}

/**
 * @param {string} tag
 * @param {string} className
 */
function make(tag, className) {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}
