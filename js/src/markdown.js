/**
 * An answer as Markdown, read back from the html that `codex_jupyter/render/markdown_html.py` made of it: what is copied
 * is what can be pasted into a Markdown cell, an issue or another prompt.
 */

/** What an element is wrapped in. @type {Record<string, string>} */
const AROUND = { STRONG: "**", B: "**", EM: "*", I: "*", S: "~~", DEL: "~~" };
const LANGUAGE = "cj-lang-";

/**
 * @param {Element} element holds blocks
 * @returns {string} without a final newline
 */
export function markdownOf(element) {
  return [...element.children].map(block).filter(Boolean).join("\n\n");
}

/** @param {Element} element @returns {string} */
function block(element) {
  const { tagName } = element;
  if (element.classList.contains("cj-codetools")) return "";
  if (/^H[1-6]$/.test(tagName)) return `${"#".repeat(Number(tagName[1]))} ${inline(element)}`;
  if (tagName === "PRE") return fence(element);
  if (tagName === "HR") return "---";
  if (tagName === "BLOCKQUOTE") return prefixed(markdownOf(element), "> ", "> ");
  if (tagName === "UL" || tagName === "OL") return list(element);
  if (tagName === "TABLE") return table(element);
  if (tagName === "DIV" && !element.classList.contains("cj-math")) return markdownOf(element);
  return inline(element);
}

/** @param {Node} node @returns {string} */
function inline(node) {
  return [...node.childNodes].map(piece).join("").trim();
}

/** @param {Node} node @returns {string} */
function piece(node) {
  if (!(node instanceof Element)) return node.textContent ?? "";
  if (node.tagName === "BR") return "\\\n";
  if (node.tagName === "CODE") return code(node.textContent ?? "");
  if (node.tagName === "A") return link(node);
  const mark = AROUND[node.tagName] ?? "";
  return `${mark}${[...node.childNodes].map(piece).join("")}${mark}`;
}

/** @param {string} text */
function code(text) {
  const ticks = "`".repeat(longest(text) + 1);
  const pad = text.startsWith("`") || text.endsWith("`") ? " " : "";
  return `${ticks}${pad}${text}${pad}${ticks}`;
}

/** @param {Element} pre */
function fence(pre) {
  const text = (pre.textContent ?? "").replace(/\n$/, "");
  const ticks = "`".repeat(Math.max(3, longest(text) + 1));
  const language = [...pre.classList].find((name) => name.startsWith(LANGUAGE));
  return `${ticks}${language?.slice(LANGUAGE.length) ?? ""}\n${text}\n${ticks}`;
}

/** The longest run of backticks. @param {string} text */
function longest(text) {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}

/** @param {Element} anchor */
function link(anchor) {
  const href = anchor.getAttribute("href") ?? "";
  const text = [...anchor.childNodes].map(piece).join("");
  // The words of a link to a file say which; where it lies from here is of no use elsewhere.
  return text === href || anchor.classList.contains("cj-open") ? text : `[${text}](${href})`;
}

/** @param {Element} element */
function list(element) {
  const first = Number(element.getAttribute("start") ?? 1);
  return [...element.children]
    .map((item, at) => {
      const mark = element.tagName === "OL" ? `${first + at}. ` : "- ";
      return prefixed(entry(item), mark, " ".repeat(mark.length));
    })
    .join("\n");
}

/** What stands in an item: its own line, then its blocks. @param {Element} item */
function entry(item) {
  const blocks = [...item.children].filter((child) =>
    /^(UL|OL|P|PRE|DIV|BLOCKQUOTE|TABLE)$/.test(child.tagName),
  );
  const line = [...item.childNodes]
    .filter((node) => !blocks.includes(/** @type {Element} */ (node)))
    .map(piece)
    .join("")
    .trim()
    .replace(/^☑ /, "[x] ")
    .replace(/^☐ /, "[ ] ");
  const tight = blocks.every((child) => child.tagName === "UL" || child.tagName === "OL");
  return [line, ...blocks.map(block)].filter(Boolean).join(tight ? "\n" : "\n\n");
}

/** @param {Element} element */
function table(element) {
  const rows = [...element.querySelectorAll("tr")].map((row) => [...row.children]);
  const lines = rows.map(
    (row) => `| ${row.map((cell) => inline(cell).replaceAll("|", "\\|")).join(" | ")} |`,
  );
  const rule = (rows[0] ?? []).map((cell) =>
    cell.classList.contains("cj-right")
      ? "---:"
      : cell.classList.contains("cj-center")
        ? ":---:"
        : "---",
  );
  return [lines[0], `| ${rule.join(" | ")} |`, ...lines.slice(1)].join("\n");
}

/** @param {string} text @param {string} first @param {string} others */
function prefixed(text, first, others) {
  return text
    .split("\n")
    .map((line, at) => (at ? (line ? others + line : others.trimEnd()) : first + line))
    .join("\n");
}
