/**
 * Runs in the tests' page: a model that stands where the kernel begins, and what anywidget does with a bundle.
 */

/** @typedef {import("../src/wire.js").PageMessage} PageMessage */
/** @typedef {{ el: HTMLElement, controller: AbortController, cleanup: () => void }} View */

class Model extends EventTarget {
  /** @type {Map<unknown, EventListener>} */
  #listeners = new Map();
  /** Set by a test: the front end has lost the kernel. */
  broken = false;
  /** @type {PageMessage[]} */
  sent = [];
  /** The kernel's side of the comm is there, as a view over a copy asks for it. */
  comm_live = true;
  /** @type {{ get_model: (id: string) => Promise<Model> }} */
  widget_manager = { get_model: async () => this };

  /** @param {string} trait */
  get(trait) {
    return trait === "panel_id" ? "here" : undefined;
  }

  /** @param {string} event @param {(content: unknown) => void} callback */
  on(event, callback) {
    const listener = (/** @type {Event} */ e) =>
      callback(e instanceof CustomEvent ? e.detail : undefined);
    this.#listeners.set(callback, listener);
    this.addEventListener(event, listener);
  }

  /** @param {string} event @param {(content: unknown) => void} callback */
  off(event, callback) {
    const listener = this.#listeners.get(callback);
    if (listener) this.removeEventListener(event, listener);
    this.#listeners.delete(callback);
  }

  /** @param {PageMessage} content */
  send(content) {
    if (this.broken) throw new Error("Cannot send: the comm is closed");
    this.sent.push(structuredClone(content));
  }

  get listening() {
    return this.#listeners.size;
  }
}

export class Harness {
  model = new Model();
  /** @type {View[]} */
  views = [];
  /** @type {any} */
  widget = null;
  /** What anywidget calls for each model. @type {() => any} */
  another = () => null;
  modelController = new AbortController();

  /** @param {string} type */
  sentOf(type) {
    return this.model.sent.filter((message) => message.type === type);
  }

  /** Loads the bundle from a blob, once per model, and initialises it. */
  async open() {
    const [esm, css] = await Promise.all(
      ["panel.js", "panel.css"].map(async (name) => (await fetch(`/static/${name}`)).text()),
    );
    const style = document.createElement("style");
    style.textContent = css ?? "";
    document.head.append(style);
    const url = URL.createObjectURL(new Blob([esm ?? ""], { type: "text/javascript" }));
    const module = await import(url);
    URL.revokeObjectURL(url);
    this.another = module.default;
    this.widget = await this.another();
    await this.widget.initialize({ model: this.model, signal: this.modelController.signal });
  }

  addView() {
    const el = document.createElement("div");
    el.className = "jp-OutputArea-output";
    document.body.append(el);
    const controller = new AbortController();
    const cleanup = this.widget.render({ model: this.model, el, signal: controller.signal });
    this.views.push({ el, controller, cleanup });
  }

  /** What anywidget does when a view is removed. @param {number} at */
  removeView(at) {
    const view = this.views[at];
    view?.controller.abort();
    view?.cleanup();
    view?.el.remove();
  }

  /** @param {unknown[]} messages */
  say(messages) {
    for (const message of messages) {
      this.model.dispatchEvent(new CustomEvent("msg:custom", { detail: message }));
    }
  }

  /** The front end lost the kernel, or has it back. @param {boolean} live */
  setLive(live) {
    this.model.broken = !live;
    this.model.comm_live = live;
    for (const { el } of this.views) el.classList.toggle("jupyter-widgets-disconnected", !live);
    this.model.dispatchEvent(new Event("comm_live_update"));
  }
}

globalThis.harness = new Harness();
