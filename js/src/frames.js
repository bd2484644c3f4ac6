/**
 * Does a piece of work once in the next frame, however often it is asked for.
 *
 * A hidden tab draws no frames, so a timer races the frame.
 */

const SOON_MS = 200;

/**
 * @param {() => void} work
 * @returns {{ ask: () => void, cancel: () => void }}
 */
export function oncePerFrame(work) {
  let frame = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let asked = false;

  const cancel = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    asked = false;
  };
  const run = () => {
    cancel();
    work();
  };
  const ask = () => {
    if (asked) return;
    asked = true;
    timer = setTimeout(run, document.hidden ? 0 : SOON_MS);
    if (!document.hidden) frame = requestAnimationFrame(run);
  };
  return { ask, cancel };
}
