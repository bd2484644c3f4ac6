/**
 * What the kernel said to a panel before its first view was there.
 *
 * A front end makes the model first and the view later, and messages in between reach nobody. Usually the view's hello
 * brings them back; but while a cell blocks a kernel that hears no clicks, this is the only way to see them.
 */

import { kernelMessage } from "./wire.js";

/** @typedef {import("./wire.js").KernelMessage} KernelMessage */

/** A view that is not there after so many messages will ask for a snapshot. */
const LIMIT = 500;

/**
 * @param {import("./wire.js").Model} model
 * @returns {{ take: () => KernelMessage[], stop: () => void }} `take` hands the messages over, once
 */
export function recordBacklog(model) {
  /** @type {KernelMessage[]} */
  let messages = [];

  /** @param {unknown} content */
  const record = (content) => {
    const message = kernelMessage(content);
    if (message?.type === "snapshot") messages = [message];
    else if (message?.type === "batch") messages.push(message);
    if (messages.length > LIMIT) stop();
  };
  const stop = () => {
    model.off("msg:custom", record);
    messages = [];
  };
  const take = () => {
    const taken = messages;
    stop();
    return taken;
  };
  model.on("msg:custom", record);
  return { take, stop };
}
