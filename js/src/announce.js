/**
 * Says sentences to a screen reader, politely. Only what somebody chose to announce: never the stream of tokens.
 *
 * The region stands outside of everything that is replaced, because a region that is itself new is not read.
 */

/**
 * @param {Element} root
 * @returns {(sentence: string | undefined) => void}
 */
export function announceIn(root) {
  const region = document.createElement("div");
  region.className = "cj-announcer";
  region.setAttribute("role", "status");
  region.setAttribute("aria-live", "polite");
  root.append(region);
  return (sentence) => {
    if (!sentence) return;
    // The same words twice are two messages; a region whose text does not change is silent.
    region.textContent = region.textContent === sentence ? `${sentence}\u00a0` : sentence;
  };
}
