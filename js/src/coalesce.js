/**
 * Drops from a list of ops what a later op of the same list makes moot, and joins what can be joined.
 *
 * Pure. Many batches may fall into one frame (a burst, a tab that was hidden); the page then does the work of the last
 * state, not of every one before it. The result is the same page.
 */

/** @typedef {import("./wire.js").Op} Op */

/**
 * @param {readonly Op[]} ops
 * @returns {Op[]}
 * @example coalesce([{op: "text", key: "a", text: "1"}, {op: "text", key: "a", text: "2"}])  // one op, "12"
 */
export function coalesce(ops) {
  /** @type {(Op | null)[]} */
  const kept = [];
  /** Where the ops are that only change the content of a block. @type {Map<string, number[]>} */
  const content = new Map();
  /** @type {Map<"header" | "footer" | "state", number>} */
  const single = new Map();

  for (const op of ops) {
    switch (op.op) {
      case "insert":
        content.delete(op.key);
        break;
      case "replace":
      case "remove":
        for (const at of content.get(op.key) ?? []) kept[at] = null;
        content.delete(op.key);
        if (op.op === "replace") content.set(op.key, [kept.length]);
        break;
      case "settle":
        append(content, op.key, kept.length);
        break;
      case "text": {
        const at = content.get(op.key)?.at(-1);
        const last = at === undefined ? null : kept[at];
        if (at !== undefined && last?.op === "text") {
          kept[at] = { ...last, text: last.text + op.text };
          continue;
        }
        append(content, op.key, kept.length);
        break;
      }
      case "header":
      case "footer":
      case "state": {
        const at = single.get(op.op);
        const last = at === undefined ? null : kept[at];
        if (at !== undefined) kept[at] = null;
        single.set(op.op, kept.length);
        if (op.op === "state" && last?.op === "state") {
          kept.push({ ...op, announce: sentences(last.announce, op.announce) });
          continue;
        }
        break;
      }
      default:
        break;
    }
    kept.push(op);
  }
  return kept.filter((op) => op !== null);
}

/**
 * @param {Map<string, number[]>} content
 * @param {string} key
 * @param {number} at
 */
function append(content, key, at) {
  const indices = content.get(key);
  if (indices) indices.push(at);
  else content.set(key, [at]);
}

/**
 * @param {string | undefined} before
 * @param {string | undefined} after
 */
function sentences(before, after) {
  return [before, after].filter(Boolean).join(" ");
}
