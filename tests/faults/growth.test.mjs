// When memory grows for the first time, V8 must deoptimize all code that relies on its address. V8 11 (Node 20) cannot
// deoptimize a compiled call into a module that returns an object: "Fatal error: unreachable code" ends the process. The
// loader avoids that: it calls `memory.grow(0)` right after it has started an instance.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("the process survives that memory grows at any moment", () => {
  const script = fileURLToPath(new URL("support/growth.mjs", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: "utf8" });
  assert.deepEqual([status, stdout], [0, "grown\n"], stderr);
});
