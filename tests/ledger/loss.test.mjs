// What Redis can lose: the state, all data, its server, the right time. No request starts too early for that.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

import { home } from "../package/support/package.mjs";
import { poll } from "../package/support/watch.mjs";
import { connect } from "./support/clients.mjs";
import { SERVERS, settled, startRedis } from "./support/redis.mjs";

const { redisLedger } = await import(pathToFileURL(join(home, "dist/redis.js")));

const ORIGIN = "https://api.example";
const LEASE = { requests: 4, windowMs: 1_000, leaseMs: 11_000 };
const HOUR = 3_600_000;

let keys = 0;
/** An unused key. */
const fresh = () => `key-${(keys += 1)}`;

for (const program of SERVERS) {
  suite(program, { timeout: 60_000 }, () => {
    let redis, connection;
    before(async () => {
      redis = await startRedis({ program });
      connection = await connect("node-redis", redis.url);
      await settled(redis, LEASE.windowMs);
    });
    after(() => connection.close());

    const ledger = (key) => redisLedger(connection.client, { key });
    const acquire = (one, id, lease) => one.acquire(ORIGIN, { id, ...LEASE, ...lease });
    /** The name in Redis of one of the ledger's keys. */
    const nameOf = async (key, what) => (await redis.admin.keys(`*{${key} *:${what}`))[0];
    /** The requests that hold a slot. */
    const holders = async (key) =>
      (await redis.admin.zRange(await nameOf(key, "slots"), 0, -1)).map((member) => member.split(":").at(-1));
    /** Takes all slots. */
    async function fill(one) {
      for (const id of ["a", "b", "c", "d"]) assert.equal((await acquire(one, id)).granted, true);
    }
    /** Asks as a client does, until the request has a slot. */
    async function start(one, id, lease) {
      for (;;) {
        const { granted, retryInMs } = await acquire(one, id, lease);
        if (granted) return;
        await sleep(retryInMs);
      }
    }

    test("the state does not expire while it is in use", async () => {
      const key = fresh();
      const one = ledger(key);
      await fill(one);
      const state = await nameOf(key, "state");
      await redis.admin.pExpire(state, 60_000);
      assert.equal((await acquire(one, "e")).granted, false);
      assert.ok((await redis.admin.pTTL(state)) > 60_000);
    });

    test("without the state, slots still count", async () => {
      const key = fresh();
      const one = ledger(key);
      await fill(one);
      await redis.admin.del(await nameOf(key, "state"));
      assert.equal((await acquire(one, "e")).granted, false);
      assert.deepEqual((await holders(key)).sort(), ["a", "b", "c", "d"]);
    });

    test("on a server with the data of another, slots still count, unless they are by a wrong clock", async () => {
      const key = fresh();
      const one = ledger(key);
      await fill(one);
      const [state, slots] = [await nameOf(key, "state"), await nameOf(key, "slots")];
      await redis.admin.hSet(state, "server", "another");
      await redis.admin.zAdd(slots, { score: Date.now() + HOUR, value: "by a clock an hour ahead" });
      const { granted, startInMs } = await acquire(one, "e");
      assert.equal(granted, false);
      assert.ok(startInMs >= LEASE.windowMs, String(startInMs));
      assert.deepEqual((await holders(key)).sort(), ["a", "b", "c", "d"]);
    });

    test("after the clock went back, earlier waiters come first, and slots come free", async () => {
      const key = fresh();
      const [one, two] = [ledger(key), ledger(key)];
      const lease = { requests: 1, windowMs: 100, leaseMs: 300 };
      await acquire(one, "running", lease);
      const [state, slots] = [await nameOf(key, "state"), await nameOf(key, "slots")];
      // What commands leave behind whose clock was an hour ahead.
      const ahead = Date.now() + HOUR;
      await redis.admin.hSet(state, "served", String(ahead));
      await acquire(one, "early", lease);
      await redis.admin.hSet(state, "granted", String(ahead));
      await redis.admin.zAdd(slots, { score: ahead, value: "running" });

      const order = [];
      const serve = async (process, id) => {
        await start(process, id, lease);
        order.push(id);
        await process.settle(ORIGIN, id, { answered: true });
      };
      const late = Array.from({ length: 5 }, (_, index) => serve(two, `late ${index}`));
      await Promise.all([...late, serve(one, "early")]);
      // Processes take turns.
      assert.ok(order.indexOf("early") <= 1, String(order));
    });

    suite("after a restart without data", () => {
      let own, admin;
      before(async () => {
        own = await startRedis({ program });
        admin = await connect("node-redis", own.url);
      });
      after(async () => {
        admin.close();
        await own.stop();
      });

      /** Kills the server, and starts it again when `isTime()`. Returns when it was started. */
      async function restart(isTime = () => true) {
        await own.kill();
        await poll(isTime);
        const startedAt = performance.now();
        await own.start();
        await poll(() => admin.client.ping().catch(() => false), "the connection", 10_000);
        return startedAt;
      }

      test("an end that arrives before the first question holds its slot", async () => {
        const one = redisLedger(admin.client, { key: "ends" });
        await acquire(one, "a");
        await restart();
        await one.settle(ORIGIN, "a", { answered: true });
        await acquire(one, "b");
        const [slots] = await own.admin.keys("*{ends *:slots");
        assert.equal((await own.admin.zRange(slots, 0, -1)).length, 1);
      });

      test("the pause is not too short, although the uptime counts whole seconds", async () => {
        const windowMs = 10_000;
        const one = redisLedger(admin.client, { key: "uptime" });
        // Shortly before the clock's next second.
        const startedAt = await restart(() => Date.now() % 1000 > 850);
        const uptime = async () => /uptime_in_seconds:(\d+)/.exec(await own.admin.info("server"))[1];
        await poll(async () => (await uptime()) === "1", "the uptime");
        const askedAt = performance.now();
        const { startInMs } = await acquire(one, "a", { windowMs });
        assert.ok(askedAt + startInMs >= startedAt + windowMs, `${startInMs}`);
      });
    });
  });
}
