import assert from "node:assert/strict";
import { test } from "node:test";
import { block, openPanel, withPage } from "./chromium.js";

/** @typedef {import("../src/wire.js").Op} Op */

/** @type {(key: string, inner: string, before?: string | null) => Op} */
const insert = (key, inner, before = null) => ({
  op: "insert",
  key,
  before,
  html: block(key, inner),
});
/** @type {(key: string, inner: string) => Op} */
const replace = (key, inner) => ({ op: "replace", key, html: block(key, inner) });
/** @type {(id: string) => string} */
const CARD = (id) =>
  `<form data-cj-request="${id}"><button type="button" data-cj-choice="once">Allow</button></form>`;
const STREAM = "<div data-cj-settled></div><div data-cj-tail></div>";

/** Opens a panel that shows some blocks and remembers its elements under their keys in `window.kept`. */
const withBlocks =
  (/** @type {Op[]} */ ops, /** @type {(panel: Panel) => Promise<void>} */ act) => () =>
    withPage(async (page) => {
      const panel = await openPanel(page);
      await panel.batches(1, ops);
      await act(panel);
    });
/** @typedef {Awaited<ReturnType<typeof openPanel>>} Panel */

test(
  "blocks are inserted before others or at the end, replaced and removed",
  withBlocks([insert("b", "B"), insert("a", "A", "b"), insert("c", "C")], async (panel) => {
    assert.equal(await panel.text(), "ABC");
    await panel.batches(2, [replace("b", "2"), { op: "remove", key: "a" }]);
    assert.equal(await panel.html(), block("b", "2") + block("c", "C"));
    await panel.batches(3, [{ op: "remove", key: "c" }, insert("c", "C", "b")]);
    assert.equal(await panel.text(), "C2");
  }),
);

test(
  "header and footer are shown anew",
  withBlocks([{ op: "header", html: "<p>H</p>" }, insert("a", "A")], async (panel) => {
    await panel.batches(2, [
      { op: "header", html: "<p>H2</p>" },
      { op: "footer", html: "<i>F</i>" },
    ]);
    const shown = await panel.page.evaluate(() =>
      [...document.querySelectorAll(".cj-panel > *")].slice(0, 3).map((part) => part.textContent),
    );
    assert.deepEqual(shown, ["H2", "A", "F"]);
  }),
);

test(
  "streaming appends: settled html stays, the tail is drawn anew or grows",
  withBlocks([insert("a", STREAM)], async (panel) => {
    await panel.batches(2, [{ op: "settle", key: "a", html: "", tail: "<p>On" }]);
    await panel.batches(3, [{ op: "settle", key: "a", html: "<p>One.</p>", tail: "<p>Tw</p>" }]);
    await panel.batches(4, [
      { op: "text", key: "a", text: "o <b>&amp;" },
      { op: "text", key: "a", text: " more" },
    ]);
    assert.equal(
      await panel.html(),
      block(
        "a",
        '<div data-cj-settled=""><p>One.</p></div>' +
          '<div data-cj-tail=""><p>Two &lt;b&gt;&amp;amp; more</p></div>',
      ),
    );
  }),
);

test(
  "a snapshot shows its blocks, in its order, and nothing else",
  withBlocks([insert("a", "A"), insert("b", "B"), insert("c", "C")], async (panel) => {
    await panel.welcome({
      seq: 9,
      header: "h",
      footer: "f",
      blocks: ["d", "c", "a"].map((key) => ({ key, html: block(key, key) })),
    });
    assert.equal(await panel.text(), "dca");
  }),
);

test(
  "what the reader opened or closed stays so, whatever is sent anew",
  withBlocks(
    [
      insert("a", "<details><summary>one</summary>x</details>"),
      insert("b", "<details open><summary>two</summary>y</details>"),
    ],
    async (panel) => {
      const { page } = panel;
      await page.getByText("one").click();
      await page.getByText("two").click();
      await panel.batches(2, [
        replace("a", "<details><summary>one!</summary>x<p>more</details>"),
        replace("b", "<details open><summary>two!</summary>y</details>"),
      ]);
      const open = () =>
        page.evaluate(() => [...document.querySelectorAll("details")].map((each) => each.open));
      assert.deepEqual(await open(), [true, false]);
      await panel.welcome({
        seq: 3,
        blocks: [
          { key: "b", html: block("b", "<details open><summary>2</summary></details>") },
          {
            key: "a",
            html: block("a", "<section><details><summary>1</summary></details></section>"),
          },
        ],
      });
      assert.deepEqual(await open(), [false, true]);
    },
  ),
);

test(
  "what nobody touched opens and closes as the kernel says",
  withBlocks([insert("a", "<details open><summary>s</summary></details>")], async (panel) => {
    const open = () => panel.page.evaluate(() => document.querySelector("details")?.open);
    await panel.batches(2, [replace("a", "<details><summary>s</summary></details>")]);
    assert.equal(await open(), false);
    await panel.batches(3, [replace("a", "<details open><summary>s</summary></details>")]);
    assert.equal(await open(), true);
  }),
);

test(
  "a named fold keeps its state when others come before it",
  withBlocks(
    [insert("a", '<details data-cj-fold="out"><summary>out</summary></details>')],
    async (panel) => {
      await panel.page.getByText("out").click();
      await panel.batches(2, [
        replace(
          "a",
          "<details><summary>new</summary></details>" +
            '<details data-cj-fold="out"><summary>out</summary></details>',
        ),
      ]);
      const open = await panel.page.evaluate(() =>
        [...document.querySelectorAll("details")].map((each) => each.open),
      );
      assert.deepEqual(open, [false, true]);
    },
  ),
);

test(
  "focus, the typed text and the caret survive a replacement",
  withBlocks([insert("a", "<p>1</p><label>Why <input name=why></label>")], async (panel) => {
    const { page } = panel;
    await page.getByLabel("Why").fill("because");
    await page.evaluate(() => document.querySelector("input")?.setSelectionRange(2, 4));
    await panel.batches(2, [
      replace("a", "<h4>new</h4><p>2</p><label>Why <input name=why></label>"),
    ]);
    const kept = await page.evaluate(() => {
      const input = document.querySelector("input");
      return [
        document.activeElement === input,
        input?.value,
        input?.selectionStart,
        input?.selectionEnd,
      ];
    });
    assert.deepEqual(kept, [true, "because", 2, 4]);
    assert.match(await panel.text(), /^new2/);
  }),
);

test(
  "what goes before the focused field does not take the focus along",
  withBlocks([insert("a", "<h4>old</h4><p>1</p><label>Why <input></label>")], async (panel) => {
    await panel.page.getByLabel("Why").focus();
    await panel.batches(2, [replace("a", "<p>2</p><label>Why <input></label>")]);
    assert.equal(await panel.text(), "2Why ");
    assert.equal(
      await panel.page.getByLabel("Why").evaluate((input) => input === document.activeElement),
      true,
    );
  }),
);

test(
  "selected text stays selected while its block grows",
  withBlocks([insert("a", "<pre>first line\nsecond</pre>")], async (panel) => {
    await panel.page.evaluate(() => {
      const text = document.querySelector("pre")?.firstChild;
      if (text) getSelection()?.setBaseAndExtent(text, 0, text, 5);
    });
    await panel.batches(2, [replace("a", "<pre>first line\nsecond line\nthird</pre>")]);
    assert.equal(await panel.page.evaluate(() => String(getSelection())), "first");
  }),
);

test(
  "a scrolled output stays where it was",
  withBlocks(
    [insert("a", `<pre style="height:40px;overflow:auto">${"line\n".repeat(50)}</pre>`)],
    async (panel) => {
      await panel.page.evaluate(() => document.querySelector("pre")?.scrollTo(0, 123));
      await panel.batches(2, [
        replace("a", `<pre style="height:40px;overflow:auto">${"line\n".repeat(60)}</pre>`),
      ]);
      assert.equal(await panel.page.evaluate(() => document.querySelector("pre")?.scrollTop), 123);
    },
  ),
);

test(
  "when the focused card goes, the reader keeps their place in the page",
  withBlocks([insert("a", "<button>b</button>")], async (panel) => {
    await panel.page.getByRole("button").focus();
    await panel.batches(2, [{ op: "remove", key: "a" }]);
    assert.equal(
      await panel.page.evaluate(() => document.activeElement?.classList.contains("cj-panel")),
      true,
    );
  }),
);

test(
  "when the focused card goes, the next one that waits has the focus, and keeps it",
  withBlocks([insert("a", CARD("r1")), insert("b", CARD("r2"))], async (panel) => {
    await panel.page.getByRole("button").first().focus();
    await panel.batches(2, [{ op: "remove", key: "a" }]);
    const focused = () =>
      panel.page.evaluate(() => document.activeElement?.getAttribute("data-cj-request"));
    assert.equal(await focused(), "r2");
    await panel.batches(3, [replace("b", `<p>more</p>${CARD("r2")}`)]);
    await panel.drawn();
    assert.equal(await focused(), "r2");
  }),
);

test(
  "html is placed as it is, and nothing in it loads or runs while it is parsed",
  withBlocks([], async (panel) => {
    await panel.batches(2, [
      insert("a", "<script>window.ran = 1</script><img src=data:, alt=none><b>bold</b>"),
    ]);
    assert.equal(await panel.page.evaluate(() => "ran" in window), false);
    assert.equal(await panel.page.locator("b").count(), 1);
  }),
);

test("coalesced ops show the same page as the single ones", () =>
  withPage(async (page) => {
    const differences = await page.evaluate(async () => {
      // The modules themselves, as the bundle has them; the paths are the test server's.
      const [{ coalesce }, { showTranscript }] = await Promise.all(
        ["/src/coalesce.js", "/src/transcript.js"].map((path) => import(path)),
      );
      let seed = 7;
      const random = (/** @type {number} */ n) => {
        seed = (seed * 1103515245 + 12345) % 2147483648;
        return Math.floor((seed / 2147483648) * n);
      };
      const stream = (/** @type {string} */ key, /** @type {number} */ n) =>
        `<div data-cj-key="${key}"><details><summary>${n}</summary></details>` +
        `<p data-cj-settled>${n}</p><p data-cj-tail></p></div>`;
      /** @param {number} length */
      function randomOps(length) {
        /** @type {any[]} */
        const ops = [];
        /** @type {string[]} */
        const keys = [];
        for (let n = 0; n < length; n++) {
          const key = keys[random(keys.length)];
          const kind = random(9);
          if (!key || kind < 2) {
            const fresh = `k${random(6)}`;
            if (keys.includes(fresh)) continue;
            ops.push({ op: "insert", key: fresh, before: key ?? null, html: stream(fresh, n) });
            keys.push(fresh);
          } else if (kind === 2) {
            ops.push({ op: "remove", key });
            keys.splice(keys.indexOf(key), 1);
          } else if (kind === 3) ops.push({ op: "replace", key, html: stream(key, n) });
          else if (kind === 4)
            ops.push({ op: "settle", key, html: `<b>${n}</b>`, tail: `<i>${n}` });
          else if (kind === 5) ops.push({ op: n % 2 ? "header" : "footer", html: `<p>${n}</p>` });
          else if (kind === 6) {
            ops.push({ op: "state", running: true, waiting: n, ended: false, announce: `${n}.` });
          } else ops.push({ op: "text", key, text: ` t${n}` });
        }
        return ops;
      }
      /** @param {any[]} ops */
      function drawn(ops) {
        const slots = Object.fromEntries(
          ["header", "blocks", "footer"].map((name) => [name, document.createElement("div")]),
        );
        /** @type {any} */
        let last = null;
        const fits = showTranscript(slots, (/** @type {any} */ state) => {
          last = state;
        }).apply(ops);
        const html = Object.values(slots).map((slot) => slot.innerHTML);
        return JSON.stringify([fits, html, last?.waiting]);
      }
      const found = [];
      let shorter = 0;
      for (let run = 0; run < 300; run++) {
        const ops = randomOps(40);
        const fewer = coalesce(ops);
        shorter += ops.length - fewer.length;
        if (drawn(ops) !== drawn(fewer)) found.push(ops);
      }
      return { found: found.slice(0, 1), shorter };
    });
    assert.deepEqual(differences.found, []);
    assert(differences.shorter > 100);
  }));

test("a fold that was opened and closed again stays closed", () =>
  withPage(async (page) => {
    const panel = await openPanel(page);
    const html = (/** @type {number} */ at) =>
      block("a", `<details><summary>Fold</summary>${at}</details>`);
    await panel.welcome({ blocks: [{ key: "a", html: html(0) }] });
    for (const [at, open] of [true, false, true].entries()) {
      await page.getByText("Fold").click();
      await panel.batches(at + 1, [{ op: "replace", key: "a", html: html(at + 1) }]);
      assert.equal(await page.evaluate(() => document.querySelector("details")?.open), open);
    }
  }));
