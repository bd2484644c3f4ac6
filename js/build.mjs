/**
 * Builds the page bundle: src/panel.js -> panel.js, src/panel.css -> panel.css, in codex_jupyter/static/.
 *
 * The transcript's own style sheet belongs to the renderer (codex_jupyter/render/transcript.css), because saved
 * notebooks carry it too; here it is only put in front of the panel's. `--watch` rebuilds when a file changes.
 */

import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

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
};

if (process.argv.includes("--watch")) {
  const context = await esbuild.context({ ...options, minify: false, logLevel: "info" });
  await context.watch();
} else {
  await esbuild.build(options);
}
