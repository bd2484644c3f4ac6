/**
 * Tells of a background turn that ends or asks while its page is out of sight, where a person asked for that.
 *
 * The kernel draws the button `[data-cj-notify="NUMBER"]` for a turn that no cell waits for. What a notification says is the
 * number and the state: others may see the screen. The choice holds for all pages of this origin and this browser.
 */

/** In localStorage, while it is on. */
const KEY = "codex_jupyter.notify";
const BUTTON = "[data-cj-notify]";
const BLOCKED =
  "The browser blocks notifications of this page: allow them in its settings for this site.";

/** @typedef {{ running: boolean, waiting: number, ended: boolean }} State */

/**
 * @param {{ root: HTMLElement, footer: Element }} layout
 * @param {string} panel the kernel's name for the panel: several views of it show one notification
 * @param {(control: Element, message: string) => void} note shows a line next to a control
 */
export function notifyOf({ root, footer }, panel, note) {
  let number = "";
  /** @type {State | null} */
  let before = null;

  /** @param {MouseEvent} event */
  async function onClick(event) {
    const button = event.target instanceof Element ? event.target.closest(BUTTON) : null;
    if (!button || !event.isTrusted) return;
    if (isOn()) keep(false);
    else if ((await Notification.requestPermission()) === "granted") keep(true);
    else note(button, BLOCKED);
    refresh();
  }

  function refresh() {
    const button = root.querySelector(BUTTON);
    if (!(button instanceof HTMLElement)) return;
    number = button.dataset.cjNotify ?? "";
    button.hidden = !("Notification" in window);
    button.setAttribute("aria-pressed", String(isOn()));
  }
  root.addEventListener("click", onClick);

  return {
    /** After every change of the page. */
    refresh,

    /** @param {State} now */
    changed(now) {
      const was = before;
      before = { ...now };
      if (!was || was.ended || !number || !document.hidden || !isOn()) return;
      if (now.ended) show(endOf(footer));
      else if (now.waiting > was.waiting) show("waits for you");
    },
    stop: () => root.removeEventListener("click", onClick),
  };

  /** @param {string} state */
  function show(state) {
    try {
      const shown = new Notification(`Codex: turn ${number} ${state}`, { tag: `codex ${panel}` });
      shown.onclick = () => {
        window.focus();
        shown.close();
      };
    } catch {
      // Some browsers of phones have the name and refuse to make one.
    }
  }
}

/** @param {Element} footer */
function endOf(footer) {
  if (footer.querySelector(".cj-failed")) return "failed";
  return footer.querySelector(".cj-stopped") ? "was stopped" : "is done";
}

function isOn() {
  try {
    return localStorage.getItem(KEY) !== null && Notification.permission === "granted";
  } catch {
    return false;
  }
}

/** @param {boolean} on */
function keep(on) {
  try {
    if (on) localStorage.setItem(KEY, "on");
    else localStorage.removeItem(KEY);
  } catch {
    // Storage is switched off: it is asked for again next time.
  }
}
