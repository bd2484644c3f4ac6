/**
 * The anywidget module: joins the parts for every view of a panel. The only place that knows all of them.
 *
 * Data flows one way: model -> connection -> frame -> transcript -> pixels; a click flows back: controls -> errands ->
 * connection -> model. Nothing of a turn is kept in the model's traits.
 */

import { announceIn } from "./announce.js";
import { recordBacklog } from "./backlog.js";
import { coalesce } from "./coalesce.js";
import { connect } from "./connection.js";
import { bindControls } from "./controls.js";
import { countElapsed } from "./elapsed.js";
import { oncePerFrame } from "./frames.js";
import { newId } from "./identifiers.js";
import { runErrands } from "./intents.js";
import { markControls } from "./marks.js";
import { canTakePlace, watchPlaces } from "./places.js";
import { layOut, standingText } from "./stage.js";
import { markTitle } from "./title.js";
import { showTranscript } from "./transcript.js";

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
      const recorded = recordBacklog(model);
      backlog = recorded;
      const isLive = lineOf(model);
      const leave = watchPlaces(placeOf(model), (el, onShown) =>
        openView(model, el, missed(), { isLive, onShown }),
      );
      const stop = () => {
        recorded.stop();
        leave();
      };
      signal?.addEventListener("abort", stop);
      return stop;
    },

    /** @param {{ model: Model, el: HTMLElement, signal?: AbortSignal }} props */
    render({ model, el, signal }) {
      const isLive = () => !el.closest(".jupyter-widgets-disconnected");
      const close = openView(model, el, missed(), { isLive });
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

/** The kernel's name for where this panel stands. @param {Model} model */
function placeOf(model) {
  return String(model.get?.("place") ?? "");
}

/**
 * Whether the front end has a line to the kernel; a place has no widget view that it could mark.
 *
 * @param {Model} model
 * @returns {() => boolean}
 */
function lineOf(model) {
  /** @type {{ comm_live?: boolean } | null} */
  let widget = null;
  model.widget_manager?.get_model(placeOf(model)).then(
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
 * @param {{ isLive: () => boolean, onShown?: () => void }} place
 * @returns {() => void} ends the view; may be called twice
 */
function openView(model, el, missed, { isLive, onShown }) {
  const view = newId();
  const stage = layOut(el);
  const announce = announceIn(stage.root);
  const elapsed = countElapsed(stage.root);
  const transcript = showTranscript(stage, onState);

  /** @type {Snapshot | null} */
  let snapshot = null;
  /** @type {Op[]} */
  let ops = [];
  let state = { running: false, waiting: 0, ended: false };
  const frame = oncePerFrame(draw);

  const connection = connect({
    model,
    view,
    isLive,
    canTakePlace: () => canTakePlace(el),
    listener: {
      ops(more) {
        ops.push(...more);
        frame.ask();
      },
      snapshot(whole) {
        snapshot = whole;
        ops = [];
        frame.ask();
      },
      ack: (ack) => errands.acknowledged(ack),
      clock: elapsed.setClock,
      standing: showStanding,
    },
  });
  const errands = runErrands({
    view,
    send: connection.send,
    onChange(errand) {
      marks.show(errand);
      announce(errand.message);
    },
  });
  const controls = bindControls(stage.root, {
    send: errands.send,
    note: (control, message) => marks.note(control, message),
    say: announce,
  });
  const marks = markControls({ find: controls.find, elsewhere: stage.notice });

  function draw() {
    const whole = snapshot;
    const changes = coalesce(ops);
    snapshot = null;
    ops = [];
    const focused = document.activeElement;
    const held = focused !== null && stage.root.contains(focused);
    try {
      const fits = (!whole || transcript.restore(whole)) && transcript.apply(changes);
      if (!fits) connection.damaged();
    } catch (error) {
      stage.notice(`The page could not show a part of this turn (${error}).`);
      connection.damaged();
    }
    // A card that was answered takes the focus along; keep the reader's place for the next Tab.
    if (held && !focused.isConnected) stage.root.focus({ preventScroll: true });
    controls.refresh();
    elapsed.refresh();
    onShown?.();
  }

  /** @param {import("./wire.js").State} now */
  function onState({ running, waiting, ended, announce: sentence }) {
    state = { running, waiting, ended };
    stage.root.classList.toggle("cj-running", running && !ended);
    stage.root.classList.toggle("cj-waiting", waiting > 0);
    announce(sentence);
    if (ended) connection.rest();
    showStanding(connection.standing());
  }

  /** @param {import("./connection.js").Standing} standing */
  function showStanding(standing) {
    const gone = standing === "gone";
    stage.standing(state.ended ? "" : standingText(standing));
    stage.root.classList.toggle("cj-disconnected", gone);
    markTitle(view, state.waiting > 0 && !gone);
    if (gone) {
      errands.dropAll();
      elapsed.stop();
    }
  }

  for (const message of missed) connection.receive(message);
  // A widget is rendered before it is in the page; only there can be said what place it has.
  const stopWaiting = whenAttached(el, connection.start);

  let open = true;
  return () => {
    if (!open) return;
    open = false;
    stopWaiting();
    connection.close();
    frame.cancel();
    errands.stop();
    controls.stop();
    marks.stop();
    elapsed.stop();
    markTitle(view, false);
    stage.root.remove();
  };
}
