/** Identifiers that nobody can guess. `crypto.randomUUID` is missing where a hub is served over plain http. */

/** @returns {string} 32 hexadecimal digits */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
