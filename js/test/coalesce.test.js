import assert from "node:assert/strict";
import { test } from "node:test";
import { coalesce } from "../src/coalesce.js";

/** @typedef {import("../src/wire.js").Op} Op */

/** @type {(key: string, text: string) => Op} */
const text = (key, words) => ({ op: "text", key, text: words });
/** @type {(key: string, html: string) => Op} */
const replace = (key, html) => ({ op: "replace", key, html });
/** @type {(key: string, html: string) => Op} */
const settle = (key, html) => ({ op: "settle", key, html, tail: "" });
/** @type {(waiting: number, announce?: string) => Op} */
const state = (waiting, announce = "") => ({
  op: "state",
  running: true,
  waiting,
  ended: false,
  announce,
});

test("texts of one block become one text, also across other blocks", () => {
  const ops = [text("a", "1"), text("b", "x"), text("a", "2"), text("a", "3")];
  assert.deepEqual(coalesce(ops), [text("a", "123"), text("b", "x")]);
});

test("a replacement makes what was done to the block before moot", () => {
  const ops = [
    text("a", "1"),
    settle("a", "<p>"),
    replace("a", "old"),
    text("a", "2"),
    replace("a", "new"),
  ];
  assert.deepEqual(coalesce(ops), [replace("a", "new")]);
});

test("what comes after a replacement stays, in order", () => {
  const ops = [replace("a", "new"), text("a", "1"), settle("a", "<p>"), text("a", "2")];
  assert.deepEqual(coalesce(ops), ops);
});

test("the life of a block that went is not told, the next block of its key is", () => {
  /** @type {Op} */
  const remove = { op: "remove", key: "a" };
  /** @type {Op} */
  const insert = { op: "insert", key: "a", before: null, html: "anew" };
  assert.deepEqual(coalesce([text("a", "1"), replace("a", "x"), remove, insert, text("a", "2")]), [
    remove,
    insert,
    text("a", "2"),
  ]);
});

test("what is said to a block before it is inserted again is not joined to what comes after", () => {
  /** @type {Op} */
  const insert = { op: "insert", key: "a", before: null, html: "anew" };
  const ops = [text("a", "1"), insert, text("a", "2")];
  assert.deepEqual(coalesce(ops), ops);
});

test("of header, footer and state the last one counts, and every announcement", () => {
  /** @type {Op[]} */
  const ops = [
    { op: "header", html: "1" },
    state(1, "Codex asks."),
    { op: "footer", html: "1" },
    { op: "header", html: "2" },
    state(0),
    { op: "footer", html: "2" },
    state(2, "Codex asks again."),
  ];
  assert.deepEqual(coalesce(ops), [
    { op: "header", html: "2" },
    { op: "footer", html: "2" },
    state(2, "Codex asks. Codex asks again."),
  ]);
});

test("the list that came in is not changed", () => {
  const ops = [text("a", "1"), text("a", "2")];
  coalesce(ops);
  assert.deepEqual(ops, [text("a", "1"), text("a", "2")]);
});
