/**
 * Every test file in one process, so that one browser serves them all. Alone, `node --test test/copy.test.js` runs one.
 */

import { readdir } from "node:fs/promises";

const files = await readdir(new URL(".", import.meta.url));
for (const file of files.filter((name) => name.endsWith(".test.js")).sort())
  await import(new URL(file, import.meta.url).href);
