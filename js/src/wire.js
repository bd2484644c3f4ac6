/**
 * The messages between the kernel and the page, as types, and the check of what arrives.
 *
 * The twin of `codex_jupyter/notebook/panel/wire.py`; docs/protocol.md is the contract of both. Types and shape checks only:
 * when a message is sent belongs to live_feed.js and intents.js, what it does to the page to transcript.js.
 */

/**
 * @typedef {{ op: "insert", key: string, before: string | null, html: string }} InsertOp
 * @typedef {{ op: "replace", key: string, html: string }} ReplaceOp
 * @typedef {{ op: "remove", key: string }} RemoveOp
 * @typedef {{ op: "settle", key: string, html: string, tail: string }} SettleOp
 * @typedef {{ op: "text", key: string, text: string }} TextOp
 * @typedef {{ op: "header", html: string }} HeaderOp
 * @typedef {{ op: "footer", html: string }} FooterOp
 * @typedef {{ running: boolean, waiting: number, ended: boolean, announce?: string }} State
 * @typedef {State & { op: "state" }} StateOp
 * @typedef {InsertOp | ReplaceOp | RemoveOp | SettleOp | TextOp | HeaderOp | FooterOp | StateOp} Op
 */

/**
 * @typedef {{ key: string, html: string }} Block
 * @typedef {{ type: "batch", seq: number, ops: Op[] }} Batch
 * @typedef {{ type: "snapshot", seq: number, header: string, blocks: Block[], footer: string, state: State }} Snapshot
 * @typedef {{ type: "welcome", view: string, seq: number, now?: number }} Welcome
 * @typedef {"accepted" | "late" | "refused"} Outcome
 * @typedef {{ type: "ack", id: string, outcome: Outcome, message: string }} Ack
 * @typedef {{ type: "heard", view: string, seq: number }} Heard
 * @typedef {{ type: "copied", number: number }} Copied
 * @typedef {{ type: "copy", number: number, data: object }} CopyMessage
 * @typedef {{ type: "ask", view: string, id: string, question: Record<string, unknown> }} Ask
 * @typedef {Batch | Snapshot | Welcome | Heard | Ack | Copied | CopyMessage | Ask} KernelMessage
 */

/**
 * @typedef {{ [field: string]: string[] }} Values
 * @typedef {{ kind: string, [detail: string]: unknown }} Intent
 * @typedef {{ type: "ready", covers: boolean }} Ready
 * @typedef {{ type: "hello", view: string, key: string, have: number, covers: boolean, reaches: boolean }} Hello
 * @typedef {{ type: "resync", view: string, key: string, have: number }} Resync
 * @typedef {{ type: "beat", view: string, key: string, hidden: boolean }} Beat
 * @typedef {{ type: "bye", view: string, key: string }} Bye
 * @typedef {{ type: "want_copy", view: string, key: string }} WantCopy
 * @typedef {{ type: "intent", id: string, view: string, key: string, intent: Intent }} IntentMessage
 * @typedef {{ type: "replied", id: string, view: string, key: string, reply: object }} Replied
 * @typedef {Ready | Hello | Resync | Beat | Bye | WantCopy | IntentMessage | Replied} PageMessage
 */

/**
 * What of an anywidget model the panel uses.
 *
 * @typedef {object} Model
 * @property {(event: string, callback: (...args: any[]) => void) => void} on
 * @property {(event: string, callback: (...args: any[]) => void) => void} off
 * @property {(content: PageMessage) => unknown} send
 * @property {(trait: string) => unknown} [get]
 * @property {{ get_model: (id: string) => Promise<any>, context?: any, rendermime?: any }} [widget_manager]
 */

/**
 * The message, if it is one that this page knows; null otherwise. A kernel of another version may say more than we
 * understand: that is ignored, and what it changed comes back with the next snapshot.
 *
 * @param {unknown} content
 * @returns {KernelMessage | null}
 */
export function kernelMessage(content) {
  if (typeof content !== "object" || content === null) return null;
  const message = /** @type {Record<string, unknown>} */ (content);
  const isWhole = CHECKS.get(message.type);
  return isWhole?.(message) ? /** @type {KernelMessage} */ (content) : null;
}

/**
 * For the end of a switch over a union: a kind that nobody handles is an error of the type check, not of the reader.
 *
 * @param {never} kind
 * @returns {false}
 */
export function unhandled(kind) {
  void kind;
  return false;
}

/**
 * An op of this protocol, whole. One that is not fits nothing that is shown: the page then asks for everything.
 *
 * @param {unknown} content
 * @returns {content is Op}
 */
export function isOp(content) {
  if (typeof content !== "object" || content === null) return false;
  const op = /** @type {Record<string, unknown>} */ (content);
  return OPS.get(op.op)?.(op) ?? false;
}

/** @param {Record<string, unknown>} made @param {string[]} names */
function texts(made, ...names) {
  return names.every((name) => typeof made[name] === "string");
}

/** @param {Record<string, unknown>} state */
function isState({ running, waiting, ended, announce }) {
  const whole = typeof running === "boolean" && typeof ended === "boolean";
  return whole && Number.isInteger(waiting) && ["string", "undefined"].includes(typeof announce);
}

/** @param {unknown} block */
function isBlock(block) {
  if (typeof block !== "object" || block === null) return false;
  return texts(/** @type {Record<string, unknown>} */ (block), "key", "html");
}

/** A number of a batch. @param {unknown} seq */
function isSeq(seq) {
  return Number.isSafeInteger(seq) && Number(seq) >= 0;
}

/** What each op is made of. @type {Map<unknown, (op: Record<string, unknown>) => boolean>} */
const OPS = new Map([
  ["insert", (op) => texts(op, "key", "html") && (op.before === null || texts(op, "before"))],
  ["replace", (op) => texts(op, "key", "html")],
  ["remove", (op) => texts(op, "key")],
  ["settle", (op) => texts(op, "key", "html", "tail")],
  ["text", (op) => texts(op, "key", "text")],
  ["header", (op) => texts(op, "html")],
  ["footer", (op) => texts(op, "html")],
  ["state", isState],
]);

/** What each message must at least be made of. @type {Map<unknown, (m: Record<string, unknown>) => boolean>} */
const CHECKS = new Map([
  ["batch", (m) => isSeq(m.seq) && Array.isArray(m.ops)],
  [
    "snapshot",
    (m) =>
      isSeq(m.seq) &&
      Array.isArray(m.blocks) &&
      m.blocks.every(isBlock) &&
      texts(m, "header", "footer") &&
      typeof m.state === "object" &&
      m.state !== null &&
      isState(/** @type {Record<string, unknown>} */ (m.state)),
  ],
  ["welcome", (m) => texts(m, "view") && isSeq(m.seq)],
  ["heard", (m) => texts(m, "view") && isSeq(m.seq)],
  ["copied", (m) => Number.isInteger(m.number)],
  ["copy", (m) => Number.isInteger(m.number) && typeof m.data === "object" && m.data !== null],
  ["ack", (m) => texts(m, "id", "outcome")],
  ["ask", (m) => texts(m, "view", "id") && typeof m.question === "object" && m.question !== null],
]);
