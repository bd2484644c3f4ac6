import assert from "node:assert/strict";
import { test } from "node:test";
import { kernelMessage } from "../src/wire.js";

test("every message of the protocol is let in as it is", () => {
  const state = { running: true, waiting: 0, ended: false };
  for (const message of [
    { type: "batch", seq: 1, ops: [] },
    { type: "snapshot", seq: 1, header: "", blocks: [], footer: "", state },
    { type: "welcome", view: "v", seq: 0 },
    { type: "heard", view: "v", seq: 3 },
    { type: "copied", number: 3 },
    { type: "copy", number: 3, data: { "text/plain": "" } },
    { type: "ask", view: "v", id: "d1", question: { kind: "read" } },
    { type: "ack", id: "i", outcome: "accepted", message: "" },
  ]) {
    assert.equal(kernelMessage(message), message);
  }
});

test("what is not a whole message of the protocol is left out", () => {
  for (const message of [
    null,
    undefined,
    "batch",
    7,
    [],
    {},
    { type: "constructor" },
    { type: "__proto__" },
    { type: "later-version" },
    { type: "batch", seq: "1", ops: [] },
    { type: "batch", seq: 1 },
    { type: "snapshot", seq: 1, header: "", blocks: [], footer: "", state: null },
    { type: "snapshot", seq: 1, header: "", blocks: {}, footer: "", state: {} },
    { type: "welcome", seq: 0 },
    { type: "ack", id: 3, outcome: "accepted" },
    { type: "heard", view: "v" },
    { type: "copied", number: "3" },
    { type: "copy", number: 3, data: null },
    { type: "ask", view: "v", id: "d1", question: null },
    { type: "ask", id: "d1", question: {} },
  ]) {
    assert.equal(kernelMessage(message), null, JSON.stringify(message));
  }
});
