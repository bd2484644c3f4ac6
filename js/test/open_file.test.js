import assert from "node:assert/strict";
import { test } from "node:test";
import { block, withPage } from "./chromium.js";

/** @typedef {import("playwright-core").Page} Page */

/** @param {string} href @param {string} [text] */
const link = (href, text = href) => `<a class="cj-open" href="${href}">${text}</a>`;

/**
 * What the front end lends to a widget, and what it was asked to open.
 *
 * @param {Page} page
 * @param {string} path the notebook's
 */
const lend = (page, path) =>
  page.evaluate((notebook) => {
    /** @type {string[]} */
    const opened = [];
    Object.assign(globalThis, { opened });
    const handleLink = (
      /** @type {Element} */ node,
      /** @type {string} */ at,
      /** @type {string} */ id,
    ) => node.addEventListener("click", () => opened.push(at + id));
    Object.assign(globalThis.harness.model.widget_manager, {
      context: { path: notebook },
      rendermime: {
        linkHandler: { handleLink },
        resolver: { getDownloadUrl: async (/** @type {string} */ at) => `/test/${at}` },
      },
    });
  }, path);

/** @param {Page} page @returns {Promise<string[]>} */
const opened = (page) => page.evaluate(() => /** @type {any} */ (globalThis).opened);

/** @param {Page} page @param {string[]} links @param {string | null} notebook */
async function show(page, links, notebook) {
  await page.evaluate(() => globalThis.harness.open());
  if (notebook !== null) await lend(page, notebook);
  await page.evaluate(() => globalThis.harness.addView());
  const html = block("a", links.join(" "));
  await page.evaluate(
    (made) =>
      globalThis.harness.say([
        { type: "batch", seq: 1, ops: [{ op: "insert", key: "a", before: null, html: made }] },
      ]),
    html,
  );
  await page.getByText(">").first().waitFor();
}

test("a press opens the file below the server's folder, at its line; a script's does not", () =>
  withPage(async (page) => {
    await show(
      page,
      [link("page.html#line=3", ">one"), link("../test/page.html", ">two")],
      "nb/a.ipynb",
    );
    await page.evaluate(() => document.querySelector("a")?.click());
    await page.route("**/test/nb/page.html", (route) => route.fulfill({ body: "" }));
    await page.getByText(">one").click();
    await page.waitForFunction(() => /** @type {any} */ (globalThis).opened.length === 1);
    assert.deepEqual(await opened(page), ["nb/page.html#line=3"]);
    await page.route("**/test/test/page.html", (route) => route.fulfill({ body: "" }));
    await page.getByText(">two").press("Enter");
    await page.waitForFunction(() => /** @type {any} */ (globalThis).opened.length === 2);
    assert.deepEqual((await opened(page))[1], "test/page.html");
  }));

test("what is outside, or where nothing can be opened, is text", () =>
  withPage(async (page) => {
    const hostile = [
      "../../x.py",
      "../%2e%2e/x.py",
      "/etc/x.py",
      "//h/x.py",
      "javascript:1",
      "\\\\h\\x",
    ];
    await show(page, [link("a.py", ">"), ...hostile.map((each) => link(each))], "nb/a.ipynb");
    assert.deepEqual(
      await page.locator("a[href]").evaluateAll((all) => all.map((a) => a.getAttribute("href"))),
      ["a.py"],
    );
  }));

test("without a front end that opens files there are no links", () =>
  withPage(async (page) => {
    await show(page, [link("a.py", ">a")], null);
    assert.equal(await page.locator("a[href]").count(), 0);
    await page.getByText(">a").click();
  }));
