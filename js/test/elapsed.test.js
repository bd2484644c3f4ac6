import assert from "node:assert/strict";
import { test } from "node:test";
import { clockText } from "../src/elapsed.js";
import { openPanel, withPage } from "./chromium.js";

const NOON = Date.UTC(2026, 10, 21, 12);
/** @param {number} since */
const counter = (since) => `<span data-cj-elapsed="${since}"></span>`;

/** @param {string} key @param {string} html */
const block = (key, html) => `<div class="cj-block" data-cj-key="${key}">${html}</div>`;

test("time is told as a clock does, and never below zero", () => {
  /** @type {[number, string][]} */
  const told = [
    [-5000, "0:00"],
    [0, "0:00"],
    [14_999, "0:14"],
    [60_000, "1:00"],
    [3_599_000, "59:59"],
    [3_723_000, "1:02:03"],
  ];
  for (const [ms, text] of told) assert.equal(clockText(ms), text);
});

test("the seconds since then are counted", () =>
  withPage(
    async (page) => {
      const panel = await openPanel(page);
      await panel.say({
        type: "batch",
        seq: 1,
        ops: [{ op: "footer", html: counter(NOON - 10_000) }],
      });
      await page.clock.runFor(100);
      const counted = page.locator("[data-cj-elapsed]");
      assert.equal(await counted.textContent(), "0:10");
      await page.clock.runFor(5000);
      assert.equal(await counted.textContent(), "0:15");
    },
    { clock: NOON },
  ));

test("where the kernel's clock differs from the browser's, the kernel's counts", () =>
  withPage(
    async (page) => {
      const panel = await openPanel(page);
      const hello = (await panel.sent("hello"))[0];
      const now = NOON + 3_600_000;
      await panel.say(
        { type: "welcome", view: hello.view, seq: 0, now },
        { type: "batch", seq: 1, ops: [{ op: "footer", html: counter(now - 3000) }] },
      );
      await page.clock.runFor(100);
      assert.equal(await page.locator("[data-cj-elapsed]").textContent(), "0:03");
    },
    { clock: NOON },
  ));

test("the time that a device code has left is counted down to nothing and stays there", () =>
  withPage(
    async (page) => {
      const panel = await openPanel(page);
      const left = `<span data-cj-until="${NOON + 15 * 60_000}"></span>`;
      await panel.say({
        type: "batch",
        seq: 1,
        ops: [{ op: "insert", key: "login", before: null, html: block("login", left) }],
      });
      await page.clock.runFor(100);
      const counted = page.locator("[data-cj-until]");
      assert.match((await counted.textContent()) ?? "", /^(15:00|14:59)$/);
      await page.clock.runFor(61_000);
      assert.equal(await counted.textContent(), "13:58");
      await page.clock.runFor(13 * 60_000 + 50_000);
      assert.equal(await counted.textContent(), "0:08");
      await page.clock.runFor(60_000);
      assert.equal(await counted.textContent(), "0:00");
    },
    { clock: NOON },
  ));

test("a code's time is the kernel's, and a replaced code begins anew", () =>
  withPage(
    async (page) => {
      const panel = await openPanel(page);
      const hello = (await panel.sent("hello"))[0];
      const now = NOON - 3_600_000;
      /** @param {number} seconds */
      const code = (seconds) =>
        block("login", `<span data-cj-until="${now + seconds * 1000}"></span>`);
      await panel.say(
        { type: "welcome", view: hello.view, seq: 0, now },
        {
          type: "batch",
          seq: 1,
          ops: [{ op: "insert", key: "login", before: null, html: code(90) }],
        },
      );
      await page.clock.runFor(100);
      const counted = page.locator("[data-cj-until]");
      assert.match((await counted.textContent()) ?? "", /^1:(30|29)$/);
      await panel.say({
        type: "batch",
        seq: 2,
        ops: [{ op: "replace", key: "login", html: code(300) }],
      });
      await page.clock.runFor(1000);
      assert.match((await counted.textContent()) ?? "", /^4:5\d$/);
    },
    { clock: NOON },
  ));
