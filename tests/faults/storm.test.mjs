// 10,000 calls and 1,000 enumerations at once, with faults. Then half as many again: if they need more memory, the first
// ones left something behind. FAULT_SEED sets the first seed.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { virtualClock } from "../package/support/clock.mjs";
import { matchRunners } from "../package/support/package.mjs";
import { numbers } from "../package/support/seeded.mjs";
import { listeners, noUnhandledRejections, timers } from "../package/support/watch.mjs";
import { collect } from "./support/collect.mjs";
import { started, wasmMemory } from "./support/instances.mjs";
import { storm } from "./support/storm.mjs";

const SEED = Number(process.env.FAULT_SEED ?? 1);
const closing = noUnhandledRejections();
const warnings = [];
process.on("warning", ({ message }) => warnings.push(message));

matchRunners([], []);

suite("10,000 calls and 1,000 enumerations at once", () => {
  const clock = virtualClock();
  const { signal } = new AbortController();
  const left = [];

  /** Runs one storm to its end. Returns counts of what happened, and keeps no other reference to it. */
  async function weather(seed, share) {
    const { random } = Math;
    // The seed also decides the jitter.
    Math.random = numbers(seed);
    const { over, count, wrong, open, clients } = storm({
      clock,
      seed,
      calls: 10_000 * share,
      enumerations: 1_000 * share,
      signal,
    });
    try {
      await clock.until(over);
    } finally {
      Math.random = random;
    }
    assert.deepEqual(wrong.slice(0, 5), [], `${wrong.length} are wrong`);
    assert.equal(count.over, 0, "a server saw more than its limit");
    assert.equal(open(), 0, "a request stayed open");
    assert.equal(listeners(signal), 0, "an abort listener stayed");
    assert.ok(clients.every(({ rateLimit }) => rateLimit.queued === 0));
    // Only the test's own timers may remain: of aborts after the end of a call, and of late answers.
    await clock.pass(120_000);
    assert.equal(clock.timers(), 0, "a timer stayed");
    return count;
  }

  for (const [seed, share] of [
    [SEED, 1],
    [SEED + 1, 0.5],
  ]) {
    const calls = share === 1 ? "all calls" : "half of the calls again";
    test(`${calls}, seed ${seed}: every promise settles, every result is right, nothing stays open`, async (t) => {
      const count = await weather(seed, share);
      t.diagnostic(
        Object.entries(count)
          .map(([what, times]) => `${what}: ${times}`)
          .join(", "),
      );
      for (const fault of [
        "call right",
        "call aborted",
        "call timeout",
        "call rate_limited",
        "call connection_failed",
        "call invalid_response",
        "call server_error",
        "enumeration timeout",
        "enumeration complete: true",
        "changes",
      ]) {
        assert.ok(count[fault] > 10, `${fault}: ${count[fault]}`);
      }
      left.push([wasmMemory(), await collect()]);
    });
  }

  test("no memory is left behind, no second instance was needed, and nobody was warned", (t) => {
    const [[wasm, heap], [wasmAfter, heapAfter]] = left;
    t.diagnostic(`WebAssembly ${wasm} and then ${wasmAfter} bytes, heap ${heap} and then ${heapAfter}`);
    // Allow two pages: which sizes are needed at once is random.
    assert.ok(wasmAfter <= wasm + 131_072, `${wasmAfter - wasm} bytes more of WebAssembly memory`);
    assert.ok(heapAfter <= heap + 1_000_000, `${heapAfter - heap} bytes more`);
    assert.equal(started(), 1);
    assert.equal(timers(), 0);
    assert.deepEqual(warnings, []);
  });
});

closing();
