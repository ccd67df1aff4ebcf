// Failures: processes that die, a Redis that stalls, restarts or fails over, wrong clocks. The emulator counts the
// requests: no process gets a 429, and none hangs.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { poll } from "../package/support/watch.mjs";
import { crowd, LIMIT, startApi } from "./support/api.mjs";
import { STILL_MS, watchMachine } from "./support/machine.mjs";
import { SERVERS, settled, startRedis } from "./support/redis.mjs";

/** How often a test may run, if it fails while the machine is busy with something else. */
const ATTEMPTS = 3;

function steady(name, run) {
  test(name, async (t) => {
    for (let attempt = 1; ; attempt += 1) {
      const machine = watchMachine();
      try {
        return await run();
      } catch (error) {
        const late = machine.stop();
        if (attempt === ATTEMPTS || late <= STILL_MS) throw error;
        t.diagnostic(`attempt ${attempt}: timers were late by ${Math.round(late)} ms, and ${error.message}`);
      } finally {
        machine.stop();
      }
    }
  });
}

/** Asserts that all calls succeeded, without a 429. */
async function allIsWell(api, results, count) {
  assert.deepEqual(
    results.flatMap(({ errors }) => errors),
    [],
  );
  assert.equal(results.flatMap(({ ends }) => ends).length, count);
  const { refused, maxStartsInWindow } = await api.stats();
  assert.equal(refused, 0);
  assert.ok(maxStartsInWindow <= LIMIT.requests, String(maxStartsInWindow));
}

const states = (processes) =>
  processes.map(({ events }) => events.filter(({ type }) => type === "ledger").map(({ state }) => state));

for (const program of SERVERS) {
  suite(program, { timeout: 120_000 }, () => {
    async function start(count, { each, ...args } = {}) {
      const [api, redis] = await Promise.all([startApi(), startRedis({ program, ...args })]);
      await settled(redis, LIMIT.windowMs);
      const processes = await crowd(count, { url: api.url, redis: redis.url, each, timeout: 2000 });
      const answered = (requests) =>
        poll(async () => (await api.stats()).requests >= requests, `${requests} requests`, 30_000);
      return { api, redis, processes, answered };
    }

    steady("after kill -9 of a process, the others continue, and its slots come free", async () => {
      const { api, redis, processes, answered } = await start(4);
      const calls = processes.map((each) => each.call(50));
      await answered(60);
      await processes[0].kill();
      await allIsWell(api, await Promise.all(calls.slice(1)), 150);
      const [slots] = await redis.admin.keys("*:slots");
      assert.ok((await redis.admin.zCard(slots)) <= LIMIT.requests);
    });

    steady("during DEBUG SLEEP all processes notice and wait, and then continue", async () => {
      const { api, redis, processes, answered } = await start(3);
      const calls = processes.map((each) => each.call(60));
      await answered(60);
      redis.admin.sendCommand(["DEBUG", "SLEEP", "3"]).catch(() => {});
      await allIsWell(api, await Promise.all(calls), 180);
      for (const own of states(processes)) assert.deepEqual(own.slice(-2), ["lost", "back"]);
    });

    steady("a restart that loses all data causes a pause of one window", async () => {
      const { api, redis, processes, answered } = await start(3);
      const calls = processes.map((each) => each.call(60));
      await answered(60);
      await redis.kill();
      await redis.start();
      await allIsWell(api, await Promise.all(calls), 180);
    });

    steady("the promotion of a replica causes a pause of one window", async () => {
      const { api, redis, processes, answered } = await start(3);
      const replica = await startRedis({ program, args: ["--replicaof", "127.0.0.1", redis.port] });
      await poll(
        async () => /master_link_status:up/.test(await replica.admin.info("replication")),
        "a replica",
        20_000,
      );
      const calls = processes.map((each) => each.call(60));
      await answered(60);
      // The replica takes over the address, as behind a load balancer.
      await redis.kill();
      await replica.admin.sendCommand(["REPLICAOF", "NO", "ONE"]);
      await replica.admin.sendCommand(["CONFIG", "SET", "port", String(redis.port)]);
      await allIsWell(api, await Promise.all(calls), 180);
    });

    steady("clocks an hour apart change nothing", async () => {
      const hour = 3_600_000;
      const each = (index) => ({ clockOffset: (index - 1) * hour });
      const { api, processes } = await start(3, { each });
      const calls = processes.map((one) => one.call(60));
      await allIsWell(api, await Promise.all(calls), 180);
    });

    steady(
      "without Redis each process keeps to its share and reports it, and returns to Redis by itself",
      async () => {
        const { api, redis, processes } = await start(2, { each: () => ({ ledger: { processes: 2 } }) });
        await redis.kill();
        // Long enough for the shares: after a pause of 12.5 s, each process may start 20 requests per window.
        await allIsWell(api, await Promise.all(processes.map((each) => each.call(30))), 60);
        for (const { events } of processes) {
          const { state, requests } = events.at(-1);
          assert.deepEqual({ state, requests }, { state: "lost", requests: 20 });
        }
        await redis.start();
        await poll(
          async () => {
            await Promise.all(processes.map((each) => each.call(1)));
            return states(processes).every((own) => own.at(-1) === "back");
          },
          "both back",
          20_000,
        );
        await allIsWell(api, await Promise.all(processes.map((each) => each.call(30))), 60);
      },
    );
  });
}
