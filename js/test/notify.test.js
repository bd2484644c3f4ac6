import assert from "node:assert/strict";
import { test } from "node:test";
import { block, openPanel, withPage } from "./chromium.js";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("../src/wire.js").Op} Op */

const BUTTON = '<button type="button" class="cj-button" data-cj-notify="3">Notify me</button>';

/** @param {number} waiting @param {boolean} [ended] @returns {Op} */
const state = (waiting, ended = false) => ({
  op: "state",
  running: !ended,
  waiting,
  ended,
  announce: "",
});

/** @param {string} glyph @param {string} [more] @returns {Op} */
const footer = (glyph, more = "") => ({
  op: "footer",
  html: `<div class="cj-footer cj-${glyph}"><div class="cj-line">secret text ${more}</div></div>`,
});

/**
 * Records the notifications, and says whether the page is out of sight.
 *
 * @param {Page} page @param {string} [answer] what the person answers the browser
 */
const record = (page, answer = "granted") =>
  page.evaluate((given) => {
    /** @type {any} */
    const global = globalThis;
    global.shown = [];
    global.outOfSight = false;
    class Recorder {
      static permission = "default";
      static requestPermission = async () => {
        Recorder.permission = given;
        return given;
      };
      /** @param {string} title @param {object} options */
      constructor(title, options) {
        global.shown.push({ title, ...options });
        global.last = this;
      }
      close() {
        global.putAway = true;
      }
    }
    global.Notification = Recorder;
    Object.defineProperty(document, "hidden", { configurable: true, get: () => global.outOfSight });
  }, answer);

/** @param {Page} page @param {boolean} hidden */
const hide = (page, hidden) =>
  page.evaluate((out) => {
    /** @type {any} */ (globalThis).outOfSight = out;
  }, hidden);

/** @param {Page} page @returns {Promise<{ title: string, tag: string, body?: string }[]>} */
const shown = (page) => page.evaluate(() => /** @type {any} */ (globalThis).shown);

test("what was asked for is told, once, without a word of the turn, while the page is out of sight", () =>
  withPage(async (page) => {
    await record(page);
    const panel = await openPanel(page);
    await panel.welcome();
    await panel.batches(1, [footer("running", BUTTON), state(0)]);
    const button = page.getByRole("button", { name: "Notify me" });
    await hide(page, true);
    await panel.batches(2, [state(1)]);
    assert.deepEqual(await shown(page), [], "nobody asked for it");
    await panel.batches(3, [state(0)]);
    await hide(page, false);

    await page.evaluate(() => document.querySelector("button")?.click());
    assert.equal(await button.getAttribute("aria-pressed"), "false", "a script asks for nothing");
    await button.click();
    await page.locator("[aria-pressed=true]").waitFor();
    await panel.batches(4, [state(1)]);
    await panel.batches(5, [state(0)]);
    assert.deepEqual(await shown(page), [], "it is in sight");

    await hide(page, true);
    await panel.batches(6, [footer("running", `more ${BUTTON}`), state(1)]);
    await panel.batches(7, [state(0)]);
    await panel.batches(8, [footer("ok"), state(0, true)]);
    await panel.batches(9, [state(0, true)]);
    assert.deepEqual(await shown(page), [
      { title: "Codex: turn 3 waits for you", tag: "codex here" },
      { title: "Codex: turn 3 is done", tag: "codex here" },
    ]);
    const focused = await page.evaluate(() => {
      let asked = 0;
      window.focus = () => {
        asked += 1;
      };
      /** @type {any} */ (globalThis).last.onclick();
      return [asked, /** @type {any} */ (globalThis).putAway];
    });
    assert.deepEqual(focused, [1, true]);
  }));

test("the choice is kept for the next page, and a second click takes it back", () =>
  withPage(async (page) => {
    await record(page);
    const panel = await openPanel(page);
    await panel.welcome();
    await page.evaluate(() => {
      localStorage.setItem("codex_jupyter.notify", "on");
      /** @type {any} */ (Notification).permission = "granted";
    });
    await panel.batches(1, [footer("running", BUTTON), state(0)]);
    assert.equal(await page.locator("[aria-pressed=true]").count(), 1);
    await hide(page, true);
    await panel.batches(2, [footer("failed"), state(0, true)]);
    assert.deepEqual(
      (await shown(page)).map(({ title }) => title),
      ["Codex: turn 3 failed"],
    );
    await hide(page, false);
    await panel.batches(3, [footer("running", BUTTON)]);
    await page.getByRole("button", { name: "Notify me" }).click();
    assert.equal(await page.locator("[aria-pressed=false]").count(), 1);
    assert.equal(await page.evaluate(() => localStorage.getItem("codex_jupyter.notify")), null);
  }));

test("a page opened when all is over tells nothing, nor does a turn that a cell waits for", () =>
  withPage(async (page) => {
    await record(page);
    await page.evaluate(() => {
      localStorage.setItem("codex_jupyter.notify", "on");
      /** @type {any} */ (Notification).permission = "granted";
    });
    await hide(page, true);
    const panel = await openPanel(page);
    await panel.welcome({ blocks: [{ key: "a", html: block("a", "A") }] });
    await panel.batches(1, [state(1)], [footer("ok"), state(0, true)]);
    assert.deepEqual(await shown(page), []);
    await page.evaluate(() => localStorage.clear());
  }));

test("where the browser refuses, the panel says so", () =>
  withPage(async (page) => {
    await record(page, "denied");
    const panel = await openPanel(page);
    await panel.welcome();
    await panel.batches(1, [footer("running", BUTTON), state(0)]);
    await page.getByRole("button", { name: "Notify me" }).click();
    await page.getByText("The browser blocks notifications").waitFor();
    assert.equal(await page.locator("[aria-pressed=false]").count(), 1);
  }));
