import assert from "node:assert/strict";
import { test } from "node:test";
import { block, openPanel, withPage } from "./chromium.js";

/** @typedef {Awaited<ReturnType<typeof openPanel>>} Panel */

const NOON = Date.UTC(2026, 10, 21, 12);
const STOP = `<p><button data-cj-intent='{"kind":"stop"}'>Stop</button></p>`;
const BUTTONS = `
  <button type="button" data-cj-choice="once" data-cj-key-hint="a">Allow once</button>
  <button type="button" data-cj-choice="decline" data-cj-key-hint="d">Decline</button>
  <button type="button" data-cj-choice="always" data-cj-confirm="Every front end?">Always<kbd aria-hidden="true">w</kbd></button>`;
/** @type {(id: string, inner: string) => string} */
const card = (id, inner) =>
  block(`card-${id}`, `<form data-cj-request="${id}" method="dialog">${inner}</form>`);
const FIELDS = `
  <label><input type="radio" name="q" value="red"> red</label>
  <label><input type="radio" name="q" value="blue"> blue</label>
  <label>Or: <input type="text" name="q"></label>
  <label><input type="checkbox" name="many" value="x"> x</label>
  <label><input type="checkbox" name="many" value="y"> y</label>
  <label><input type="checkbox" name="sure" value="true"> sure</label>
  <label>Count <input type="number" step="any" name="count"></label>
  <label>Note <textarea name="note"></textarea></label>
  <label>Size <select name="size"><option value="">-</option><option>L</option></select></label>
  <label>Key <input type="password" name="key"></label>
  <button type="button" data-cj-choice="submit">Send</button>
  <button type="button" data-cj-choice="skip">Skip</button>`;

/**
 * Opens a welcomed panel that shows some html as footer, or as a block per card.
 *
 * @param {{ footer?: string, cards?: string[], clock?: number }} shown
 * @param {(panel: Panel) => Promise<void>} act
 */
const shows =
  ({ footer = "", cards = [], clock }, act) =>
  () =>
    withPage(
      async (page) => {
        const panel = await openPanel(page);
        const hello = (await panel.untilSent("hello"))[0];
        await panel.say(
          { type: "welcome", view: hello.view, seq: 0 },
          {
            type: "snapshot",
            seq: 0,
            header: "",
            footer,
            blocks: cards.map((html, at) => ({ key: `b${at}`, html })),
            state: { running: true, waiting: cards.length, ended: false },
          },
        );
        if (clock === undefined) await panel.drawn();
        else await page.clock.runFor(1000);
        await act(panel);
      },
      clock === undefined ? {} : { clock },
    );

/** @param {Panel} panel */
const intents = async (panel) => (await panel.sent("intent")).map(({ intent }) => intent);
/** @type {(panel: Panel, outcome: import("../src/wire.js").Outcome, message?: string) => Promise<void>} */
const acknowledge = async (panel, outcome, message = "") => {
  const { id } = (await panel.sent("intent")).at(-1);
  await panel.say({ type: "ack", id, outcome, message });
};

test(
  "Stop sends its intent and says so at once",
  shows({ footer: STOP }, async (panel) => {
    const stop = panel.page.getByRole("button");
    await stop.click();
    assert.equal(await stop.textContent(), "Stopping…");
    assert.equal(await stop.getAttribute("aria-disabled"), "true");
    const [sent] = await panel.sent("intent");
    assert.deepEqual(sent.intent, { kind: "stop" });
    assert.match(sent.id, /^[0-9a-f]{32}$/);
    assert.equal(sent.view, (await panel.sent("hello"))[0].view);
    // A second press is not a second intent, also when the footer came anew and the kernel has it.
    await panel.batches(1, [{ op: "footer", html: `<i>12 s</i>${STOP}` }]);
    await acknowledge(panel, "accepted");
    await stop.click({ force: true });
    assert.equal(await stop.textContent(), "Stopping…");
    assert.equal((await panel.sent("intent")).length, 1);
    await panel.batches(2, [{ op: "footer", html: "<i>stopped</i>" }]);
    assert.equal(await stop.count(), 0);
  }),
);

test(
  "an intent is sent again every second, under its id, until it is acknowledged",
  shows({ footer: STOP, clock: NOON }, async (panel) => {
    await panel.page.getByRole("button").click();
    await panel.page.clock.runFor(2100);
    const sent = await panel.sent("intent");
    assert.equal(sent.length, 3);
    assert.equal(new Set(sent.map(({ id }) => id)).size, 1);
    assert.equal(await panel.page.locator(".cj-control-note").count(), 0);

    await panel.page.clock.runFor(2000);
    assert.match(
      (await panel.page.locator(".cj-control-note").textContent()) ?? "",
      /has not answered yet/,
    );
    await acknowledge(panel, "accepted");
    await panel.page.clock.runFor(5000);
    assert.equal((await panel.sent("intent")).length, 5);
    assert.equal(await panel.page.locator(".cj-control-note").count(), 0);
    // Accepted, and yet it goes on: the button may be pressed again.
    await panel.page.clock.runFor(6000);
    assert.equal(await panel.page.getByRole("button").textContent(), "Stop");
  }),
);

test(
  "a refusal stands next to its button, which can be pressed again",
  shows({ footer: STOP }, async (panel) => {
    const stop = panel.page.getByRole("button");
    await stop.click();
    await acknowledge(panel, "refused", "The turn has ended.");
    assert.equal(
      await panel.page.locator("button + .cj-control-note").textContent(),
      "The turn has ended.",
    );
    assert.equal(await stop.textContent(), "Stop");
    await stop.click();
    assert.equal(await panel.page.locator(".cj-control-note").count(), 0);
    assert.equal((await panel.sent("intent")).length, 2);
    await acknowledge(panel, "refused", "Still ended.");
    await panel.batches(1, [{ op: "footer", html: "<p></p>" }]);
    assert.equal(await panel.page.locator(".cj-control-note").count(), 0);
  }),
);

test(
  "an acknowledgement of somebody else's intent changes nothing",
  shows({ footer: STOP }, async (panel) => {
    await panel.page.getByRole("button").click();
    await panel.say({ type: "ack", id: "theirs", outcome: "refused", message: "No." });
    assert.equal(await panel.page.getByRole("button").textContent(), "Stopping…");
  }),
);

test(
  "a choice of a card sends an answer",
  shows({ cards: [card("r1", BUTTONS), card("r2", BUTTONS)] }, async (panel) => {
    const second = panel.page.locator('[data-cj-request="r2"]');
    await second.getByText("Allow once").click();
    assert.deepEqual(await intents(panel), [
      { kind: "answer", request: "r2", choice: "once", values: {}, content: {} },
    ]);
    assert.equal(await second.locator(".cj-busy").textContent(), "Sent…");
    assert.equal(await second.locator('[aria-disabled="true"]').count(), 3);
    await second.getByText("Decline").click({ force: true });
    assert.equal((await panel.sent("intent")).length, 1);
    // The other card is free.
    await panel.page.locator('[data-cj-request="r1"]').getByText("Decline").click();
    assert.equal((await panel.sent("intent")).at(-1).intent.request, "r1");
  }),
);

test(
  "an answer that came too late says so where the card was",
  shows({ cards: [card("r1", BUTTONS)] }, async (panel) => {
    await panel.page.getByText("Allow once").click();
    await panel.batches(1, [
      { op: "replace", key: "b0", html: block("card-r1", "You declined in another tab.") },
    ]);
    await acknowledge(panel, "late", "Too late: answered by you, in another view.");
    await panel.page.locator(".cj-line-status", { hasText: "Too late" }).waitFor();
  }),
);

test(
  "what was filled in goes along, as strings and by type; the password leaves the page",
  shows({ cards: [card("r1", FIELDS)] }, async (panel) => {
    const { page } = panel;
    await page.getByLabel("blue").check();
    await page.getByLabel("Or:").fill("teal");
    await page.getByLabel("y", { exact: true }).check();
    await page.getByLabel("sure").check();
    await page.getByLabel("Count").fill("3.5");
    await page.getByLabel("Note").fill("two\nlines");
    await page.getByLabel("Size").selectOption("L");
    await page.getByLabel("Key").fill("sk-secret");
    await page.getByText("Send").click();
    const [{ values, content }] = await intents(panel);
    assert.deepEqual(values, {
      q: ["blue", "teal"],
      many: ["y"],
      sure: ["true"],
      count: ["3.5"],
      note: ["two\nlines"],
      size: ["L"],
      key: ["sk-secret"],
    });
    assert.deepEqual(content, {
      q: "blue",
      many: ["y"],
      sure: true,
      count: 3.5,
      note: "two\nlines",
      size: "L",
      key: "sk-secret",
    });
    assert.equal(await page.getByLabel("Key").inputValue(), "");
    assert.doesNotMatch(await page.content(), /sk-secret/);
  }),
);

test(
  "a field that was left alone is an empty list, and no content",
  shows({ cards: [card("r1", FIELDS)] }, async (panel) => {
    await panel.page.getByText("Skip").click();
    const [{ values, content }] = await intents(panel);
    assert.deepEqual(values, {
      q: [],
      many: [],
      sure: [],
      count: [],
      note: [],
      size: [],
      key: [],
    });
    assert.deepEqual(content, { many: [], sure: false });
  }),
);

test(
  "a required field is asked for before anything is sent, unless the person declines",
  shows(
    {
      cards: [
        card(
          "r1",
          `<input name="n" required aria-label="n">${BUTTONS}<button type="button" data-cj-choice="submit">Send</button>`,
        ),
      ],
    },
    async (panel) => {
      await panel.page.getByText("Send").click();
      assert.deepEqual(await intents(panel), []);
      assert.equal(
        await panel.page.getByRole("textbox").evaluate((e) => e === document.activeElement),
        true,
      );
      await panel.page.getByText("Decline").click();
      assert.equal((await intents(panel))[0].choice, "decline");
    },
  ),
);

test(
  "what lasts is asked for once more, with the focus on Cancel",
  shows({ cards: [card("r1", BUTTONS)] }, async (panel) => {
    const { page } = panel;
    const question = page.getByRole("group", { name: "Every front end?" });
    await page.getByText("Always").click();
    assert.equal(
      await question.getByText("Cancel").evaluate((e) => e === document.activeElement),
      true,
    );
    await page.keyboard.press("Enter");
    assert.equal(await question.count(), 0);
    assert.deepEqual(await intents(panel), []);

    await page.getByText("Always").click();
    await page.keyboard.press("Escape");
    assert.equal(await question.count(), 0);

    await page.getByText("Always").click();
    // The card may come anew meanwhile; the question stays.
    await panel.batches(1, [
      { op: "replace", key: "b0", html: card("r1", `<p>new</p>${BUTTONS}`) },
    ]);
    await question.getByText("Always", { exact: true }).click();
    assert.equal((await intents(panel))[0].choice, "always");
    assert.equal(await question.count(), 0);
  }),
);

test(
  "a question whose card went goes along, and nothing is sent",
  shows({ cards: [card("r1", BUTTONS)] }, async (panel) => {
    await panel.page.getByText("Always").click();
    await panel.batches(1, [{ op: "remove", key: "b0" }]);
    assert.equal(await panel.page.getByText("Every front end?").count(), 0);
    assert.deepEqual(await intents(panel), []);
  }),
);

test(
  "a letter presses its button only while one of the card's buttons has the focus",
  shows(
    { cards: [card("r1", `<p>what</p><input name="t" aria-label="t">${BUTTONS}`)] },
    async (panel) => {
      const { page } = panel;
      await page.keyboard.press("a");
      assert.deepEqual(await intents(panel), []);
      await page.getByRole("textbox").click();
      await page.keyboard.press("a");
      assert.equal(await page.getByRole("textbox").inputValue(), "a");
      await page.keyboard.press("Enter");
      assert.deepEqual(await intents(panel), []);
      // Text that was clicked is no control: the letters are the notebook's.
      await page.getByText("what").click();
      for (const key of ["a", "d", "x", "Enter", " "]) await page.keyboard.press(key);
      assert.deepEqual(await intents(panel), []);
      await page.getByRole("textbox").focus();
      await page.keyboard.press("Tab");
      for (const key of ["Control+a", "Meta+a", "Alt+a", "Shift+A", "z"])
        await page.keyboard.press(key);
      assert.deepEqual(await intents(panel), []);
      await page.keyboard.press("a");
      assert.equal((await intents(panel))[0].choice, "once");
      await page.keyboard.press("d");
      assert.equal((await intents(panel)).length, 1);
    },
  ),
);

test(
  "Enter in a field submits, Ctrl+Enter in a text area",
  shows({ cards: [card("r1", FIELDS)] }, async (panel) => {
    await panel.page.getByLabel("Note").press("Enter");
    assert.deepEqual(await intents(panel), []);
    await panel.page.getByLabel("Note").press("Control+Enter");
    assert.equal((await intents(panel))[0].choice, "submit");
    await acknowledge(panel, "refused", "Again, please.");
    assert.equal(
      await panel.page.locator("form > .cj-control-note").textContent(),
      "Again, please.",
    );
    await panel.page.getByLabel("Or:").press("Enter");
    assert.equal((await intents(panel)).length, 2);
  }),
);

test(
  "what a script presses is not what a person presses: only Stop is free to all",
  shows({ cards: [card("r1", BUTTONS)], footer: STOP }, async (panel) => {
    await panel.page.evaluate(() => {
      for (const button of document.querySelectorAll("button")) button.click();
      document
        .querySelector("form")
        ?.dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true }));
    });
    assert.deepEqual(await intents(panel), [{ kind: "stop" }]);
    assert.match(
      (await panel.page.locator("form > .cj-control-note").textContent()) ?? "",
      /a script pressed/,
    );
  }),
);

test(
  "a card that just appeared is not pressed by a click that was meant for something else",
  shows({ footer: STOP, clock: NOON }, async (panel) => {
    const { page } = panel;
    await panel.say({
      type: "batch",
      seq: 1,
      ops: [{ op: "insert", key: "b0", before: null, html: card("r1", BUTTONS) }],
    });
    await page.clock.runFor(50);
    const allow = page.getByText("Allow once");
    await allow.click({ force: true });
    assert.deepEqual(await intents(panel), []);
    await page.clock.runFor(400);
    await allow.click();
    assert.equal((await intents(panel)).length, 1);
  }),
);

test(
  "a button that comes under a pointer that lies still is not pressed by it, and by a second press it is",
  shows({ footer: STOP }, async (panel) => {
    const { page } = panel;
    await page.mouse.move(60, 60);
    await panel.batches(1, [
      {
        op: "insert",
        key: "b0",
        before: null,
        html: card(
          "r1",
          `<div class="here" style="position:fixed;left:20px;top:20px">${BUTTONS}</div>
          <style>.here button { width: 200px; height: 80px }</style>`,
        ),
      },
    ]);
    await page.waitForFunction(() => !document.querySelector("form[aria-disabled]"));
    await page.mouse.down();
    await page.mouse.up();
    assert.deepEqual(await intents(panel), []);
    assert.match((await page.locator(".cj-control-note").textContent()) ?? "", /just appeared/);
    await page.mouse.down();
    await page.mouse.up();
    assert.equal((await intents(panel)).length, 1);
  }),
);

test(
  "a press that began elsewhere, and one that ends elsewhere, answers nothing",
  shows({ cards: [card("r1", `<p>what</p>${BUTTONS}`)] }, async (panel) => {
    const { page } = panel;
    const allow = page.getByText("Allow once");
    await allow.hover();
    await page.getByText("what").hover();
    await page.mouse.down();
    await allow.hover();
    await page.mouse.up();
    await allow.hover();
    await page.mouse.down();
    await page.getByText("Decline").hover();
    await page.mouse.up();
    assert.deepEqual(await intents(panel), []);
    await allow.click();
    assert.equal((await intents(panel)).length, 1);
  }),
);

test(
  "the focus that a script moved lets no key answer; that of the person does",
  shows({ cards: [card("r1", BUTTONS)] }, async (panel) => {
    const { page } = panel;
    await page.waitForFunction(() => !document.querySelector("form[aria-disabled]"));
    for (const key of ["a", "d", "Enter", " "]) {
      await page.getByText("Allow once").evaluate((button) => button.blur());
      await page.getByText("Allow once").evaluate((button) => button.focus());
      await page.keyboard.press(key);
    }
    assert.deepEqual(await intents(panel), []);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    assert.equal((await intents(panel))[0].choice, "decline");
  }),
);

test(
  "a key that is held since before, and one of a word being composed, answers nothing",
  shows({ cards: [card("r1", BUTTONS)] }, async (panel) => {
    const { page } = panel;
    await page.waitForFunction(() => !document.querySelector("form[aria-disabled]"));
    for (const key of ["a", "Enter"]) {
      await page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).blur());
      await page.keyboard.down(key);
      await page.keyboard.down("Tab");
      await page.keyboard.up("Tab");
      await page.keyboard.down(key);
      await page.keyboard.down(key);
      await page.keyboard.up(key);
    }
    assert.deepEqual(await intents(panel), []);
    const session = await page.context().newCDPSession(page);
    const composed = {
      type: "rawKeyDown",
      key: "a",
      windowsVirtualKeyCode: 229,
      nativeVirtualKeyCode: 229,
    };
    await session.send("Input.dispatchKeyEvent", /** @type {any} */ (composed));
    assert.deepEqual(await intents(panel), []);
  }),
);

test(
  "any form sends its kind, its choice and its values",
  shows(
    {
      footer: `<form data-cj-form="login">
        <label>Key <input type="password" name="api_key" required></label>
        <label>Address <input name="url" data-cj-secret></label>
        <label><input type="checkbox" name="keep" value="machine"> keep</label>
        <button type="submit" data-cj-choice="api_key" data-cj-busy="Signing in…">Sign in</button>
        <button type="button" data-cj-intent='{"kind":"login","choice":"cancel"}'>Cancel</button></form>`,
    },
    async (panel) => {
      const { page } = panel;
      await page.getByText("Sign in").click();
      assert.deepEqual(await intents(panel), []);
      await page.getByLabel("Key").fill("sk-1");
      await page.getByLabel("Address").fill("http://localhost:1455/?code=c");
      await page.getByLabel("Key").press("Enter");
      assert.deepEqual(await intents(panel), [
        {
          kind: "login",
          choice: "api_key",
          values: { api_key: ["sk-1"], url: ["http://localhost:1455/?code=c"], keep: [] },
        },
      ]);
      assert.equal(await page.getByLabel("Key").inputValue(), "");
      assert.equal(await page.getByLabel("Address").inputValue(), "");
      assert.equal(await page.locator("button.cj-busy").textContent(), "Signing in…");
      // The form is under way: submitting it again by the key sends nothing.
      await page.getByLabel("Key").fill("sk-2");
      await page.getByLabel("Key").press("Enter");
      assert.equal((await intents(panel)).length, 1);
      assert.match(page.url(), /page\.html$/);
      await acknowledge(panel, "accepted");
    },
  ),
);

test(
  "the diff is shown and hidden, and stays so when the footer comes anew",
  shows(
    {
      footer: `<button data-cj-toggle="diff" aria-expanded="false">Diff</button>
        <div data-cj-panel="diff" hidden>+1</div>`,
    },
    async (panel) => {
      const diff = panel.page.getByText("+1");
      const button = panel.page.getByRole("button");
      assert.equal(await diff.isVisible(), false);
      await button.click();
      assert.equal(await diff.isVisible(), true);
      assert.equal(await button.getAttribute("aria-expanded"), "true");
      await panel.batches(1, [
        {
          op: "footer",
          html: `<button data-cj-toggle="diff" aria-expanded="false">Diff</button>
            <div data-cj-panel="diff" hidden>+1 −1</div>`,
        },
      ]);
      assert.equal(await panel.page.getByText("+1 −1").isVisible(), true);
      await button.click();
      assert.equal(await panel.page.getByText("+1 −1").isVisible(), false);
    },
  ),
);
