// Where memory grows for the first time, V8 must leave all code that counted on its place, and V8 11 (Node 20) cannot
// leave a compiled call into a module that gives an object: "Fatal error: unreachable code", the end of the process. A
// loader that grows memory by nothing (`memory.grow(0)`) right after it has started an instance has that behind it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("the process survives that memory grows at any moment", () => {
  const script = fileURLToPath(new URL("support/growth.mjs", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: "utf8" });
  assert.deepEqual([status, stdout], [0, "grown\n"], stderr);
});
