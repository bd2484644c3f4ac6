/**
 * What one view has of the panel: says hello until it is welcomed, puts batches in order, notices gaps, keeps the beat.
 *
 * The twin of `codex_jupyter/notebook/panel/live_feed.py`. Messages only; what they mean for the page is not known here. The rule: `have` is the last number up to which
 * everything was handed on, in order and once. A number that is not the next one waits, and a snapshot is asked for.
 */

import { newId } from "./identifiers.js";
import { repeater } from "./repeater.js";
import { kernelMessage, unhandled } from "./wire.js";

/** @typedef {import("./wire.js").Op} Op */

/**
 * How the line to the kernel is.
 *
 * - `connecting`: just rendered
 * - `connected`: welcomed
 * - `unheard`: no welcome, and nothing else from the kernel either
 * - `deaf`: no welcome, but the kernel talks: it will hear clicks when its cell has ended
 * - `silent`: welcomed once, and nothing has come for several beats: the connection is cut, or the kernel busy or dead
 * - `gone`: the kernel or its widget is no more
 *
 * @typedef {"connecting" | "connected" | "unheard" | "deaf" | "silent" | "gone"} LineStatus
 */

/**
 * @typedef {object} Listener
 * @property {(ops: Op[]) => void} ops
 * @property {(snapshot: import("./wire.js").Snapshot) => void} snapshot
 * @property {(ack: import("./wire.js").Ack) => void} ack
 * @property {(status: LineStatus) => void} status
 * @property {(number: number) => void} copied
 * @property {(copy: import("./wire.js").CopyMessage) => void} copy
 * @property {(question: Record<string, unknown>) => object} asked the reply to a question about the notebook
 * @property {(now: number) => void} clock the kernel's time, milliseconds since 1970
 */

/** Without a welcome after this time the reader is told. */
const PATIENCE_MS = 4000;
/** So many beats without a word from the kernel, and it is silent. Beats are counted and not seconds: a page may sleep. */
const SILENT_BEATS = 5;
/** More batches than this are not kept while a snapshot is awaited. */
const EARLY_LIMIT = 1000;
/** A page that cannot show what it is sent asks so often for everything, and then not for a while. */
const DAMAGE_LIMIT = 3;
const DAMAGE_REST_MS = 30_000;

/**
 * @param {object} options
 * @param {import("./wire.js").Model} options.model
 * @param {string} options.view
 * @param {() => boolean} options.isLive whether the front end still has a line to the kernel
 * @param {() => boolean} options.canCover whether the view could stand over a saved copy
 * @param {() => boolean} options.reaches whether it can reach the notebook that it stands in
 * @param {Listener} options.listener
 */
export function openFeed({ model, view, isLive, canCover, reaches, listener }) {
  /** What proves to the kernel that a message is this view's. In no element, no trait and nothing the kernel sends. */
  const key = newId();
  let have = 0;
  let welcomed = false;
  let heard = false;
  let shownSnapshot = false;
  /** Beats since the kernel was heard last, and when that was. */
  let unanswered = 0;
  let heardAt = 0;
  let damages = 0;
  let damagedAt = 0;
  /** @type {LineStatus} */
  let status = "connecting";
  /** Batches that came before their turn. @type {Map<number, Op[]>} */
  const early = new Map();

  const hello = repeater(
    () => send({ type: "hello", view, key, have, covers: canCover(), reaches: reaches() }),
    (times) => (times <= 10 ? 400 : times <= 40 ? 2000 : 5000),
  );
  const resync = repeater(
    () => send({ type: "resync", view, key, have }),
    (times) => (times <= 5 ? 1000 : 5000),
  );
  const beat = repeater(countBeat, () => 2000);
  const patience = setTimeout(() => {
    if (status === "connecting") setStatus(heard ? "deaf" : "unheard");
  }, PATIENCE_MS);

  function countBeat() {
    if (unanswered++ >= SILENT_BEATS && status === "connected") setStatus("silent");
    sendBeat();
  }

  function sendBeat() {
    send({ type: "beat", view, key, hidden: document.hidden });
  }

  /**
   * @param {import("./wire.js").PageMessage} message
   * @returns {boolean} whether the front end took it
   */
  function send(message) {
    try {
      model.send(message);
      return true;
    } catch {
      setStatus("gone");
      return false;
    }
  }

  /** @param {LineStatus} now */
  function setStatus(now) {
    if (now === "gone") stopAsking();
    if (now === status) return;
    status = now;
    listener.status(now);
  }

  function stopAsking() {
    hello.stop();
    resync.stop();
    beat.stop();
  }

  /** @param {unknown} content */
  function receive(content) {
    const message = kernelMessage(content);
    if (!message) return;
    heard = true;
    unanswered = 0;
    heardAt = Date.now();
    if (status === "unheard") setStatus("deaf");
    else if (status === "silent") setStatus("connected");
    switch (message.type) {
      case "batch":
        receiveBatch(message);
        break;
      case "snapshot":
        receiveSnapshot(message);
        break;
      case "welcome":
        if (message.view === view) receiveWelcome(message);
        break;
      case "heard":
        // What was lost on the way may have been the last batch, after which nothing shows a gap.
        if (message.view === view && message.seq > have) resyncLater();
        break;
      case "ack":
        listener.ack(message);
        break;
      case "copied":
        listener.copied(message.number);
        break;
      case "copy":
        listener.copy(message);
        break;
      case "ask":
        if (message.view === view)
          send({
            type: "replied",
            id: message.id,
            view,
            key,
            reply: listener.asked(message.question),
          });
        break;
      default:
        unhandled(message);
    }
  }

  /** @param {import("./wire.js").Welcome} message */
  function receiveWelcome(message) {
    hello.stop();
    welcomed = true;
    if (Number.isFinite(message.now)) listener.clock(Number(message.now));
    if (message.seq > have) resyncLater();
    beat.start();
    setStatus("connected");
  }

  /** @param {import("./wire.js").Batch} message */
  function receiveBatch({ seq, ops }) {
    if (seq <= have) return;
    if (seq > have + 1) {
      if (early.size < EARLY_LIMIT) early.set(seq, ops);
      if (welcomed) resync.start();
      return;
    }
    have = seq;
    listener.ops(ops);
    handOnEarly();
  }

  /** @param {import("./wire.js").Snapshot} snapshot */
  function receiveSnapshot(snapshot) {
    const wanted = resync.running() || !shownSnapshot || snapshot.seq > have;
    if (!wanted || (snapshot.seq < have && !resync.running())) return;
    cancelLater();
    resync.stop();
    shownSnapshot = true;
    have = snapshot.seq;
    listener.snapshot(snapshot);
    handOnEarly();
  }

  function handOnEarly() {
    for (const seq of [...early.keys()].sort((a, b) => a - b)) {
      const ops = early.get(seq) ?? [];
      if (seq > have + 1) break;
      early.delete(seq);
      if (seq <= have) continue;
      have = seq;
      listener.ops(ops);
    }
    if (early.size === 0) {
      cancelLater();
      if (shownSnapshot) resync.stop();
    } else if (welcomed) resync.start();
  }

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let later;
  /** A welcome is followed by a snapshot; this is for the one that gets lost. */
  function resyncLater() {
    if (later !== undefined) return;
    later = setTimeout(() => {
      later = undefined;
      resync.start();
    }, 1000);
  }
  function cancelLater() {
    clearTimeout(later);
    later = undefined;
  }

  /** The page could not do what a batch said: what it shows is not what the kernel means. */
  function damaged() {
    if (Date.now() - damagedAt > DAMAGE_REST_MS) damages = 0;
    damagedAt = Date.now();
    if (++damages <= DAMAGE_LIMIT) resync.start();
  }

  function checkLive() {
    if (!isLive()) setStatus("gone");
    else if (status === "gone") {
      welcomed = false;
      setStatus("connecting");
      hello.start();
    }
  }
  // The front end marks the view in the same event; look when everybody has heard of it.
  const onLiveUpdate = () => queueMicrotask(checkLive);
  // Timers of a hidden page may run once a minute only: say so before the next beat is missed.
  const onVisibility = () => {
    if (beat.running()) sendBeat();
  };
  const onPageHide = () => send({ type: "bye", view, key });

  model.on("msg:custom", receive);
  model.on("comm_live_update", onLiveUpdate);
  document.addEventListener("visibilitychange", onVisibility);
  window.addEventListener("pagehide", onPageHide);

  return {
    /** @param {Omit<import("./wire.js").IntentMessage, "key">} message */
    send: (message) => send({ ...message, key }),
    receive,
    damaged,
    status: () => status,

    /** When the kernel was heard last; milliseconds of this machine's clock. */
    heardAt: () => heardAt,

    /** The notebook lacks the newest copy. */
    wantCopy: () => send({ type: "want_copy", view, key }),

    /** Begin. What was recorded before the view was there has been received by then. */
    start() {
      hello.start();
      checkLive();
    },

    /** Nothing is awaited of this view any more: no beats, no questions. */
    rest() {
      beat.stop();
    },

    /** The view is gone. */
    close() {
      stopAsking();
      cancelLater();
      clearTimeout(patience);
      model.off("msg:custom", receive);
      model.off("comm_live_update", onLiveUpdate);
      document.removeEventListener("visibilitychange", onVisibility);
      window.removeEventListener("pagehide", onPageHide);
      if (status !== "gone") send({ type: "bye", view, key });
    },
  };
}
