// 1,000 processes share a limit, with requests of every length, waiters that leave and processes that die. Each process
// has its own ledger; all ledgers share one connection. No window of the server ever holds more requests than allowed.

import assert from "node:assert/strict";
import { join } from "node:path";
import { suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

import { home } from "../package/support/package.mjs";
import { numbers } from "../package/support/seeded.mjs";
import { now } from "./support/api.mjs";
import { connect } from "./support/clients.mjs";
import { SERVERS, settled, startRedis } from "./support/redis.mjs";

const { redisLedger } = await import(pathToFileURL(join(home, "dist/redis.js")));

const PROCESSES = 1000;
const LIMIT = { requests: 200, windowMs: 500 };
const LEASE_MS = 1500;

/** The most requests in any window of the server, which counts each request somewhere between its start and end. */
function mostInAWindow(times) {
  times.sort((a, b) => a - b);
  let first = 0;
  let most = 0;
  for (let last = 0; last < times.length; last += 1) {
    // Two requests exactly one window apart are not in the same window.
    while (times[last] - times[first] >= LIMIT.windowMs) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

for (const program of SERVERS) {
  suite(program, { timeout: 120_000 }, () => {
    test("with 1,000 processes, no window holds more starts than allowed, and every call is served", async (t) => {
      const seed = Number(process.env.LEDGER_SEED) || 17;
      const random = numbers(seed);
      const redis = await startRedis({ program });
      await settled(redis, LIMIT.windowMs);
      const { client, close } = await connect("node-redis", redis.url);
      const counted = [];
      let served = 0;

      async function request(ledger, id, fate) {
        const { latency, at } = fate;
        for (let asked = 0; ; asked += 1) {
          const turn = await ledger.acquire("o", { id, ...LIMIT, leaseMs: LEASE_MS });
          if (turn.granted) break;
          if (fate.leaves && asked === 1) return ledger.abandon("o", id);
          if (fate.dies && asked === 1) return undefined;
          await sleep(turn.retryInMs);
        }
        const start = now();
        await sleep(latency);
        // If a process dies, nobody knows when its request ended.
        const end = fate.dies ? start + latency : now();
        counted.push(start + at * (end - start));
        served += 1;
        if (!fate.dies) await ledger.settle("o", id, { answered: true });
      }

      const all = Array.from({ length: PROCESSES }, async () => {
        const ledger = redisLedger(client, { key: "simulation" });
        const one = (id) => {
          const chance = random();
          return request(ledger, id, {
            latency: 1 + random() * 100,
            at: random(),
            leaves: chance < 0.1,
            dies: chance >= 0.1 && chance < 0.2,
          });
        };
        await Promise.all(["a", "b"].map(one));
      });
      await Promise.all(all);
      close();
      const most = mostInAWindow(counted);
      t.diagnostic(`seed ${seed}: ${served} of ${2 * PROCESSES} requests, at most ${most} in a window`);
      assert.ok(served > 1.5 * PROCESSES);
      assert.ok(most <= LIMIT.requests, String(most));
    });
  });
}
