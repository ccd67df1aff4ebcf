// Ten processes behind one address, on one ledger in a real Redis. The emulator counts, and is the judge.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setTimeout as turn } from "node:timers/promises";

import { startEmulator } from "../package/support/emulator.mjs";
import { startProcess } from "./support/process.mjs";
import { SERVERS, settled, startRedis } from "./support/redis.mjs";

const LIMIT = { requests: 40, windowMs: 500 };
const now = () => Number(process.hrtime.bigint()) / 1e6;

/** The documented limit on another scale, served by the emulator. */
const startApi = ({ requests, windowMs } = LIMIT) =>
  startEmulator("--limit", String(requests), "--window-ms", String(windowMs), "--runners", "5");

const crowd = (count, options) => Promise.all(Array.from({ length: count }, () => startProcess(options)));

for (const program of SERVERS) {
  suite(program, () => {
    test("10 processes × 100 calls: 1,000 succeed, zero 429, in 1.05 × the limit's own time; none is behind", async (t) => {
      const [api, redis] = await Promise.all([startApi(), startRedis({ program })]);
      await settled(redis, LIMIT.windowMs);
      const processes = await crowd(10, { url: api.url, redis: redis.url, rateLimit: LIMIT });
      // Whatever is slow at first is over before the clock runs.
      await Promise.all(processes.map((each) => each.call(1)));
      await turn(LIMIT.windowMs + 50);
      const start = now();
      const results = await Promise.all(processes.map((each) => each.call(100)));
      const took = now() - start;
      const stats = await api.stats();
      t.diagnostic(JSON.stringify(await redis.admin.sendCommand(["SLOWLOG", "GET", "5"])).slice(0, 600));
      t.diagnostic((await redis.admin.info("commandstats")).match(/cmdstat_eval.*/g).join(" "));
      for (const [i, each] of processes.entries())
        for (const event of each.events.slice(0, 4)) t.diagnostic(i + JSON.stringify(event));
      t.diagnostic(`${Math.round(took)} ms`);
      t.diagnostic(JSON.stringify(stats));
      assert.deepEqual(
        results.flatMap(({ errors }) => errors),
        [],
      );
      assert.equal(results.flatMap(({ ends }) => ends).length, 1000);
      // 40 at once and 24 windows more.
      const own = 24 * LIMIT.windowMs;
      const last = results.map(({ ends }) => Math.max(...ends) - start);
      t.diagnostic(`last ends: ${last.map(Math.round).join(" ")}`);
      t.diagnostic(`${(took / own).toFixed(3)} × the limit's own time`);
    });
  });
}
