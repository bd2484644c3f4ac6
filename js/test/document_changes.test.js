import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { YNotebook } from "@jupyter/ydoc";
import { answer } from "../src/document.js";

/** @typedef {{ id: string, kind: string, source: string }} Cell */
/** The same cases as `tests/unit/notebook/test_document_changes.py` plays, with what comes of each. */
const CASES = JSON.parse(
  await readFile(new URL("../../tests/data/cell_changes.json", import.meta.url), "utf8"),
);

/**
 * JupyterLab's own document under the members that are used of its notebook.
 *
 * @param {Cell[]} cells
 * @param {(open: { shared: YNotebook, ask: (question: Record<string, unknown>) => any, told: () => object[] }) => void} play
 * @param {Record<string, string>} [states] of cells that run
 */
function withNotebook(cells, play, states = {}) {
  const shared = new YNotebook();
  shared.insertCells(
    0,
    cells.map(({ id, kind, source }) => ({ id, cell_type: kind, source, metadata: {} })),
  );
  shared.clearUndoHistory();
  const model = {
    sharedModel: shared,
    cells: {
      get length() {
        return shared.cells.length;
      },
      get: (/** @type {number} */ at) => ({
        id: shared.cells[at]?.getId(),
        sharedModel: shared.cells[at],
        executionState: states[shared.cells[at]?.getId() ?? ""],
      }),
    },
  };
  const widget = /** @type {any} */ ({ widget_manager: { context: { path: "n.ipynb", model } } });
  const el = /** @type {any} */ ({ closest: () => null });
  const told = () =>
    shared.cells.map((cell) => ({
      id: cell.getId(),
      kind: cell.cell_type,
      source: cell.getSource(),
    }));
  try {
    play({ shared, ask: (question) => answer(widget, el, { kind: "change", ...question }), told });
  } finally {
    shared.dispose();
  }
}

const CELLS = [
  { id: "a", kind: "markdown", source: "# A" },
  { id: "b", kind: "code", source: "b = 1" },
  { id: "c", kind: "code", source: "" },
];

for (const { name, cells, changes, after } of CASES)
  test(`the page makes of a call what the kernel says it does: ${name}`, () =>
    withNotebook(cells, ({ shared, ask, told }) => {
      const before = told();
      const reply = ask({ changes });
      assert.equal(reply.refused, undefined);
      const named = told().map((cell) => {
        const made = reply.made.indexOf(/** @type {Cell} */ (cell).id);
        return made < 0 ? cell : { ...cell, id: `new-${made + 1}` };
      });
      assert.deepEqual(named, after);
      shared.undo();
      assert.deepEqual(told(), before, "one step of the notebook's own undo");
    }));

test("a cell that is another one by now, or gone, is told, and nothing is changed", () =>
  withNotebook(CELLS, ({ ask, told }) => {
    const before = told();
    const insert = { op: "insert", after: null, kind: "code", source: "x" };
    const { refused } = ask({
      changes: [
        insert,
        { op: "replace", id: "b", source: "b = 3", was: "b = 0" },
        { op: "delete", id: "z", was: "" },
        { op: "move", id: "a", after: "y" },
      ],
    });
    assert.deepEqual(refused, [
      { id: "b", why: "changed", source: "b = 1" },
      { id: "z", why: "gone" },
      { id: "y", why: "gone" },
    ]);
    assert.deepEqual(told(), before);
  }));

test("a cell that runs is neither deleted nor moved, nor the one whose turn it is", () =>
  withNotebook(
    CELLS,
    ({ ask, told }) => {
      const before = told();
      const changes = [
        { op: "delete", id: "b", was: "b = 1" },
        { op: "move", id: "c", after: null },
      ];
      assert.deepEqual(ask({ changes, kept: "c" }).refused, [
        { id: "b", why: "runs" },
        { id: "c", why: "runs" },
      ]);
      assert.deepEqual(told(), before);
    },
    { b: "running" },
  ));

test("what went or moved comes back where it stood, with all that it was, as one step", () =>
  withNotebook(CELLS, ({ shared, ask, told }) => {
    shared.cells[1]?.setMetadata?.("tags", ["kept"]);
    const whole = shared.cells.map((cell) => cell.toJSON());
    const before = told();
    const { stood } = ask({
      changes: [
        { op: "delete", id: "a", was: "# A" },
        { op: "delete", id: "b", was: "b = 1" },
        { op: "move", id: "c", after: null },
      ],
    });
    assert.deepEqual(
      stood.map((/** @type {any} */ one) => [one.id, one.after, one.cell?.source, one.cut]),
      [
        ["a", null, "# A", false],
        ["b", "a", "b = 1", false],
        ["c", "b", undefined, undefined],
      ],
    );
    const back = stood.map((/** @type {any} */ { id, after, cell }) =>
      cell ? { op: "restore", id, after, cell } : { op: "move", id, after },
    );
    assert.equal(ask({ changes: back }).refused, undefined);
    assert.deepEqual(told(), before);
    assert.deepEqual(
      shared.cells.map((cell) => cell.toJSON()),
      whole,
    );
    assert.deepEqual(ask({ changes: [back[0]] }).refused, [{ id: "a", why: "there" }]);
    shared.undo();
    shared.undo();
    assert.deepEqual(told(), before);
  }));
