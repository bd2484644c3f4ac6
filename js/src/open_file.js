/**
 * Opens the files that a transcript names in Jupyter's own editor.
 *
 * The kernel decides which are offered (codex_jupyter/core/file_links.py): a link of the class `cj-open` whose address is
 * relative to the notebook's folder. Only a person's press opens one. Where Jupyter cannot be asked to, it is text.
 *
 * `model.widget_manager` is no public interface; its `rendermime` is one. What is missing means that nothing can be opened.
 */

const LINK = "a.cj-open";

/**
 * @param {HTMLElement} root
 * @param {import("./wire.js").Model} model
 * @param {(link: Element, message: string) => void} note shows a line next to a link
 */
export function openFiles(root, model, note) {
  const { context, rendermime } = model.widget_manager ?? {};
  const handler = rendermime?.linkHandler;
  const notebook = handler && (context?.localPath ?? context?.path);

  /** @param {MouseEvent} event */
  async function onClick(event) {
    const link = event.target instanceof Element ? event.target.closest(LINK) : null;
    if (!link) return;
    event.preventDefault();
    const file = fileOf(link, notebook);
    if (!file || !event.isTrusted) return;
    if (await isThere(file.path, rendermime.resolver)) open(file, handler);
    else note(link, `There is no file ${file.path} here.`);
  }
  root.addEventListener("click", onClick);

  return {
    /** After every change of the page. */
    refresh() {
      for (const link of root.querySelectorAll(`${LINK}[href]`)) {
        if (!fileOf(link, notebook)) link.removeAttribute("href");
      }
    },
    stop: () => root.removeEventListener("click", onClick),
  };
}

/** @typedef {{ path: string, hash: string }} File the path below the server's folder, and the line */

/**
 * @param {Element} link
 * @param {unknown} notebook the path of the notebook below the server's folder
 * @returns {File | null} null for what lies outside of it
 */
function fileOf(link, notebook) {
  const [address = "", line] = (link.getAttribute("href") ?? "").split("#");
  if (typeof notebook !== "string" || !address || /^[/\\]|[:\\?]/.test(address)) return null;
  const parts = notebook.split("/").slice(0, -1);
  for (const part of address.split("/").map(decodeURIComponent)) {
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return { path: parts.join("/"), hash: line ? `#${line}` : "" };
}

/** @param {string} path @param {any} resolver */
async function isThere(path, resolver) {
  try {
    const url = await resolver.getDownloadUrl(path);
    return (await fetch(url, { method: "HEAD" })).status !== 404;
  } catch {
    return true; // Jupyter will say
  }
}

/** Presses a link that Jupyter made its own. @param {File} file @param {any} handler */
function open({ path, hash }, handler) {
  const link = document.createElement("a");
  link.hidden = true;
  document.body.append(link);
  handler.handleLink(link, path, hash);
  link.click();
  link.remove();
}
