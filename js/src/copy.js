/**
 * Copies text. The clipboard API exists on secure origins only, and a hub may be served over plain http; then the old
 * way is taken: select and copy, with the reader's focus and selection put back.
 */

/**
 * @param {string} text
 * @returns {Promise<boolean>}
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** @param {string} text */
function copyBySelection(text) {
  const focused = document.activeElement;
  const selection = document.getSelection();
  const ranges = [];
  for (let at = 0; selection && at < selection.rangeCount; at++)
    ranges.push(selection.getRangeAt(at));

  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  field.style.cssText = "position:fixed;inset:0 auto auto 0;opacity:0";
  document.body.append(field);
  field.select();
  let copied = false;
  try {
    copied = document.execCommand("copy");
  } catch {
    // Forbidden: the caller tells the reader.
  }
  field.remove();

  selection?.removeAllRanges();
  for (const range of ranges) selection?.addRange(range);
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  return copied;
}

/**
 * What a copy button copies: the text of its `<template>`, or of its attribute.
 *
 * @param {Element} button
 */
export function textToCopy(button) {
  const template = button.querySelector("template");
  return template
    ? (template.content.textContent ?? "")
    : (button.getAttribute("data-cj-copy") ?? "");
}
