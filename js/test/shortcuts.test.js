import assert from "node:assert/strict";
import { test } from "node:test";
import { block, openPanel, withPage } from "./chromium.js";

const CARD = `<form data-cj-request="r1"><p>text of the card</p><input name="why" aria-label="Why">
  <button type="button" data-cj-choice="once">Allow</button></form>`;
const FOLD = "<details><summary>Worked</summary>lines</details><p>text</p>";
const STAYS = `<div class="jp-Cell" tabindex="0"><div class="jp-OutputArea-output">
  <div class="cj"><details><summary>Saved</summary>lines</details><a href="#there">there</a></div>
  <button>not of a transcript</button></div></div>`;

/**
 * A panel in a cell of a page that has shortcuts, as JupyterLab has them: `window.taken` is what it took.
 *
 * @param {string} html
 * @param {(panel: Awaited<ReturnType<typeof openPanel>>, taken: () => Promise<string[]>) => Promise<void>} act
 */
const withShortcuts = (html, act) => () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    await panel.batches(1, [
      { op: "insert", key: "a", before: null, html: block("a", html) },
      { op: "insert", key: "b", before: null, html: block("b", FOLD) },
    ]);
    await page.evaluate((stays) => {
      const output = document.querySelector(".jp-OutputArea-output");
      const cell = document.createElement("div");
      cell.className = "jp-Cell";
      cell.id = "own";
      cell.tabIndex = 0;
      output?.replaceWith(cell);
      if (output) cell.append(output);
      document.body.insertAdjacentHTML("beforeend", stays);
      const own = /** @type {any} */ (window);
      own.taken = [];
      document.addEventListener(
        "keydown",
        (event) => {
          const at = /** @type {Element} */ (event.target);
          if (!at.closest("[data-lm-suppress-shortcuts]")) own.taken.push(event.key);
        },
        true,
      );
    }, STAYS);
    await act(panel, () => page.evaluate(() => /** @type {any} */ (window).taken.splice(0)));
  });

test(
  "keys on a control of a transcript are no shortcuts of the notebook, whatever the kernel changes meanwhile",
  withShortcuts(CARD, async (panel, taken) => {
    const { page } = panel;
    const controls = [
      page.getByText("Worked"),
      page.getByLabel("Why"),
      page.getByRole("button", { name: "Allow" }),
      page.getByText("Saved"),
      page.getByRole("link"),
    ];
    for (const control of controls) {
      await control.focus();
      for (const key of ["d", "d", "b", "ArrowDown", "Shift+Enter", "Control+Enter", "0"])
        await page.keyboard.press(key);
    }
    assert.deepEqual(await taken(), []);
    await page.getByText("Worked").focus();
    await panel.batches(2, [{ op: "replace", key: "b", html: block("b", `<p>1</p>${FOLD}`) }]);
    await page.keyboard.press("d");
    assert.deepEqual(await taken(), []);
    // What is no control of a transcript is as it was.
    await page.getByRole("button", { name: "not of a transcript" }).press("d");
    await page.locator("#own").press("b");
    assert.deepEqual(await taken(), ["d", "b"]);
  }),
);

test(
  "saving is the notebook's from everywhere, and Escape leads to the cell",
  withShortcuts(CARD, async ({ page }, taken) => {
    await page.getByLabel("Why").press("Control+s");
    assert.deepEqual(await taken(), ["s"]);
    await page.getByLabel("Why").press("s");
    assert.deepEqual(await taken(), []);
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "own");
    await page.keyboard.press("ArrowDown");
    assert.deepEqual(await taken(), ["ArrowDown"]);
  }),
);

test(
  "text that was clicked leaves the keys to the notebook, unless a card waits that they may be meant for",
  withShortcuts(CARD, async (panel, taken) => {
    const { page } = panel;
    await page.getByText("text of the card").click();
    await page.keyboard.press("d");
    assert.deepEqual(await taken(), []);
    await page.getByLabel("Why").focus();
    await panel.batches(2, [{ op: "remove", key: "a" }]);
    // The card has gone from under the keys: another that was typed ahead does nothing.
    await page.keyboard.press("d");
    assert.deepEqual(await taken(), []);
    await page.getByText("text", { exact: true }).click();
    await page.getByText("Worked").focus();
    await page.getByText("text", { exact: true }).click();
    await page.keyboard.press("d");
    assert.deepEqual(await taken(), ["d"]);
  }),
);

test(
  "the focus of a panel that goes is the cell's",
  withShortcuts(CARD, async ({ page }) => {
    const goes = (/** @type {string} */ label) =>
      page.evaluate((to) => {
        if (to) /** @type {HTMLElement} */ (document.querySelector(to)).focus();
        globalThis.harness.removeView(0);
        return document.activeElement?.id;
      }, label);
    await page.getByLabel("Why").focus();
    assert.equal(await goes(""), "own");
  }),
);

test(
  "a panel that goes without the focus moves none",
  withShortcuts(CARD, async ({ page }) => {
    await page.getByLabel("Why").focus();
    await page.getByRole("button", { name: "not of a transcript" }).focus();
    const focused = await page.evaluate(() => {
      globalThis.harness.removeView(0);
      return document.activeElement?.textContent;
    });
    assert.equal(focused, "not of a transcript");
  }),
);

test(
  "keys that scroll are those of what scrolls and has the focus, all others the notebook's",
  withShortcuts(
    '<div class="cj-wide" tabindex="-1"><pre style="width: 9999px">wide</pre></div>',
    async ({ page }, taken) => {
      await page.locator(".cj-wide").evaluate((e) => {
        e.removeAttribute("tabindex");
        /** @type {HTMLElement} */ (e).style.overflow = "auto";
        /** @type {HTMLElement} */ (e).focus();
      });
      for (const key of ["ArrowRight", "End", " ", "b", "ArrowLeft", "d"])
        await page.keyboard.press(key);
      assert.deepEqual(await taken(), ["b", "d"]);
    },
  ),
);
