// What a call needed is gone when it is over: it does not become old, waiting for the next full collection. An object with
// a getter of its own did, since its shape holds it: 2.7 kB a call, and over a quarter of the time of an empty one. What is
// left are entries of wasm-bindgen's finalization registry, two for each promise that Rust awaits.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { home } from "../package/support/package.mjs";

test("a call leaves nothing behind that only a full collection frees", () => {
  const script = fileURLToPath(new URL("support/garbage.mjs", import.meta.url));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--expose-gc", script, join(home, "dist/index.js")],
    { encoding: "utf8" },
  );
  assert.equal(status, 0, stderr);
  assert.ok(Number(stdout) < 2000, `${stdout.trim()} bytes a call`);
});
