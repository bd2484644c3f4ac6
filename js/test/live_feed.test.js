import assert from "node:assert/strict";
import { test } from "node:test";
import { block, openPanel, snapshot, withPage } from "./chromium.js";

const CLOCK = { clock: Date.UTC(2026, 10, 21, 12) };

/** @param {string} key @returns {import("../src/wire.js").Op} */
const insert = (key) => ({ op: "insert", key, before: null, html: block(key, key) });
/** @param {number} seq @param {string} key @returns {import("../src/wire.js").Batch} */
const batch = (seq, key) => ({ type: "batch", seq, ops: [insert(key)] });
/** What a view said, without the key that it made up. @param {Awaited<ReturnType<typeof openPanel>>} panel @param {import("../src/wire.js").PageMessage["type"]} type */
const keyless = async (panel, type) =>
  (await panel.sent(type)).map(({ key, ...rest }) => {
    assert.match(key, /^[0-9a-f]{32}$/);
    return rest;
  });
/** @param {string} key */
const shown = (key) => ({ key, html: block(key, key) });

test("a view says hello every 400 ms until it is welcomed", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    await page.clock.runFor(1300);
    const hellos = await panel.sent("hello");
    assert.equal(hellos.length, 4);
    assert.equal(new Set(hellos.map((hello) => hello.view)).size, 1);
    assert.equal(hellos[0].have, 0);
    assert.match(hellos[0].view, /^[0-9a-f]{32}$/);

    await panel.say({ type: "welcome", view: hellos[0].view, seq: 0 }, snapshot());
    await page.clock.runFor(10_000);
    assert.equal((await panel.sent("hello")).length, 4);
  }, CLOCK));

test("the key of a view is its own, and stands nowhere in the page", () =>
  withPage(async (page) => {
    const panel = await openPanel(page, { views: 2 });
    const hellos = await panel.untilSent("hello", 2);
    await panel.say({ type: "welcome", view: hellos[0].view, seq: 0 }, snapshot());
    await panel.drawn();
    const keys = new Set(hellos.map(({ key }) => key));
    assert.equal(keys.size, 2);
    const html = await page.content();
    for (const key of keys) assert.equal(html.includes(key), false);
  }));

test("the page says that it is ready before there is a view, and whether it could cover a copy", () =>
  withPage(async (page) => {
    const panel = await openPanel(page, { views: 0 });
    assert.deepEqual(await panel.sent("ready"), [{ type: "ready", covers: false }]);
    assert.deepEqual(await panel.sent("hello"), []);
  }));

test("another view's welcome is not ours", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    await panel.say({ type: "welcome", view: "somebody else", seq: 0 }, snapshot());
    await page.clock.runFor(500);
    assert.equal((await panel.sent("hello")).length, 2);
  }, CLOCK));

test("a kernel that stays silent is asked less and less often", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    await page.clock.runFor(600_000);
    const hellos = (await panel.sent("hello")).length;
    assert(hellos > 50 && hellos < 200, `${hellos} hellos in ten minutes`);
  }, CLOCK));

test("batches are shown before any welcome, when none is missing", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    await panel.batches(1, [insert("a")], [insert("b")]);
    assert.equal(await panel.text(), "ab");
    await panel.untilSent("hello", 2);
    assert.equal((await panel.sent("hello")).at(-1).have, 2);
  }));

test("what the kernel said before the view was there is shown", () =>
  withPage(async (page) => {
    const panel = await openPanel(page, { views: 0 });
    await panel.say(batch(1, "a"), batch(2, "b"));
    await page.evaluate(() => globalThis.harness.addView());
    await panel.say(batch(3, "c"));
    await panel.drawn();
    assert.equal(await panel.text(), "abc");
    assert.deepEqual(await panel.sent("resync"), []);
  }));

test("a snapshot before the view was there replaces what was before it", () =>
  withPage(async (page) => {
    const panel = await openPanel(page, { views: 0 });
    await panel.say(batch(1, "a"), snapshot({ seq: 7, blocks: [shown("b")] }), batch(8, "c"));
    await page.evaluate(() => globalThis.harness.addView());
    await panel.drawn();
    assert.equal(await panel.text(), "bc");
  }));

test("a repeated batch is shown once", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    await panel.welcome();
    await panel.say(batch(1, "a"), batch(1, "a"), batch(2, "b"), batch(1, "a"));
    await panel.drawn();
    assert.equal(await panel.text(), "ab");
  }));

test("a gap asks for a snapshot, once a second, until it comes", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    const { view } = (await panel.sent("hello"))[0];
    await panel.say({ type: "welcome", view, seq: 0 }, snapshot(), batch(1, "a"));
    await panel.say(batch(3, "c"), batch(4, "d"), batch(5, "e"));
    assert.deepEqual(await keyless(panel, "resync"), [{ type: "resync", view, have: 1 }]);
    await page.clock.runFor(2100);
    assert.equal((await panel.sent("resync")).length, 3);

    await panel.say(snapshot({ seq: 4, blocks: ["a", "b", "c", "d"].map(shown) }), batch(6, "f"));
    await page.clock.runFor(60_000);
    assert.equal(await panel.text(), "abcdef");
    assert.equal((await panel.sent("resync")).length, 3);
  }, CLOCK));

test("a gap that a late batch fills needs no snapshot any more", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    const { view } = (await panel.sent("hello"))[0];
    await panel.say({ type: "welcome", view, seq: 0 }, snapshot(), batch(2, "b"), batch(1, "a"));
    await page.clock.runFor(5000);
    assert.equal(await panel.text(), "ab");
    assert.equal((await panel.sent("resync")).length, 1);
  }, CLOCK));

test("a view in the middle of a turn waits for its snapshot without a resync", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    await panel.say(batch(57, "x"));
    await panel.drawn();
    assert.equal(await panel.text(), "");
    assert.deepEqual(await panel.sent("resync"), []);
    await panel.welcome({ seq: 56, blocks: [shown("a")] });
    assert.equal(await panel.text(), "ax");
  }));

test("a snapshot that got lost is asked for", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    const { view } = (await panel.sent("hello"))[0];
    await panel.say({ type: "welcome", view, seq: 9 });
    await page.clock.runFor(1100);
    assert.deepEqual(await keyless(panel, "resync"), [{ type: "resync", view, have: 0 }]);
  }, CLOCK));

test("an op that does not fit asks for a snapshot, but not for ever", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    const { view } = (await panel.sent("hello"))[0];
    await panel.say({ type: "welcome", view, seq: 0 }, snapshot());
    for (let seq = 1; seq < 20; seq++) {
      const { length } = await panel.sent("resync");
      await panel.say({ type: "batch", seq, ops: [{ op: "text", key: "nowhere", text: "x" }] });
      await page.clock.runFor(100);
      const asked = (await panel.sent("resync")).length > length;
      assert.equal(asked, seq <= 3, `batch ${seq}`);
      await panel.say(snapshot({ seq }));
      await page.clock.runFor(100);
    }
  }, CLOCK));

test("a view that has everything ignores the snapshot for another one", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    await panel.welcome();
    await panel.batches(1, [insert("a")]);
    await panel.say(snapshot({ seq: 1, blocks: [shown("elsewhere")] }));
    await panel.drawn();
    assert.equal(await panel.text(), "a");
  }));

test("the beat goes on every 2 s from the welcome until the turn has ended", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    const { view } = (await panel.sent("hello"))[0];
    await page.clock.runFor(3000);
    assert.deepEqual(await panel.sent("beat"), []);
    await panel.say({ type: "welcome", view, seq: 0 }, snapshot());
    await page.clock.runFor(6100);
    const beats = await keyless(panel, "beat");
    assert.equal(beats.length, 4);
    assert.deepEqual(beats[0], { type: "beat", view, hidden: false });

    const state = { op: /** @type {const} */ ("state"), running: false, waiting: 0, ended: true };
    await panel.say({ type: "batch", seq: 1, ops: [state] });
    await page.clock.runFor(10_000);
    assert.equal((await panel.sent("beat")).length, 4);
  }, CLOCK));

test("a page that is hidden says so at once", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    await panel.welcome();
    const { length } = await panel.sent("beat");
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { value: true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    const beats = await keyless(panel, "beat");
    assert(beats.length > length);
    assert.equal(beats.at(-1).hidden, true);
    // A hidden page draws no frames; what arrives is placed all the same.
    await panel.say(batch(1, "in the dark"));
    await page.waitForFunction(() => document.body.textContent?.includes("in the dark"));
  }));

test("a view that goes says bye", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    const { view } = (await panel.untilSent("hello"))[0];
    await page.evaluate(() => globalThis.harness.removeView(0));
    assert.deepEqual(await keyless(panel, "bye"), [{ type: "bye", view }]);
  }));

test("a quiet line says when nobody answers, and goes when somebody does", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    const line = page.locator(".cj-line-status").first();
    await page.clock.runFor(3000);
    assert.equal(await line.isVisible(), false);
    await page.clock.runFor(2000);
    assert.match((await line.textContent()) ?? "", /Not connected to the kernel/);
    await panel.say(batch(1, "a"));
    assert.match((await line.textContent()) ?? "", /when its cell has ended/);
    const { view } = (await panel.sent("hello"))[0];
    await panel.say({ type: "welcome", view, seq: 1 });
    assert.equal(await line.isVisible(), false);
  }, CLOCK));

test("a kernel that is gone is said, and greeted when it is back", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    await panel.welcome();
    await page.evaluate(() => globalThis.harness.setLive(false));
    await page.getByText("The kernel was restarted or has ended").waitFor();
    const hellos = (await panel.sent("hello")).length;
    await page.evaluate(() => globalThis.harness.setLive(true));
    await panel.untilSent("hello", hellos + 1);
    assert.equal(await page.locator(".cj-line-status").first().isVisible(), false);
  }));

test("a kernel that answers no beat is silent: nothing says any more that it works, until it is heard again", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    const { view } = (await panel.sent("hello"))[0];
    const footer = `<div class="cj-footer"><div class="cj-line">working <i data-cj-elapsed="0"></i><button>Stop</button></div></div>`;
    await panel.say({ type: "welcome", view, seq: 0 }, snapshot({ footer }));
    await page.clock.runFor(500);
    const stop = page.getByRole("button", { name: "Stop" });
    const line = page.locator(".cj-line-status").first();
    for (let beats = 0; beats < 20; beats++) {
      await page.clock.runFor(2000);
      await panel.say({ type: "heard", view, seq: 0 });
    }
    assert.equal(await stop.isVisible(), true);
    await page.clock.runFor(9000);
    assert.equal(await line.isVisible(), false);
    await page.clock.runFor(3000);
    assert.match(
      (await line.textContent()) ?? "",
      /Nothing heard from the kernel since \d\d:\d\d:\d\d/,
    );
    assert.equal(await stop.isVisible(), false);
    const counted = await page.locator("[data-cj-elapsed]").textContent();
    const beats = (await panel.sent("beat")).length;
    await page.clock.runFor(10_000);
    assert.equal(await page.locator("[data-cj-elapsed]").textContent(), counted);
    assert.equal((await panel.sent("beat")).length, beats + 5, "it goes on asking");
    await panel.say({ type: "heard", view, seq: 0 });
    assert.equal(await line.isVisible(), false);
    assert.equal(await stop.isVisible(), true);
  }, CLOCK));

test("a page that slept is no silent kernel", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    const { view } = (await panel.sent("hello"))[0];
    await panel.say({ type: "welcome", view, seq: 0 }, snapshot());
    await page.clock.runFor(3000);
    await page.clock.fastForward(3_600_000); // timers that were due run once
    assert.equal(await page.locator(".cj-line-status").first().isVisible(), false);
  }, CLOCK));

test("a last batch that was lost is missed when the next beat is answered", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    const { view } = (await panel.sent("hello"))[0];
    await panel.say({ type: "welcome", view, seq: 0 }, snapshot(), batch(1, "a"));
    await panel.say({ type: "heard", view, seq: 2 }, { type: "heard", view: "another", seq: 9 });
    await page.clock.runFor(900);
    assert.deepEqual(await panel.sent("resync"), []);
    await page.clock.runFor(200);
    assert.deepEqual(await keyless(panel, "resync"), [{ type: "resync", view, have: 1 }]);
    await panel.say(snapshot({ seq: 2, blocks: [shown("a"), shown("b")] }));
    await page.clock.runFor(5000);
    assert.equal(await panel.text(), "ab");
    assert.equal((await panel.sent("resync")).length, 1);
  }, CLOCK));
