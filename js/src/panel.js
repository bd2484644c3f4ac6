/**
 * The anywidget module: joins the parts for every view of a panel. The only place that knows all of them.
 *
 * Data flows one way: model -> feed -> frame -> transcript -> pixels; a click flows back: controls -> intents -> feed ->
 * model. Nothing of a turn is kept in the model's traits.
 */

import { announceIn } from "./announce.js";
import { recordBacklog } from "./backlog.js";
import { coalesce } from "./coalesce.js";
import { showControlStatus } from "./control_status.js";
import { bindControls } from "./controls.js";
import { answer, documentOf } from "./document.js";
import { countElapsed } from "./elapsed.js";
import { oncePerFrame } from "./frames.js";
import { newId } from "./identifiers.js";
import { noteNotebook } from "./insert_cells.js";
import { trackIntents } from "./intents.js";
import { serveKept } from "./kept.js";
import { layOut, statusText } from "./layout.js";
import { openFeed } from "./live_feed.js";
import { notifyOf } from "./notify.js";
import { openFiles } from "./open_file.js";
import { keepNotebook } from "./open_notebook.js";
import { keepPlace } from "./reading_place.js";
import { canCover, coverCopies, knowsOutputs } from "./saved_copy.js";
import { followFocus, keepShortcutsOut, restIn } from "./shortcuts.js";
import { markTitle } from "./title.js";
import { showTranscript } from "./transcript.js";
import { isOp } from "./wire.js";

/** @typedef {import("./wire.js").Op} Op */
/** @typedef {import("./wire.js").Snapshot} Snapshot */
/** @typedef {import("./wire.js").Model} Model */

/**
 * anywidget calls this once per model.
 */
export default function panel() {
  /** @type {ReturnType<typeof recordBacklog> | null} */
  let backlog = null;
  function missed() {
    const messages = backlog?.take() ?? [];
    backlog = null;
    return messages;
  }
  return {
    /** @param {{ model: Model, signal?: AbortSignal }} props */
    initialize({ model, signal }) {
      noteNotebook(model);
      serveKept();
      keepShortcutsOut();
      const recorded = recordBacklog(model);
      backlog = recorded;
      const isLive = commOf(model);
      const leave = coverCopies(panelIdOf(model), (el, place) =>
        openView(model, el, missed(), { isLive, ...place }),
      );
      const stop = () => {
        recorded.stop();
        leave();
      };
      signal?.addEventListener("abort", stop);
      sayReady(model);
      return stop;
    },

    /** @param {{ model: Model, el: HTMLElement, signal?: AbortSignal }} props */
    render({ model, el, signal }) {
      const isLive = () => !el.closest(".jupyter-widgets-disconnected");
      const { close } = openView(model, el, missed(), { isLive });
      signal?.addEventListener("abort", close);
      return close;
    },
  };
}

/**
 * @param {HTMLElement} el
 * @param {() => void} start called once `el` is in the page, or after half a second without
 * @returns {() => void} gives up
 */
function whenAttached(el, start) {
  let looks = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const look = () => {
    if (el.isConnected || ++looks > 25) start();
    else timer = setTimeout(look, 20);
  };
  look();
  return () => clearTimeout(timer);
}

/** The kernel's name for this panel. @param {Model} model */
function panelIdOf(model) {
  return String(model.get?.("panel_id") ?? "");
}

/** The panel's module is here, whether or not a view ever is. @param {Model} model */
function sayReady(model) {
  try {
    model.send({ type: "ready", covers: knowsOutputs() });
  } catch {
    // The kernel is gone; a view will say so.
  }
}

/**
 * Whether the front end has a line to the kernel; a view over a copy is no widget view that it could mark.
 *
 * @param {Model} model
 * @returns {() => boolean}
 */
function commOf(model) {
  /** @type {{ comm_live?: boolean } | null} */
  let widget = null;
  model.widget_manager?.get_model(panelIdOf(model)).then(
    (found) => {
      widget = found;
    },
    () => {},
  );
  return () => widget?.comm_live !== false;
}

/**
 * @param {Model} model
 * @param {HTMLElement} el
 * @param {import("./wire.js").KernelMessage[]} missed what the kernel said before there was a view
 * @param {{ isLive: () => boolean } & Partial<import("./saved_copy.js").Place>} place
 * @returns {import("./saved_copy.js").View} its `close` may be called twice
 */
function openView(model, el, missed, { isLive, onHeard, onDrawn, onGone }) {
  const view = newId();
  const layout = layOut(el);
  const announce = announceIn(layout.root);
  const elapsed = countElapsed(layout.root);
  const focus = followFocus(layout.root);
  const transcript = showTranscript(layout, onState);

  /** @type {Snapshot | null} */
  let snapshot = null;
  /** @type {Op[]} */
  let ops = [];
  let unfit = false; // an op came that is none
  let state = { running: false, waiting: 0, ended: false };
  /** Nothing comes from the kernel, for now or for good, and the turn was not over. */
  let cut = false;
  const frame = oncePerFrame(draw);

  const feed = openFeed({
    model,
    view,
    isLive,
    canCover: () => canCover(el),
    reaches: () => documentOf(model) !== null,
    listener: {
      ops(more) {
        for (const op of more) {
          if (isOp(op)) ops.push(op);
          else unfit = true;
        }
        onHeard?.();
        frame.ask();
      },
      snapshot(whole) {
        snapshot = whole;
        ops = [];
        unfit = false;
        onHeard?.();
        frame.ask();
      },
      ack: (ack) => intents.acknowledged(ack),
      clock: elapsed.setClock,
      status: showStatus,
      copied: (number) => notebook.published(number),
      copy: (copy) => notebook.received(copy),
      asked: (question) => answer(model, el, question),
    },
  });
  const notebook = keepNotebook(model, panelIdOf(model), () => feed.wantCopy());
  const intents = trackIntents({
    view,
    send: feed.send,
    onChange(pending) {
      controlStatus.show(pending);
      announce(pending.message);
    },
  });
  const controls = bindControls(layout.root, {
    send: intents.send,
    note: (control, message) => controlStatus.note(control, message),
    say: announce,
  });
  const controlStatus = showControlStatus({ find: controls.find, elsewhere: layout.notice });
  const notify = notifyOf(layout, panelIdOf(model), controlStatus.note);
  const files = openFiles(layout.root, model, controlStatus.note);

  function draw() {
    const whole = snapshot;
    const changes = coalesce(ops);
    const understood = !unfit;
    snapshot = null;
    ops = [];
    unfit = false;
    const focused = document.activeElement;
    const held = focused !== null && layout.root.contains(focused);
    try {
      const fits = (!whole || transcript.restore(whole)) && transcript.apply(changes);
      if (!fits || !understood) feed.damaged();
    } catch (error) {
      layout.notice(`The page could not show a part of this turn (${error}).`);
      feed.damaged();
    }
    // What was moved, or a card that was answered, takes the focus along; keep the reader's place for the next Tab.
    if (held && document.activeElement !== focused) restIn(layout.root, focused);
    controls.refresh();
    files.refresh();
    notify.refresh();
    if (!cut) elapsed.refresh();
    onDrawn?.();
  }

  /** @param {import("./wire.js").State} now */
  function onState({ running, waiting, ended, announce: sentence }) {
    state = { running, waiting, ended };
    layout.root.classList.toggle("cj-waiting", waiting > 0);
    announce(sentence);
    if (ended) feed.rest();
    notify.changed(state);
    showStatus(feed.status());
  }

  /** @param {import("./live_feed.js").LineStatus} status */
  function showStatus(status) {
    const gone = status === "gone";
    cut = !state.ended && (gone || status === "silent");
    layout.status(state.ended ? "" : statusText(status, feed.heardAt()));
    layout.root.classList.toggle("cj-disconnected", gone);
    layout.root.classList.toggle("cj-cut", cut);
    layout.root.classList.toggle("cj-running", state.running && !state.ended && !cut);
    markTitle(view, state.waiting > 0 && !gone);
    if (cut) elapsed.stop();
    else elapsed.refresh();
    if (!gone) return;
    intents.dropAll();
    if (onGone) queueMicrotask(onGone); // the view may not be whole yet
  }

  for (const message of missed) feed.receive(message);
  // A widget is rendered before it is in the page; only there can be said what place it has.
  const stopWaiting = whenAttached(el, () => {
    keepPlace(el);
    feed.start();
  });

  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    stopWaiting();
    feed.close();
    notebook.stop();
    frame.cancel();
    intents.stop();
    controls.stop();
    files.stop();
    notify.stop();
    controlStatus.stop();
    elapsed.stop();
    markTitle(view, false);
    focus.leave();
    layout.root.remove();
  };
  return { close, choices: transcript.choices };
}
