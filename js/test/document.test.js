import assert from "node:assert/strict";
import { test } from "node:test";
import { openPanel, snapshot, withPage } from "./chromium.js";

/**
 * Opens the notebook that JupyterLab would have.
 *
 * @param {import("playwright-core").Page} page
 * @param {{ id: string, type?: string, source?: string, count?: number | null, outputs?: object[] }[]} cells
 * @param {Record<string, unknown>} [spoilt] members of the context that are otherwise
 */
const openNotebook = (page, cells, spoilt = {}) =>
  page.evaluate(
    ([all, other]) => {
      const list = all.map(({ id, type = "code", source = "", count = null, outputs = [] }) => ({
        id,
        type,
        executionCount: count,
        sharedModel: { getSource: () => source },
        outputs: {
          length: outputs.length,
          get: (/** @type {number} */ at) => ({ toJSON: () => outputs[at] }),
        },
      }));
      const cells = { length: list.length, get: (/** @type {number} */ at) => list[at] };
      const context = { path: "a/n.ipynb", model: { cells }, ...other };
      Object.assign(globalThis.harness.model.widget_manager, { context });
    },
    /** @type {const} */ ([cells, spoilt]),
  );

/** A panel that was welcomed, and what it replies. @param {import("playwright-core").Page} page */
async function openAsked(page) {
  const panel = await openPanel(page);
  const [hello] = await panel.untilSent("hello", 1);
  await panel.say({ type: "welcome", view: hello.view, seq: 0 }, snapshot());
  let asked = 0;
  return {
    reaches: hello.reaches,
    /** @param {Record<string, unknown>} question @returns {Promise<any>} */
    async ask(question) {
      const id = `d${++asked}`;
      await panel.say({ type: "ask", view: "another", id: "d0", question });
      await panel.say({ type: "ask", view: hello.view, id, question });
      const replies = await panel.untilSent("replied", asked);
      assert.equal(replies.length, asked);
      const replied = replies.at(-1);
      assert.deepEqual([replied.id, replied.view, replied.key], [id, hello.view, hello.key]);
      return replied.reply;
    },
  };
}

test("cells are told in order, with what came out of them", () =>
  withPage(async (page) => {
    const output = { output_type: "stream", name: "stdout", text: ["a\n", "b"] };
    await openNotebook(page, [
      { id: "m", type: "markdown", source: "# A" },
      { id: "c", source: "f()", count: 3, outputs: [output] },
    ]);
    const { reaches, ask } = await openAsked(page);
    assert.equal(reaches, true);
    const reply = await ask({ kind: "read", from: 0, count: 50 });
    assert.deepEqual(
      [reply.path, reply.total, reply.active, reply.selected],
      ["a/n.ipynb", 2, -1, []],
    );
    const told = reply.cells.map((/** @type {any} */ cell) => [
      cell.index,
      cell.id,
      cell.kind,
      cell.source,
      cell.count,
    ]);
    assert.deepEqual(told, [
      [0, "m", "markdown", "# A", 0],
      [1, "c", "code", "f()", 3],
    ]);
    assert.equal(reply.cells[1].outputs[0].text, "a\nb");
  }));

test("a part is told, or the cells with these ids", () =>
  withPage(async (page) => {
    const cells = Array.from({ length: 9 }, (_, n) => ({ id: `c${n}` }));
    await openNotebook(page, cells);
    const { ask } = await openAsked(page);
    const reply = await ask({ kind: "read", from: 7, count: 50 });
    assert.deepEqual(
      reply.cells.map((/** @type {any} */ cell) => cell.id),
      ["c7", "c8"],
    );
    const chosen = await ask({ kind: "read", ids: ["c4", "c1", "nope"] });
    assert.deepEqual(
      chosen.cells.map((/** @type {any} */ cell) => cell.id),
      ["c1", "c4"],
    );
    assert.equal(chosen.total, 9);
  }));

test("long texts are cut, and images told as long as there is room", () =>
  withPage(async (page) => {
    const image = "i".repeat(5_000_000);
    const outputs = [
      { output_type: "stream", name: "stdout", text: "x".repeat(1_000_000) },
      {
        output_type: "display_data",
        data: { "image/png": image, "text/html": "<b>much</b>", "application/json": { a: 1 } },
      },
      { output_type: "display_data", data: { "image/png": image } },
      { output_type: "error", ename: "E", evalue: "v", traceback: ["one", "two"] },
    ];
    await openNotebook(page, [{ id: "c", source: "s".repeat(300_000), outputs }]);
    const { ask } = await openAsked(page);
    const [cell] = (await ask({ kind: "read", from: 0, count: 1 })).cells;
    assert.equal(cell.source.length + cell.left_out, 300_000);
    assert.equal(cell.outputs[0].text.length, 20_003);
    assert.equal(cell.outputs[1].data["image/png"].length, image.length);
    assert.deepEqual(
      [cell.outputs[1].data["text/html"], cell.outputs[1].data["application/json"]],
      ["", ""],
    );
    assert.equal(cell.outputs[2].data["image/png"], "");
    assert.deepEqual(cell.outputs[3].traceback, ["one\ntwo"]);
  }));

for (const [what, spoilt] of /** @type {[string, Record<string, unknown>][]} */ ([
  ["no cells", { model: {} }],
  ["no model", { model: undefined }],
  ["no path", { path: undefined }],
  ["cells without a source", {}],
  ["a notebook that was closed", { isDisposed: true }],
]))
  test(`a page with ${what} reaches no notebook, and says so`, () =>
    withPage(async (page) => {
      await openNotebook(page, [{ id: "c" }], spoilt);
      if (what === "cells without a source")
        await page.evaluate(() => {
          const { context } = /** @type {any} */ (globalThis.harness.model.widget_manager);
          context.model.cells.get(0).sharedModel = {};
        });
      const { reaches, ask } = await openAsked(page);
      assert.equal(reaches, false);
      assert.match((await ask({ kind: "read", from: 0, count: 1 })).error, /closed/);
    }));

test("a question of another version is answered, and one that breaks the page too", () =>
  withPage(async (page) => {
    await openNotebook(page, [{ id: "c" }]);
    const { ask } = await openAsked(page);
    assert.match((await ask({ kind: "paint" })).error, /another version/);
    await page.evaluate(() => {
      const { context } = /** @type {any} */ (globalThis.harness.model.widget_manager);
      context.model.cells.length = 2; // and there is no second one
    });
    assert.match((await ask({ kind: "read", from: 1, count: 1 })).error, /failed/);
  }));
