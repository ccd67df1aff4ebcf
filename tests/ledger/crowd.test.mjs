// Ten processes behind one address, on one ledger in a real Redis.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { crowd, now, startApi } from "./support/api.mjs";
import { STILL_MS, watchMachine } from "./support/machine.mjs";
import { SERVERS, settled, startRedis } from "./support/redis.mjs";

/** A tenth of the documented window: delays of a few milliseconds weigh ten times as much. */
const LIMIT = { requests: 40, windowMs: 1000 };
const ATTEMPTS = 3;

for (const program of SERVERS) {
  suite(program, { timeout: 300_000 }, () => {
    /** 10 processes make 100 calls each. However busy the machine is, all calls succeed, without a 429. */
    async function run() {
      const [api, redis] = await Promise.all([startApi(LIMIT), startRedis({ program })]);
      await settled(redis, LIMIT.windowMs);
      const processes = await crowd(10, { url: api.url, redis: redis.url, rateLimit: LIMIT });
      // The slots of the first calls are free again.
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

    test("10 processes × 100 calls all succeed without a 429, within 1.05 × the shortest possible time, and end together", async (t) => {
      // 40 calls start at once, the others in 24 more windows.
      const own = 24 * LIMIT.windowMs;
      let missed;
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const { took, stoodStillFor, lost, results } = await run();
        // From the end of the first process to the end of the last one.
        const last = results.map(({ ends }) => Math.max(...ends));
        const behind = Math.max(...last) - Math.min(...last);
        t.diagnostic(
          `${(took / own).toFixed(3)} × the limit's own time, ${Math.round(behind)} ms between the first process and the last; ` +
            `timers were late by ${Math.round(stoodStillFor)} ms, ${lost.length} losses of the ledger`,
        );
        if (took <= 1.05 * own && behind <= LIMIT.windowMs) return;
        if (stoodStillFor <= STILL_MS) missed = `${Math.round(took)} ms, ${Math.round(behind)} ms behind`;
      }
      // In an attempt in which the machine did nothing else.
      assert.equal(missed, undefined);
      t.diagnostic("the machine stood still in every attempt: the time was not judged");
    });
  });
}
