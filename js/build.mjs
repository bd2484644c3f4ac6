/**
 * Builds the page bundle: src/panel.js -> panel.js, src/panel.css -> panel.css, in codex_jupyter/static/.
 *
 * The transcript's own style sheet belongs to the renderer (codex_jupyter/render/transcript.css), because saved
 * notebooks carry it too; here it is only put in front of the panel's. `--watch` rebuilds when a file changes.
 */

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

/** @type {import("esbuild").Plugin} */
const absentStyle = {
  name: "absent-style",
  setup(build) {
    const path = fileURLToPath(new URL("../codex_jupyter/render/transcript.css", import.meta.url));
    build.onResolve({ filter: /transcript\.css$/ }, () =>
      existsSync(path) ? { path } : { path, namespace: "absent" },
    );
    build.onLoad({ filter: /.*/, namespace: "absent" }, () => ({ contents: "", loader: "css" }));
  },
};

/** @type {import("esbuild").BuildOptions} */
const options = {
  absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
  entryPoints: ["src/panel.js", "src/panel.css"],
  outdir: "../codex_jupyter/static",
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022", "chrome105", "firefox105", "safari16"],
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
  plugins: [absentStyle],
};

if (process.argv.includes("--watch")) {
  const context = await esbuild.context({ ...options, minify: false, logLevel: "info" });
  await context.watch();
} else {
  await esbuild.build(options);
}
