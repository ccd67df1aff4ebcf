// Out of stack, in a child process: if a promise is rejected at the very end of the stack, Node prints the whole source
// of the package to standard error, because Node's own handling of the rejection has no stack either.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("at the end of the stack, everything succeeds or says why it did not, and works again later", (t) => {
  const { NODE_TEST_CONTEXT, ...env } = process.env;
  const script = fileURLToPath(new URL("support/end-of-stack.mjs", import.meta.url));
  const { status, stdout } = spawnSync(process.execPath, ["--test-reporter=spec", script], {
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  // Leave out Node's own summary.
  assert.equal(status, 0, stdout.replace(/^[ℹ#] \w+ \d+$/gmu, ""));
  assert.match(stdout, /ℹ pass [1-9]/);
  t.diagnostic(/ℹ (\{.*)/.exec(stdout)?.[1]);
});
