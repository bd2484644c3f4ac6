import assert from "node:assert/strict";
import { test } from "node:test";
import { openPanel, withPage } from "./chromium.js";

const COPY = `<p><button data-cj-copy="">Copy<template>a &lt;b&gt;
c</template></button></p>`;

/** @param {import("playwright-core").Page} page */
async function panelWithCopy(page) {
  const panel = await openPanel(page);
  await panel.welcome({ footer: COPY });
  return panel;
}

test("Copy puts the template's text on the clipboard and says so", () =>
  withPage(
    async (page) => {
      await panelWithCopy(page);
      await page.getByRole("button").click();
      await page.getByRole("status").getByText("Copied").waitFor({ state: "attached" });
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "a <b>\nc");
      assert.equal(await page.getByRole("status").textContent(), "Copied");
    },
    { permissions: ["clipboard-read", "clipboard-write"] },
  ));

test("where there is no clipboard API the old way is taken, and the focus is given back", () =>
  withPage(
    async (page) => {
      await panelWithCopy(page);
      await page.evaluate(() => {
        const { clipboard } = navigator;
        Object.assign(globalThis, { real: clipboard });
        Object.defineProperty(navigator, "clipboard", { value: undefined });
      });
      await page.getByRole("button").click();
      await page.getByRole("status").getByText("Copied").waitFor({ state: "attached" });
      const copied = await page.evaluate(() =>
        /** @type {{ real: Clipboard }} */ (/** @type {unknown} */ (globalThis)).real.readText(),
      );
      assert.equal(copied, "a <b>\nc");
      assert.equal(
        await page.getByRole("button").evaluate((e) => e === document.activeElement),
        true,
      );
      assert.equal(await page.locator("textarea").count(), 0);
    },
    { permissions: ["clipboard-read", "clipboard-write"] },
  ));

test("a browser that refuses is said next to the button", () =>
  withPage(async (page) => {
    await panelWithCopy(page);
    await page.evaluate(() => {
      Object.defineProperty(navigator, "clipboard", { value: undefined });
      document.execCommand = () => false;
    });
    await page.getByRole("button").click();
    await page.getByText("select the text instead").waitFor();
  }));
