// A young collection frees everything that a call needed; nothing waits for the next full collection. An object with its
// own getter did wait, since its hidden class holds it: 2.7 kB per call, and over a quarter of the time of an empty call.
// Only entries of wasm-bindgen's finalization registry remain, two for each promise that Rust awaits.

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
