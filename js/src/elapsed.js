/**
 * Counts the seconds since every `[data-cj-elapsed]` of a view, and until every `[data-cj-until]`: one timer, and none
 * while there is nothing to count.
 *
 * The kernel's clock may differ from the browser's, so the welcome brings the kernel's time along.
 */

/**
 * @param {ParentNode} root
 * @returns {{ refresh: () => void, setClock: (now: number) => void, stop: () => void }} `refresh` after every change
 */
export function countElapsed(root) {
  /** Kernel's time minus the browser's, ms. */
  let ahead = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;

  const stop = () => {
    clearInterval(timer);
    timer = undefined;
  };
  const refresh = () => {
    const counters = root.querySelectorAll("[data-cj-elapsed], [data-cj-until]");
    const now = Date.now() + ahead;
    for (const counter of counters) {
      const until = counter.getAttribute("data-cj-until");
      const moment = Number(until ?? counter.getAttribute("data-cj-elapsed"));
      const text = clockText(until === null ? now - moment : moment - now);
      if (Number.isFinite(moment) && counter.textContent !== text) counter.textContent = text;
    }
    if (counters.length === 0) stop();
    else timer ??= setInterval(refresh, 1000);
  };
  return {
    refresh,
    stop,
    setClock(now) {
      ahead = now - Date.now();
      refresh();
    },
  };
}

/**
 * @param {number} ms
 * @returns {string} `0:14`, `12:05`, `1:02:03`; never below zero
 */
export function clockText(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
    : `${minutes}:${two(seconds % 60)}`;
}
