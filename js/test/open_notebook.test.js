import assert from "node:assert/strict";
import { test } from "node:test";
import { openPanel, withPage } from "./chromium.js";

const CLOCK = { clock: Date.UTC(2026, 10, 21, 12) };
/** @param {number} number @param {string} id */
const copy = (number, id = "here") => `<div class="cj-copy-of-${id} cj-copy-${number}">then</div>`;

/**
 * Opens the notebook that JupyterLab would have: one cell for each list of outputs, given as their html.
 *
 * @param {import("playwright-core").Page} page
 * @param {string[][]} cells
 */
const openNotebook = (page, cells) =>
  page.evaluate((htmls) => {
    const areas = htmls.map((outputs) => ({
      all: outputs.map((html) => ({ type: "display_data", data: { "text/html": html } })),
      get length() {
        return this.all.length;
      },
      get(/** @type {number} */ at) {
        return this.all[at];
      },
      set(/** @type {number} */ at, /** @type {any} */ output) {
        this.all[at] = { type: output.output_type, data: output.data };
      },
    }));
    const list = {
      length: areas.length,
      get: (/** @type {number} */ at) => ({ outputs: areas[at] }),
    };
    Object.assign(globalThis.harness.model.widget_manager, { context: { model: { cells: list } } });
    Object.assign(globalThis, { areas });
  }, cells);

/** @param {import("playwright-core").Page} page */
const outputs = (page) =>
  page.evaluate(() =>
    /** @type {any} */ (globalThis).areas.map((/** @type {any} */ area) =>
      area.all.map((/** @type {any} */ output) => output.data["text/html"]),
    ),
  );

test("a notebook that did not get the newest copy asks for it and puts it there", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    const quoted = `<p>quoted: ${copy(1)}</p>`;
    await openNotebook(page, [["<p>other</p>"], [quoted, copy(1), copy(9, "another")]]);
    await panel.say({ type: "copied", number: 2 });
    await page.clock.runFor(400);
    const asked = await panel.sent("want_copy");
    assert.equal(asked.length, 1);
    assert.match(asked[0].key, /^[0-9a-f]{32}$/);
    const data = { "text/html": "<p>the end</p>", "text/plain": "the end" };
    await panel.say({ type: "copy", number: 2, data });
    assert.deepEqual(await outputs(page), [
      ["<p>other</p>"],
      [quoted, "<p>the end</p>", copy(9, "another")],
    ]);
    await panel.say({ type: "copied", number: 3 });
    await page.clock.runFor(400);
    assert.equal((await panel.sent("want_copy")).length, 1, "no copy is left");
  }, CLOCK));

test("a notebook that gets the kernel's own updates asks for nothing, and never goes back", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    await openNotebook(page, [[copy(3)]]);
    for (const number of [1, 2, 3]) await panel.say({ type: "copied", number });
    await page.clock.runFor(1000);
    assert.deepEqual(await panel.sent("want_copy"), []);
    await panel.say({ type: "copy", number: 2, data: { "text/html": copy(2) } });
    assert.deepEqual(await outputs(page), [[copy(3)]]);
  }, CLOCK));

test("a page without such a notebook has no copies", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    await panel.say({ type: "copied", number: 2 });
    await page.clock.runFor(1000);
    assert.deepEqual(await panel.sent("want_copy"), []);
  }, CLOCK));
