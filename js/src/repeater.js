/** Does something now, and again and again until it is stopped. */

/**
 * @param {() => void} work
 * @param {(times: number) => number} delay milliseconds until the next time, after so many times
 * @returns {{ start: () => void, stop: () => void, running: () => boolean }} `start` while it runs does nothing
 */
export function repeater(work, delay) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let times = 0;

  const next = () => {
    timer = setTimeout(next, delay(++times));
    work();
  };
  return {
    start() {
      if (timer !== undefined) return;
      times = 0;
      next();
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
    running: () => timer !== undefined,
  };
}
