import assert from "node:assert/strict";
import { test } from "node:test";
import { build } from "esbuild";
import { withPage } from "./chromium.js";

/** html as the renderer makes it -> what is copied of it */
const CASES = {
  "<p>a <strong>b</strong> <em>c</em> <s>d</s> <code>e</code></p>": "a **b** *c* ~~d~~ `e`",
  "<h2>Two</h2>\n<p>x</p>": "## Two\n\nx",
  '<pre class="cj-code cj-lang-python"><code><span class="cj-k">if</span> x:\n    ```\n</code></pre>':
    "````python\nif x:\n    ```\n````",
  "<p><code>a`b</code></p>": "``a`b``",
  '<ul>\n<li class="cj-task">☑ done</li>\n<li class="cj-task">☐ to do</li>\n</ul>':
    "- [x] done\n- [ ] to do",
  '<ol start="3">\n<li>\n<p>a</p>\n<pre class="cj-code"><code>x\n</code></pre>\n</li>\n</ol>':
    "3. a\n\n   ```\n   x\n   ```",
  "<blockquote>\n<p>a</p>\n<p>b</p>\n</blockquote>": "> a\n>\n> b",
  '<p><a href="https://e.org/">https://e.org/</a> <a href="https://e.org/x">x</a></p>':
    "https://e.org/ [x](https://e.org/x)",
  '<p>m: <span class="cj-math">$a_1$</span></p><div class="cj-math">$$\nb\n$$</div>':
    "m: $a_1$\n\n$$\nb\n$$",
};

test("what is copied of an answer is the Markdown that it was", () =>
  withPage(async (page) => {
    const built = await build({
      entryPoints: [new URL("../src/markdown.js", import.meta.url).pathname],
      bundle: true,
      format: "esm",
      write: false,
    });
    await page.evaluate(async (code) => {
      const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
      Object.assign(globalThis, { tested: await import(url) });
    }, built.outputFiles[0]?.text ?? "");
    for (const [html, markdown] of Object.entries(CASES)) {
      const copied = await page.evaluate((inner) => {
        const element = document.createElement("div");
        element.innerHTML = inner;
        return /** @type {any} */ (globalThis).tested?.markdownOf(element);
      }, html);
      assert.equal(copied, markdown);
    }
  }));
