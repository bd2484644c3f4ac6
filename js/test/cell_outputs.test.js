import assert from "node:assert/strict";
import { test } from "node:test";
import { put, takesOutputs } from "../src/cell_outputs.js";

/** A cell's model as JupyterLab has it, as far as outputs go. */
function cell() {
  /** @type {any[]} */
  const list = [{ old: true }];
  const outputs = {
    get length() {
      return list.length;
    },
    /** @param {number} at */
    get: (at) => ({ toJSON: () => list[at] }),
    /** @param {any} output */
    add: (output) => list.push(output),
    /** @param {number} at @param {any} output */
    set: (at, output) => {
      list[at] = output;
    },
    clear: () => list.splice(0),
  };
  return { list, outputs, executionCount: 7, executionState: "idle", trusted: false };
}

/** @param {string} text @param {string} [display] */
const shown = (text, display = "") => ({
  op: "add",
  display,
  output: { output_type: "display_data", data: { "text/plain": text }, metadata: {} },
});

test("a run empties its cell, fills it as it comes, and ends under its number", () => {
  const one = cell();
  assert.equal(takesOutputs(one), true);
  assert.deepEqual(put(one, { run: "r1", from: 0, steps: [] }), {});
  assert.deepEqual(
    [one.list, one.executionState, one.executionCount, one.trusted],
    [[], "running", null, true],
  );
  put(one, { run: "r1", from: 0, steps: [shown("a", "d1"), shown("b")] });
  put(one, {
    run: "r1",
    from: 2,
    steps: [{ op: "update", display: "d1", data: { "text/plain": "A" }, metadata: {} }],
  });
  assert.deepEqual(
    one.list.map((each) => each.data["text/plain"]),
    ["A", "b"],
  );
  assert.deepEqual(put(one, { run: "r1", from: 3, steps: [], count: 9 }), {});
  assert.deepEqual([one.executionState, one.executionCount], ["idle", 9]);
});

test("a page that has not the parts before asks for all of them, and takes none twice", () => {
  const one = cell();
  assert.deepEqual(put(one, { run: "r1", from: 4, steps: [shown("e")] }), { again: true });
  assert.deepEqual(one.list, [{ old: true }]);
  put(one, { run: "r2", from: 0, steps: [shown("a"), shown("b")] });
  assert.deepEqual(put(one, { run: "r2", from: 0, steps: [shown("a"), shown("b")] }), {
    again: true,
  });
  assert.equal(one.list.length, 2);
  put(one, { run: "r3", from: 0, steps: [shown("a")] });
  assert.equal(one.list.length, 1);
});

test("what is cleared takes its displays along, and an update of none is passed over", () => {
  const one = cell();
  put(one, { run: "r1", from: 0, steps: [shown("a", "d1"), { op: "clear", wait: true }] });
  put(one, {
    run: "r1",
    from: 2,
    steps: [shown("b"), { op: "update", display: "d1", data: { "text/plain": "A" } }],
  });
  assert.deepEqual(
    one.list.map((each) => each.data["text/plain"]),
    ["b"],
  );
});

test("a cell without outputs takes none", () => {
  assert.equal(takesOutputs({}), false);
  assert.equal(takesOutputs(/** @type {any} */ ({ outputs: { add: () => 1 } })), false);
});
