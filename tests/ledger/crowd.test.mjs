// Ten processes behind one address, on one ledger in a real Redis.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { crowd, LIMIT, now, startApi } from "./support/api.mjs";
import { watchMachine } from "./support/machine.mjs";
import { SERVERS, settled, startRedis } from "./support/redis.mjs";

/** Timers that are later than this say that the machine is busy with something else. */
const STILL_MS = 50;
const ATTEMPTS = 3;

for (const program of SERVERS) {
  suite(program, { timeout: 300_000 }, () => {
    /** 10 processes make 100 calls each. Whatever the machine does, all succeed and nobody gets a 429. */
    async function run() {
      const [api, redis] = await Promise.all([startApi(), startRedis({ program })]);
      await settled(redis, LIMIT.windowMs);
      const processes = await crowd(10, { url: api.url, redis: redis.url });
      // What the first calls took is free again.
      await sleep(LIMIT.windowMs + 50);
      const machine = watchMachine();
      const start = now();
      const results = await Promise.all(processes.map((each) => each.call(100)));
      const took = now() - start;
      const stoodStillFor = machine.stop();
      assert.deepEqual(
        results.flatMap(({ errors }) => errors),
        [],
      );
      assert.equal(results.flatMap(({ ends }) => ends).length, 1000);
      const { refused, maxStartsInWindow } = await api.stats();
      assert.deepEqual({ refused, maxStartsInWindow }, { refused: 0, maxStartsInWindow: LIMIT.requests });
      const lost = processes.flatMap(({ events }) => events).filter(({ type }) => type === "ledger");
      await Promise.all(processes.map((each) => each.end()));
      await redis.stop();
      return { took, stoodStillFor, lost, results };
    }

    test("10 processes × 100 calls: all succeed, no 429, in 1.05 × the limit's own time, and nobody is behind", async (t) => {
      // 40 at once, and the others in 24 windows more.
      const own = 24 * LIMIT.windowMs;
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const { took, stoodStillFor, lost, results } = await run();
        // When each process has had so many answers: the spread between the processes.
        const spread = Math.max(
          ...Array.from({ length: 100 }, (_, index) => {
            const times = results.map(({ ends }) => ends[index]);
            return Math.max(...times) - Math.min(...times);
          }),
        );
        t.diagnostic(
          `${(took / own).toFixed(3)} × the limit's own time, ${Math.round(spread)} ms between the first and the last process; ` +
            `timers were late by ${Math.round(stoodStillFor)} ms, ${lost.length} losses of the ledger`,
        );
        if (took <= 1.05 * own && spread <= 2 * LIMIT.windowMs) return;
        if (stoodStillFor <= STILL_MS) {
          assert.ok(took <= 1.05 * own, `${took} ms`);
          assert.ok(spread <= 2 * LIMIT.windowMs, `${spread} ms`);
        }
      }
      t.diagnostic("the machine stood still in every attempt: the time was not judged");
    });
  });
}
