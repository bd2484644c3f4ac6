/**
 * What a person asked for and the kernel has not acknowledged yet.
 *
 * An intent is sent again every second until its ack, under the same id: the kernel drops repeats. While one of a
 * control is under way, the same control sends nothing more. No DOM here; control_status.js shows how each is doing.
 */

import { newId } from "./identifiers.js";
import { repeater } from "./repeater.js";

/** @typedef {import("./wire.js").Intent} Intent */

/**
 * `control` names the control that sent it (see controls.js); `late` tells that somebody else was first.
 *
 * @typedef {object} PendingIntent
 * @property {string} id
 * @property {string} control
 * @property {string} label what the pressed button says meanwhile
 * @property {string} choice the pressed button's choice, or ""
 * @property {"sent" | "slow" | import("./wire.js").Outcome} status
 * @property {string} message for the reader, or ""
 */

const SLOW_AFTER = 3;

/**
 * @param {object} options
 * @param {string} options.view
 * @param {(message: Omit<import("./wire.js").IntentMessage, "key">) => boolean} options.send the view's key is added there
 * @param {(pending: PendingIntent) => void} options.onChange
 */
export function trackIntents({ view, send, onChange }) {
  /** @type {Map<string, { pending: PendingIntent, intent: Intent, times: number }>} */
  const underWay = new Map();

  const again = repeater(sendAll, (times) => (times <= 10 ? 1000 : 5000));

  function sendAll() {
    for (const entry of underWay.values()) {
      const { pending, intent } = entry;
      if (!send({ type: "intent", id: pending.id, view, intent })) return dropAll();
      if (++entry.times > SLOW_AFTER && pending.status === "sent") change(pending, "slow", SLOW);
    }
  }

  /** The kernel is gone: nobody will acknowledge anything. */
  function dropAll() {
    const all = [...underWay.values()].map(({ pending }) => pending);
    underWay.clear();
    again.stop();
    for (const pending of all) change(pending, "refused", GONE);
  }

  /**
   * @param {PendingIntent} pending
   * @param {PendingIntent["status"]} status
   * @param {string} message
   */
  function change(pending, status, message) {
    pending.status = status;
    pending.message = message;
    onChange(pending);
  }

  return {
    /**
     * @param {Intent} intent
     * @param {{ control: string, label: string, choice?: string }} shown
     * @returns {boolean} false: the same control's last one is still under way
     */
    send(intent, { control, label, choice = "" }) {
      for (const { pending } of underWay.values()) if (pending.control === control) return false;
      /** @type {PendingIntent} */
      const pending = { id: newId(), control, label, choice, status: "sent", message: "" };
      underWay.set(pending.id, { pending, intent, times: 0 });
      onChange(pending);
      again.stop();
      again.start();
      return true;
    },

    /** @param {import("./wire.js").Ack} ack */
    acknowledged({ id, outcome, message }) {
      const pending = underWay.get(id)?.pending;
      if (!pending) return;
      underWay.delete(id);
      if (underWay.size === 0) again.stop();
      change(pending, outcome, typeof message === "string" ? message : "");
    },

    dropAll,

    stop() {
      again.stop();
      underWay.clear();
    },
  };
}

const SLOW =
  "The kernel has not answered yet; this is sent again until it does. " +
  "While a cell blocks it, interrupt the kernel (■) to stop.";
const GONE = "Not connected to the kernel: this was not delivered.";
