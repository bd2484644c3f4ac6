/**
 * The browser that the tests drive, and the page they drive it to. A real Chromium; nothing is downloaded.
 *
 * The page is served with a strict content security policy, the bundle is loaded from a blob as anywidget does it, and
 * the only thing made up is the model: the place where the page's world ends. Every test also fails on an error in the
 * page, on a request that leaves it, and on a violation of the policy.
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const ROOT = new URL("../", import.meta.url);
export const STATIC = new URL("../../codex_jupyter/static/", import.meta.url);
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const POLICY =
  "default-src 'none'; script-src 'self' blob:; connect-src 'self'; style-src 'unsafe-inline'; img-src data:";
const HOUR_MS = 3_600_000;
const TYPES = new Map([
  [".js", "text/javascript"],
  [".html", "text/html"],
]);

/** @typedef {import("../src/wire.js").KernelMessage} KernelMessage */
/** @typedef {import("../src/wire.js").PageMessage} PageMessage */
/** @typedef {import("playwright-core").Page} Page */

/** @returns {string} the path of the machine's Chromium; `CODEX_JUPYTER_CHROMIUM` names another */
function chromiumPath() {
  const name = process.env.CODEX_JUPYTER_CHROMIUM ?? "chromium";
  try {
    return execFileSync("sh", ["-c", 'command -v "$1"', "sh", name], { encoding: "utf8" }).trim();
  } catch {
    throw new Error(
      `These tests need Chromium, and there is no "${name}" here. ` +
        "On Debian: apt-get install chromium; or set CODEX_JUPYTER_CHROMIUM to one.",
    );
  }
}

/** Serves test/page.html, src/ and the built bundle from a port of its own. */
async function serve() {
  const server = createServer(async (request, response) => {
    const path = (request.url ?? "/").split("?")[0] ?? "/";
    const base = path.startsWith("/static/") ? STATIC : ROOT;
    try {
      const body = await readFile(new URL(path.replace(/^\/(static\/)?/, ""), base));
      response.setHeader("Content-Type", TYPES.get(extname(path)) ?? "text/plain; charset=utf-8");
      response.setHeader("Content-Security-Policy", POLICY);
      response.end(body);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", () => done(null)));
  const address = server.address();
  assert(address && typeof address === "object");
  return { server, origin: `http://127.0.0.1:${address.port}` };
}

/** Starts a browser and the page's server. */
async function start() {
  const { server, origin } = await serve();
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: FLAGS });
  return {
    browser,
    origin,
    async stop() {
      await browser.close();
      await new Promise((done) => server.close(done));
    },
  };
}

/** One browser serves all tests of this process; the first that needs it starts it. @type {ReturnType<typeof start> | undefined} */
let started;
function begun() {
  started ??= start();
  return started;
}
after(async () => (await started)?.stop());

/** @typedef {{ page: Page, complaints: string[] }} Tab */
/** Tabs that no test uses, by the options of their windows. @type {Map<string, Tab[]>} */
const idle = new Map();

/**
 * A tab in a window of its own.
 *
 * @param {import("playwright-core").BrowserContextOptions} options
 * @returns {Promise<Tab>}
 */
async function openTab(options) {
  const { browser, origin } = await begun();
  const page = await (await browser.newContext(options)).newPage();
  /** @type {string[]} */
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("console", (line) => {
    if (line.type() === "error" || line.type() === "warning") complaints.push(line.text());
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(blob|data):/.test(url)) complaints.push(`request: ${url}`);
  });
  return { page, complaints };
}

/**
 * Opens the empty page, runs the test in it, and fails if the page complained.
 *
 * The document is new. Its tab may be one that another test passed in: what a test does to the tab itself (a route, a
 * script for every page) would be there for the next, so it asks for options of its own.
 *
 * @param {(page: Page) => Promise<void>} test
 * @param {import("playwright-core").BrowserContextOptions & { clock?: number }} [options] `clock`: the time, standing still
 */
export async function withPage(test, { clock, ...options } = {}) {
  const { origin } = await begun();
  const kind = JSON.stringify([clock !== undefined, options]);
  const tab = idle.get(kind)?.pop() ?? (await openTab(options));
  const { page, complaints } = tab;
  let reusable = false;
  try {
    if (clock !== undefined) {
      // An installed clock still ticks; a paused one moves only when the test says so. One that a tab
      // already has is set back.
      await page.clock.install({ time: clock - HOUR_MS });
      await page.clock.pauseAt(clock);
    }
    await page.goto(`${origin}/test/page.html`);
    await test(page);
    assert.deepEqual(complaints, []);
    reusable = true;
  } finally {
    if (reusable) {
      // What the test left running ends here, and what it would complain of is the next one's no more.
      await page.goto("about:blank");
      complaints.length = 0;
      idle.set(kind, [...(idle.get(kind) ?? []), tab]);
    } else await page.context().close();
  }
}

/**
 * Opens a panel in the page: a model, and as many views as wanted.
 *
 * @param {Page} page
 * @param {{ views?: number }} [options]
 */
export async function openPanel(page, { views = 1 } = {}) {
  await page.evaluate(() => globalThis.harness.open());
  for (let view = 0; view < views; view++) await page.evaluate(() => globalThis.harness.addView());
  const panel = panelIn(page);
  return panel;
}

/** @param {Page} page */
export function panelIn(page) {
  return {
    page,

    /** The kernel says something. @param {KernelMessage[]} messages */
    async say(...messages) {
      await page.evaluate((said) => globalThis.harness.say(said), messages);
    },

    /** What the page sent so far. @param {PageMessage["type"]} type @returns {Promise<any[]>} */
    sent: (type) => page.evaluate((wanted) => globalThis.harness.sentOf(wanted), type),

    /** Waits until the page has sent so many of a kind. @param {PageMessage["type"]} type @param {number} count */
    async untilSent(type, count = 1) {
      await page.waitForFunction(
        ([wanted, many]) => globalThis.harness.sentOf(wanted).length >= Number(many),
        /** @type {[string, number]} */ ([type, count]),
      );
      return this.sent(type);
    },

    /** Answers the last hello: welcome and snapshot. @param {Partial<import("../src/wire.js").Snapshot>} [content] */
    async welcome(content = {}) {
      const hello = (await this.untilSent("hello")).at(-1);
      const whole = snapshot(content);
      await this.say({ type: "welcome", view: hello.view, seq: whole.seq }, whole);
      await this.drawn();
    },

    /** Batches, from a number on, until the page shows them. @param {number} seq @param {import("../src/wire.js").Op[][]} batches */
    async batches(seq, ...batches) {
      await this.say(
        ...batches.map((ops, at) => ({ type: /** @type {const} */ ("batch"), seq: seq + at, ops })),
      );
      await this.drawn();
    },

    /** Waits until the frame with everything that was said is drawn. */
    drawn: () =>
      page.evaluate(
        () =>
          new Promise((done) =>
            requestAnimationFrame(() => requestAnimationFrame(() => done(null))),
          ),
      ),

    /** The blocks' html, as the page shows it. */
    html: () => page.evaluate(() => document.querySelector(".cj-blocks")?.innerHTML ?? ""),

    /** The text of the blocks. */
    text: () => page.evaluate(() => document.querySelector(".cj-blocks")?.textContent ?? ""),
  };
}

/**
 * @param {Partial<import("../src/wire.js").Snapshot>} [content]
 * @returns {import("../src/wire.js").Snapshot}
 */
export function snapshot(content = {}) {
  return {
    type: "snapshot",
    seq: 0,
    header: "",
    blocks: [],
    footer: "",
    state: { running: true, waiting: 0, ended: false },
    ...content,
  };
}

/**
 * A block's html around some content.
 *
 * @param {string} key
 * @param {string} inner
 */
export function block(key, inner) {
  return `<div class="cj-block" data-cj-key="${key}">${inner}</div>`;
}

/** A file of the built bundle. @param {string} name */
export function bundlePath(name) {
  return fileURLToPath(new URL(name, STATIC));
}
