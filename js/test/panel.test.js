import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { test } from "node:test";
import { MARK } from "../src/title.js";
import { block, bundlePath, openPanel, snapshot, withPage } from "./chromium.js";

/** @typedef {import("../src/wire.js").Op} Op */

/** @type {(waiting: number, more?: Partial<import("../src/wire.js").State>) => Op} */
const state = (waiting, more = {}) => ({
  op: "state",
  running: true,
  waiting,
  ended: false,
  announce: "",
  ...more,
});

test("each file of the bundle is under 50 KB, and the bundle asks nobody for anything", async () => {
  for (const name of ["panel.js", "panel.css"]) {
    const { size } = await stat(bundlePath(name));
    assert(size > 0 && size < 50_000, `${name}: ${size} bytes`);
    const text = await readFile(bundlePath(name), "utf8");
    assert.doesNotMatch(text, /https?:|\beval\(|new Function|@import|sourceMappingURL/);
  }
});

test("several views of one model show the same, and one may go", () =>
  withPage(async (page) => {
    const panel = await openPanel(page, { views: 2 });
    await panel.say({
      type: "batch",
      seq: 1,
      ops: [{ op: "insert", key: "a", before: null, html: block("a", "A") }],
    });
    await panel.drawn();
    assert.equal(await page.getByText("A", { exact: true }).count(), 2);
    const views = (await panel.untilSent("hello", 2)).map(({ view }) => view);
    assert.equal(new Set(views).size, 2);
    await page.evaluate(() => globalThis.harness.removeView(0));
    await panel.say({
      type: "batch",
      seq: 2,
      ops: [{ op: "replace", key: "a", html: block("a", "B") }],
    });
    await panel.drawn();
    assert.equal(await page.getByText("B", { exact: true }).count(), 1);
  }));

test("a view that goes leaves no timer, no listener and no element behind", () =>
  withPage(async (page) => {
    const left = await page.evaluate(() => {
      const live = { timeouts: new Set(), intervals: new Set(), frames: new Set() };
      /** @type {any} */
      const global = globalThis;
      for (const [set, clear, kept] of /** @type {[string, string, Set<unknown>][]} */ ([
        ["setTimeout", "clearTimeout", live.timeouts],
        ["setInterval", "clearInterval", live.intervals],
        ["requestAnimationFrame", "cancelAnimationFrame", live.frames],
      ])) {
        const [start, stop] = [global[set], global[clear]];
        global[set] = (/** @type {() => void} */ work, /** @type {any[]} */ ...more) => {
          const id = start(
            () => {
              if (set !== "setInterval") kept.delete(id);
              work();
            },
            ...more,
          );
          kept.add(id);
          return id;
        };
        global[clear] = (/** @type {unknown} */ id) => {
          kept.delete(id);
          stop(id);
        };
      }
      let listeners = 0;
      // The driver listens to pointer events of its own.
      const ours = new Set(["visibilitychange", "pagehide"]);
      for (const target of [document, window]) {
        const { addEventListener, removeEventListener } = target;
        target.addEventListener = (/** @type {any[]} */ ...args) => {
          if (ours.has(args[0])) listeners++;
          Reflect.apply(addEventListener, target, args);
        };
        target.removeEventListener = (/** @type {any[]} */ ...args) => {
          if (ours.has(args[0])) listeners--;
          Reflect.apply(removeEventListener, target, args);
        };
      }
      global.left = () => [
        live.timeouts.size,
        live.intervals.size,
        live.frames.size,
        listeners,
        global.harness.model.listening,
        document.querySelectorAll(".cj-panel").length,
      ];
      return "counting";
    });
    assert.equal(left, "counting");
    const panel = await openPanel(page);
    // Everything that keeps time: a hello, a gap, an intent, a fresh card, a counter, a copy, a frame.
    await panel.welcome({
      footer: `<i data-cj-elapsed="0"></i><button data-cj-copy="x">Copy</button>
        <form data-cj-request="r"><button data-cj-choice="once">Allow</button></form>`,
      state: { running: true, waiting: 1, ended: false },
    });
    await page.getByText("Allow").click();
    await page.getByText("Copy").click();
    await panel.say({ type: "batch", seq: 7, ops: [] });
    const { id } = (await panel.sent("intent"))[0];
    await panel.say({ type: "ack", id, outcome: "accepted", message: "" });
    const counts = () => page.evaluate(() => /** @type {any} */ (globalThis).left());
    assert((await counts()).slice(0, 2).every((/** @type {number} */ count) => count > 0));

    const after = await page.evaluate(() => {
      globalThis.harness.say([{ type: "batch", seq: 1, ops: [] }]);
      globalThis.harness.removeView(0);
      return /** @type {any} */ (globalThis).left();
    });
    assert.deepEqual(after, [0, 0, 0, 0, 0, 0]);
    assert.equal(await page.title(), "churn.ipynb");
  }));

test("only the chosen sentences are announced, and an old one is not read again", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    const region = page.getByRole("status");
    await panel.welcome({
      state: { running: true, waiting: 0, ended: false, announce: "Long ago." },
      blocks: [{ key: "a", html: block("a", "<p data-cj-tail></p>") }],
    });
    assert.equal(await region.textContent(), "");
    assert.equal(await region.getAttribute("aria-live"), "polite");
    await panel.batches(
      1,
      [{ op: "text", key: "a", text: "tokens " }, state(1, { announce: "Codex asks: run ls." })],
      [{ op: "text", key: "a", text: "more tokens" }, state(1)],
    );
    assert.equal(await region.textContent(), "Codex asks: run ls.");
    await panel.batches(3, [state(1, { announce: "Codex asks: run ls." })]);
    assert.equal(await region.textContent(), "Codex asks: run ls.\u00a0");
  }));

test("the tab's title says that something waits, whatever else changes it", () =>
  withPage(async (page) => {
    const panel = await openPanel(page, { views: 2 });
    await panel.batches(1, [state(1)]);
    assert.equal(await page.title(), `${MARK}churn.ipynb`);
    await page.evaluate(() => {
      document.title = "other.ipynb";
    });
    await page.waitForFunction((mark) => document.title === `${mark}other.ipynb`, MARK);
    // One view goes, the other still waits.
    await page.evaluate(() => globalThis.harness.removeView(0));
    assert.equal(await page.title(), `${MARK}other.ipynb`);
    await panel.batches(2, [state(0)]);
    assert.equal(await page.title(), "other.ipynb");
  }));

test("a kernel that is gone waits for nobody", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    await panel.welcome({ state: { running: true, waiting: 1, ended: false } });
    assert.equal(await page.title(), `${MARK}churn.ipynb`);
    await page.evaluate(() => globalThis.harness.setLive(false));
    await page.waitForFunction(() => document.title === "churn.ipynb");
  }));

test("a press after the kernel is gone says that it was not delivered", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    await panel.welcome({
      footer: `<p><button data-cj-intent='{"kind":"stop"}'>Stop</button></p>`,
    });
    // The front end has not noticed yet.
    await page.evaluate(() => {
      globalThis.harness.model.broken = true;
    });
    await page.getByRole("button").click();
    await page
      .locator("button + .cj-control-note", { hasText: "this was not delivered" })
      .waitFor();
    assert.equal(await page.getByRole("button").textContent(), "Stop");
  }));

test("20,000 deltas in 353 batches leave the page responsive and arrive whole", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    await panel.welcome({
      blocks: [
        { key: "a", html: block("a", "<div data-cj-settled></div><div data-cj-tail></div>") },
      ],
    });
    const drawn = await page.evaluate(async () => {
      const deltas = Array.from({ length: 20_000 }, (_, at) => `d${at} `);
      const batches = Array.from({ length: 353 }, (_, at) => ({
        type: "batch",
        seq: at + 1,
        ops: deltas
          .slice(Math.ceil((at * 20_000) / 353), Math.ceil(((at + 1) * 20_000) / 353))
          .map((text) => ({ op: "text", key: "a", text })),
      }));
      const tail = document.querySelector("[data-cj-tail]");
      let changes = 0;
      const observer = new MutationObserver((records) => {
        changes += records.length;
      });
      if (tail) observer.observe(tail, { childList: true, characterData: true, subtree: true });
      globalThis.harness.say(batches);
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      return { changes, whole: tail?.textContent === deltas.join("") };
    });
    // All batches of a burst fall into one frame, and one frame changes the page once.
    assert.deepEqual(drawn, { changes: 1, whole: true });
  }));

test("a snapshot may come in the same frame as the batches around it", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    await panel.say(
      {
        type: "batch",
        seq: 1,
        ops: [{ op: "insert", key: "a", before: null, html: block("a", "A") }],
      },
      snapshot({ seq: 5, blocks: [{ key: "b", html: block("b", "B") }] }),
      {
        type: "batch",
        seq: 6,
        ops: [{ op: "insert", key: "c", before: "b", html: block("c", "C") }],
      },
    );
    await panel.drawn();
    assert.equal(await panel.text(), "CB");
  }));
