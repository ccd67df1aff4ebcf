// A short run of `cargo xtask soak`: all kinds of calls at once on real sockets. FAULT_SEED sets the seed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { soak } from "./support/soak.mjs";

test("ten seconds of everything, with faults: no promise is broken", async (t) => {
  const { lines, broken, outcomes, faults } = await soak({
    seconds: 10,
    seed: Number(process.env.FAULT_SEED ?? 1),
  });
  for (const line of lines) t.diagnostic(line);
  assert.deepEqual(broken, []);
  assert.ok(faults > 5, `${faults} faults`);
  for (const kind of ["call", "enumeration", "watch"]) assert.ok(outcomes.get(kind)?.get("right") > 0, kind);
});
