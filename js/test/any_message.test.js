import assert from "node:assert/strict";
import { test } from "node:test";
import { block, openPanel, snapshot, withPage } from "./chromium.js";

/** So many times the usual number of messages. */
const TIMES = Number(process.env.CODEX_JUPYTER_FUZZ ?? 1);
const MESSAGES = 1500 * TIMES;

/** Numbers that are the same in every run. @param {number} seed */
function numbers(seed) {
  let state = seed;
  return (/** @type {number} */ below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
}

const LIVE = "<img src=x onerror='globalThis.live=1'><script>globalThis.live=1</script>";
/** @type {unknown[]} */
const STRANGE = [
  ...[
    null,
    true,
    -1,
    0.5,
    1e300,
    2 ** 53,
    "1",
    "",
    LIVE,
    [],
    {},
    [null],
    { key: 1 },
    "__proto__",
    "constructor",
  ],
  ...["x".repeat(20_000), "\ud800", "\u202e\0", { toString: 1 }, [[[[]]]]],
]; // prettier-ignore

/** Messages as a kernel sends them, of which some are out of order, twice, of no known kind, or broken somewhere. */
function messages(/** @type {number} */ seed, /** @type {number} */ count) {
  const upTo = numbers(seed);
  /** @template T @param {readonly T[]} all @returns {T} */
  const one = (all) => /** @type {T} */ (all[upTo(all.length)]);
  const key = () => one(["a", "b", "c", "d"]);
  const state = () => ({
    running: upTo(2) === 0,
    waiting: upTo(3),
    ended: false,
    announce: one(["", LIVE]),
  });
  const slots = () => '<div data-cj-settled=""></div><div data-cj-tail=""></div>';
  const html = () => one([block(key(), "text"), block(key(), slots()), "", "text alone", "<p>"]);
  /** @type {(() => unknown)[]} */
  const ops = [
    () => ({ op: "insert", key: key(), before: one([null, "a", "zzz"]), html: html() }),
    () => ({ op: "replace", key: key(), html: html() }),
    () => ({ op: "remove", key: key() }),
    () => ({ op: "settle", key: key(), html: one(["", "<p>settled</p>"]), tail: "<p>tail</p>" }),
    () => ({ op: "text", key: key(), text: one(["word ", LIVE]) }),
    () => ({ op: "header", html: html() }),
    () => ({ op: "footer", html: html() }),
    () => ({ op: "state", ...state() }),
    () => ({ op: "dance", key: key() }),
    () => one(STRANGE),
  ];
  let seq = 0;
  const number = () => (upTo(4) ? ++seq : Math.max(0, seq + upTo(7) - 3));
  /** @type {(() => any)[]} */
  const kinds = [
    () => ({
      type: "batch",
      seq: number(),
      ops: Array.from({ length: upTo(4) }, () => one(ops)()),
    }),
    () => ({
      type: "batch",
      seq: number(),
      ops: Array.from({ length: upTo(4) }, () => one(ops)()),
    }),
    () =>
      snapshot({
        seq,
        blocks: [
          { key: "a", html: html() },
          { key: "b", html: html() },
        ],
        state: state(),
      }),
    () => ({ type: "welcome", view: one(["other", ""]), seq, now: upTo(9) }),
    () => ({
      type: "ack",
      id: one(["x", LIVE]),
      outcome: one(["accepted", "refused", LIVE]),
      message: LIVE,
    }),
    () => ({ type: one(["dance", "__proto__", ""]), seq }),
    () => one(STRANGE),
  ];
  /** One field, at any depth, is anything, or is not there. @param {any} value */
  const bend = (value) => {
    let held = value;
    for (;;) {
      const names = typeof held === "object" && held !== null ? Object.keys(held) : [];
      if (names.length === 0) return;
      const name = one(names);
      if (typeof held[name] === "object" && held[name] !== null && upTo(2)) held = held[name];
      else if (upTo(4)) {
        held[name] = one(STRANGE);
        return;
      } else {
        delete held[name];
        return;
      }
    }
  };
  return Array.from({ length: count }, () => {
    const made = structuredClone(one(kinds)());
    if (upTo(3) === 0) bend(made);
    return made;
  });
}

for (const seed of [1, 2, 3])
  test(`whatever the kernel says, nothing is thrown or runs, and a snapshot sets it right (${seed})`, () =>
    withPage(async (page) => {
      const panel = await openPanel(page);
      await panel.welcome();
      for (let done = 0; done < MESSAGES / 3; done += 50) {
        const said = messages(seed * 1_000_003 + done, 50);
        await panel.say(.../** @type {any[]} */ (said));
        await panel.drawn();
      }
      assert.equal(await page.evaluate(() => "live" in globalThis), false);
      const hello = (await panel.sent("hello")).at(-1);
      const whole = snapshot({
        seq: 1_000_000,
        blocks: [{ key: "z", html: block("z", "all is well") }],
      });
      await panel.say({ type: "welcome", view: hello.view, seq: 1_000_000 }, whole);
      await panel.drawn();
      assert.equal(await panel.text(), "all is well");
      await panel.say({
        type: "batch",
        seq: 1_000_001,
        ops: [{ op: "replace", key: "z", html: block("z", "and goes on") }],
      });
      await panel.drawn();
      assert.equal(await panel.text(), "and goes on");
    }));

test("a batch with something in it that is no op brings everything anew", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    await panel.welcome();
    const op = /** @type {any} */ ({ op: "insert", key: "a", before: null, html: block("a", "A") });
    await panel.say({ type: "batch", seq: 1, ops: [/** @type {any} */ (null), op] });
    await panel.drawn();
    assert.equal(await panel.text(), "A");
    await panel.untilSent("resync");
    await panel.say(snapshot({ seq: 1, blocks: [{ key: "a", html: block("a", "B") }] }));
    await panel.drawn();
    assert.equal(await panel.text(), "B");
  }));
