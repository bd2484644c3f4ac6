// What test/harness.js puts on the tests' page.
declare var harness: import("./harness.js").Harness;
