import assert from "node:assert/strict";
import { test } from "node:test";
import { block, openPanel, withPage } from "./chromium.js";

const COPY = (/** @type {string} */ text) => `<div class="cj-copy-of-here"><p>${text}</p></div>`;
/** One that the kernel keeps up to date while it sends the views nothing. */
const ALONE = (/** @type {string} */ text) =>
  `<div class="cj-copy-of-here cj-copy-alone"><p>${text}</p></div>`;
const COMMAND = block("a", "Live");

/**
 * An output as JupyterLab draws it, with this html.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} html
 */
const draw = (page, html) =>
  page.evaluate((inner) => {
    const area = document.createElement("div");
    area.className = "jp-OutputArea";
    area.innerHTML =
      '<div class="jp-OutputArea-child"><div class="jp-OutputArea-output"></div></div>';
    document.body.append(area);
    const output = area.querySelector(".jp-OutputArea-output");
    if (output) output.innerHTML = inner;
  }, html);

/** The same output renders something else. @type {(page: import("playwright-core").Page, html: string) => Promise<void>} */
const redraw = (page, html) =>
  page.evaluate((inner) => {
    const output = document.querySelector(".jp-OutputArea-output:not(.cj-cover)");
    if (output) output.innerHTML = inner;
  }, html);

/** What a reader finds, with what is hidden. @param {import("playwright-core").Page} page */
const everything = (page) => page.evaluate(() => (document.body.textContent ?? "").trim());

test("a view stands over a copy once it has something to show, and the copy is found no more", () =>
  withPage(async (page) => {
    const panel = await openPanel(page, { views: 0 });
    await draw(page, COPY("Copy"));
    const [hello] = await panel.untilSent("hello");
    assert.equal(hello.covers, true);
    assert.match(await everything(page), /Copy/);
    await panel.welcome({ blocks: [{ key: "a", html: COMMAND }] });
    assert.equal(await everything(page), "Live");
    await redraw(page, COPY("Copy, renewed"));
    await panel.drawn();
    assert.equal(await everything(page), "Live");
  }));

test("a view that the kernel does not reach gives way to the copy, until it draws again", () =>
  withPage(async (page) => {
    const panel = await openPanel(page, { views: 0 });
    await draw(page, COPY("Copy 0"));
    await panel.welcome({ blocks: [{ key: "a", html: COMMAND }] });
    for (const number of [1, 2]) {
      await redraw(page, COPY(`Copy ${number}`));
      await panel.drawn();
      assert.equal(await everything(page), "Live");
    }
    await redraw(page, COPY("Copy 3"));
    await page.getByText("Copy 3").waitFor();
    assert.equal(await page.getByText("Live").isVisible(), false);
    await redraw(page, COPY("Copy 4"));
    await page.getByText("Copy 4").waitFor();
    await panel.say({
      type: "batch",
      seq: 1,
      ops: [{ op: "replace", key: "a", html: block("a", "Live again") }],
    });
    await page.getByText("Live again").waitFor();
    assert.equal(await everything(page), "Live again");
    await redraw(page, COPY("Copy 5"));
    await panel.drawn();
    assert.equal(await everything(page), "Live again");
  }));

test("a view that heard of a change and has not drawn it yet stays, with what has the focus in it", () =>
  withPage(async (page) => {
    const panel = await openPanel(page, { views: 0 });
    await draw(page, COPY("Copy 0"));
    const card = '<form class="cj-card" data-cj-request="r"><button>Allow</button></form>';
    await panel.welcome({ blocks: [{ key: "a", html: block("a", card) }] });
    const button = page.getByRole("button", { name: "Allow" });
    await button.focus();
    await page.evaluate(() => {
      // A page under load: what comes is heard at once and drawn much later.
      window.requestAnimationFrame = (then) => /** @type {any} */ (setTimeout(then, 300));
    });
    for (const seq of [1, 2, 3, 4, 5]) {
      await panel.say({ type: "batch", seq, ops: [{ op: "footer", html: `${seq} s` }] });
      await redraw(page, COPY(`Copy ${seq}`));
    }
    assert.equal(await button.isVisible(), true);
    assert.equal(await button.evaluate((e) => e === document.activeElement), true);
  }));

test("what had the focus in a view that gave way to the copy has it again when the view is back", () =>
  withPage(async (page) => {
    const card = (/** @type {string} */ name) =>
      block(
        name,
        `<form class="cj-card" data-cj-request="${name}"><button>Allow ${name}</button></form>`,
      );
    const panel = await openPanel(page, { views: 0 });
    await draw(page, COPY("Copy 0"));
    await panel.welcome({ blocks: ["a", "b"].map((key) => ({ key, html: card(key) })) });
    await page.getByRole("button", { name: "Allow a" }).focus();
    for (const number of [1, 2, 3]) await redraw(page, COPY(`Copy ${number}`));
    await page.getByText("Copy 3").waitFor();
    await page.waitForFunction(() => document.activeElement === document.body);
    await panel.say({ type: "batch", seq: 1, ops: [{ op: "remove", key: "a" }] });
    await page.waitForFunction(
      () => document.activeElement?.getAttribute("data-cj-request") === "b",
    );

    // Who went elsewhere stays there.
    for (const number of [4, 5, 6]) await redraw(page, COPY(`Copy ${number}`));
    await page.getByText("Copy 6").waitFor();
    await page.evaluate(() => {
      document.body.insertAdjacentHTML("beforeend", "<input>");
      document.querySelector("input")?.focus();
    });
    await panel.say({ type: "batch", seq: 2, ops: [{ op: "replace", key: "b", html: card("b") }] });
    await page.getByRole("button", { name: "Allow b" }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), "INPUT");
  }));

test("a copy that says that the views are sent nothing is shown, and covered again by the next that does not", () =>
  withPage(async (page) => {
    const panel = await openPanel(page, { views: 0 });
    await draw(page, COPY("Copy"));
    await panel.welcome({ blocks: [{ key: "a", html: COMMAND }] });
    await redraw(page, ALONE("Alone"));
    await page.getByText("Alone").waitFor();
    assert.equal(await page.getByText("Live").isVisible(), false);
    await panel.batches(1, [{ op: "replace", key: "a", html: block("a", "Live, late") }]);
    assert.equal(await page.getByText("Alone").isVisible(), true);
    await redraw(page, COPY("Copy, with views"));
    await page.getByText("Live, late").waitFor();
    assert.equal(await everything(page), "Live, late");
  }));

test("a page that comes to such a copy says hello and shows the copy until there is another", () =>
  withPage(async (page) => {
    await draw(page, ALONE("Alone"));
    const panel = await openPanel(page, { views: 0 });
    await panel.welcome({ blocks: [{ key: "a", html: COMMAND }] });
    assert.equal(await page.getByText("Alone").isVisible(), true);
    await redraw(page, COPY("Copy"));
    await page.getByText("Live").waitFor();
    assert.equal(await everything(page), "Live");
  }));

test("a view that hears of each change stands over however many copies", () =>
  withPage(async (page) => {
    const panel = await openPanel(page, { views: 0 });
    await draw(page, COPY("Copy"));
    await panel.welcome({ blocks: [{ key: "a", html: COMMAND }] });
    for (let seq = 1; seq < 8; seq++) {
      const html = block("a", `Live ${seq}`);
      await panel.say({ type: "batch", seq, ops: [{ op: "replace", key: "a", html }] });
      await page.getByText(`Live ${seq}`).waitFor();
      await redraw(page, COPY(`Copy ${seq}`));
      await panel.drawn();
      assert.equal(await everything(page), `Live ${seq}`);
    }
  }));

test("a copy that is shown again is one that another output or the end replaces as ever", () =>
  withPage(async (page) => {
    const panel = await openPanel(page, { views: 0 });
    await draw(page, COPY("Copy"));
    await panel.welcome({ blocks: [{ key: "a", html: COMMAND }] });
    for (const number of [1, 2, 3]) {
      await redraw(page, COPY(`Copy ${number}`));
      await panel.drawn();
    }
    await redraw(page, "<p>The end</p>");
    await panel.untilSent("bye");
    assert.equal(await everything(page), "The end");
    assert.equal(await page.getByText("The end").isVisible(), true);
  }));

test("a page of known outputs says that it could cover a copy, before there is one", () =>
  withPage(async (page) => {
    await draw(page, "<p>another output</p>");
    const panel = await openPanel(page, { views: 0 });
    assert.deepEqual(await panel.sent("ready"), [{ type: "ready", covers: true }]);
  }));

test("what is no copy any more ends the view and is shown", () =>
  withPage(async (page) => {
    const panel = await openPanel(page, { views: 0 });
    await draw(page, COPY("Copy"));
    await panel.welcome({ blocks: [{ key: "a", html: COMMAND }] });
    await redraw(page, "<p>The end</p>");
    await panel.untilSent("bye");
    assert.equal(await everything(page), "The end");
    assert.equal(await page.getByText("The end").isVisible(), true);
  }));

test("a copy in two notebooks has a view in each; one that goes says so", () =>
  withPage(async (page) => {
    const panel = await openPanel(page, { views: 0 });
    await draw(page, COPY("Copy"));
    await draw(page, COPY("Copy"));
    const views = (await panel.untilSent("hello", 2)).map(({ view }) => view);
    assert.equal(new Set(views.slice(0, 2)).size, 2);
    await page.evaluate(() => document.querySelector(".jp-OutputArea-child")?.remove());
    const [bye] = await panel.untilSent("bye");
    assert.equal(bye.view, views[0]);
  }));

test("a cell that is moved keeps its view; one that is deleted does not", () =>
  withPage(async (page) => {
    const panel = await openPanel(page, { views: 0 });
    await draw(page, COPY("Copy"));
    await panel.welcome({ blocks: [{ key: "a", html: COMMAND }] });
    await page.evaluate(async () => {
      const area = document.querySelector(".jp-OutputArea");
      area?.remove();
      await new Promise((next) => setTimeout(next));
      if (area) document.body.prepend(area);
    });
    await panel.drawn();
    assert.equal(await everything(page), "Live");
    assert.deepEqual(await panel.sent("bye"), []);
    await page.evaluate(() => document.querySelector(".jp-OutputArea")?.remove());
    await panel.untilSent("bye");
  }));

test("another page's structure is left alone", () =>
  withPage(async (page) => {
    const panel = await openPanel(page, { views: 1 });
    await page.evaluate((html) => {
      document.body.insertAdjacentHTML("beforeend", html);
    }, COPY("Copy"));
    const [hello] = await panel.untilSent("hello");
    assert.equal(hello.covers, false);
    await panel.welcome({ blocks: [{ key: "a", html: COMMAND }] });
    assert.match(await everything(page), /Copy/);
  }));

test("a widget that is drawn before it is in the page says what it can do when it is", () =>
  withPage(async (page) => {
    const panel = await openPanel(page, { views: 0 });
    await page.evaluate(async () => {
      const child = document.createElement("div");
      child.className = "jp-OutputArea-child";
      document.body.append(child);
      const output = document.createElement("div");
      output.className = "jp-OutputArea-output";
      const el = document.createElement("div");
      output.append(el);
      globalThis.harness.widget.render({ model: globalThis.harness.model, el });
      await new Promise((next) => setTimeout(next));
      child.append(output);
    });
    const hellos = await panel.untilSent("hello");
    assert.equal(hellos[0].covers, true);
  }));

test("a model that ends gives the copy back", () =>
  withPage(async (page) => {
    const panel = await openPanel(page, { views: 0 });
    await draw(page, COPY("Copy"));
    await panel.welcome({ blocks: [{ key: "a", html: COMMAND }] });
    await page.evaluate(() => globalThis.harness.modelController.abort());
    assert.equal(await everything(page), "Copy");
    assert.equal(await page.getByText("Copy").isVisible(), true);
  }));

test("a view over a copy that lost the kernel says so", () =>
  withPage(async (page) => {
    const panel = await openPanel(page, { views: 0 });
    await draw(page, COPY("Copy"));
    await panel.welcome({ blocks: [{ key: "a", html: COMMAND }] });
    await page.evaluate(() => globalThis.harness.setLive(false));
    await page.getByText("The kernel was restarted or has ended").waitFor();
  }));

test("what the reader opened stays open in what takes the view's place, and what it is in is open", () =>
  withPage(async (page) => {
    const fold = (/** @type {string} */ title, /** @type {string} */ inner) =>
      `<details><summary><span>✓</span> <span class="cj-title">${title}</span></summary>${inner}</details>`;
    const panel = await openPanel(page, { views: 0 });
    await draw(page, COPY("Copy"));
    await panel.welcome({
      blocks: ["ls", "pwd"].map((title) => ({ key: title, html: block(title, fold(title, "x")) })),
    });
    await page.getByText("ls").click();
    const work = fold("Worked", fold("ls", "x") + fold("pwd", "x"));
    // As the panel says it, and then as the notebook keeps it.
    await panel.batches(1, [
      { op: "remove", key: "ls" },
      { op: "remove", key: "pwd" },
      { op: "insert", key: "work", before: null, html: block("work", work) },
    ]);
    const open = () =>
      page.evaluate(() => [...document.querySelectorAll("details")].map((details) => details.open));
    assert.deepEqual(await open(), [true, true, false]);
    await redraw(page, `<div class="cj">${work}</div>`);
    await panel.untilSent("bye");
    assert.deepEqual(await open(), [true, true, false]);
  }));

test("a model that has lost the kernel gives its place to one that has it", () =>
  withPage(async (page) => {
    const panel = await openPanel(page, { views: 0 });
    await page.evaluate(() => {
      globalThis.harness.model.broken = true; // its notebook was closed
    });
    // A second model of the panel, before or after the copy is there: here the first one sees it first.
    await draw(page, COPY("Copy"));
    await page.evaluate(async () => {
      const { harness } = globalThis;
      const model = Object.create(harness.model);
      model.on = harness.model.on.bind(harness.model);
      model.off = harness.model.off.bind(harness.model);
      model.send = (/** @type {any} */ content) => harness.model.sent.push(content);
      const widget = await harness.another();
      await widget.initialize({ model });
    });
    await panel.welcome({ blocks: [{ key: "a", html: COMMAND }] });
    assert.equal(await everything(page), "Live");
    assert.equal(await page.locator(".cj-cover").count(), 1);
  }));
