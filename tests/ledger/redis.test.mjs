// `redisLedger` alone: the decisions of its script, with every client and every server.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

import { home } from "../package/support/package.mjs";
import { CLIENTS, connect } from "./support/clients.mjs";
import { SERVERS, settled, startRedis } from "./support/redis.mjs";

const { redisLedger } = await import(pathToFileURL(join(home, "dist/redis.js")));

const ORIGIN = "https://api.example";
const LEASE = { requests: 4, windowMs: 10_000, leaseMs: 11_000 };
/** How long a reply may take, in milliseconds. */
const SLACK = 400;

let keys = 0;
/** An unused key. */
const fresh = () => `key-${(keys += 1)}`;

function near(actual, expected) {
  assert.ok(actual <= expected && actual > expected - SLACK, `${actual}, and not nearly ${expected}`);
}

for (const program of SERVERS) {
  suite(program, () => {
    let redis;
    before(async () => {
      redis = await startRedis({ program });
      await settled(redis, LEASE.windowMs);
    });

    for (const kind of CLIENTS) {
      suite(`with ${kind}`, () => {
        let connection;
        before(async () => void (connection = await connect(kind, redis.url)));
        after(() => connection.close());
        const ledger = (options) => redisLedger(connection.client, { key: fresh(), ...options });
        const acquire = (one, id, lease) => one.acquire(ORIGIN, { id, ...LEASE, ...lease });

        test("grants as many slots as a window has, and then says when to ask again", async () => {
          const one = ledger();
          for (const id of ["a", "b", "c", "d"]) {
            assert.deepEqual(await acquire(one, id), { granted: true, epoch: 0, processes: 1 });
          }
          const turn = await acquire(one, "e");
          const { retryInMs, startInMs, ...rest } = turn;
          assert.deepEqual(rest, { granted: false, reason: "rate_limit", processes: 1 });
          near(retryInMs, 10_000);
          near(startInMs, 10_000);
        });

        test("asks in one command", async () => {
          const counts = {};
          const counting = new Proxy(connection.client, {
            get(client, name) {
              const value = client[name];
              if (typeof value !== "function") return value;
              return (...given) => {
                counts[name] = (counts[name] ?? 0) + 1;
                return value.apply(client, given);
              };
            },
          });
          const one = redisLedger(counting, { key: fresh() });
          await acquire(one, "a");
          for (const name of Object.keys(counts)) delete counts[name];
          await acquire(one, "b");
          assert.deepEqual(Object.values(counts), [1]);
        });

        test("loads the script again if Redis has forgotten it", async () => {
          const one = ledger();
          await acquire(one, "a");
          await redis.admin.scriptFlush();
          assert.equal((await acquire(one, "b")).granted, true);
        });

        test("a slot comes free one window after its request is settled", async () => {
          const one = ledger();
          const lease = { requests: 1, windowMs: 300 };
          await acquire(one, "a", lease);
          await one.settle(ORIGIN, "a", { answered: true });
          const { retryInMs } = await acquire(one, "b", lease);
          near(retryInMs, 300);
          await sleep(retryInMs);
          assert.equal((await acquire(one, "b", lease)).granted, true);
        });

        test("a freeze applies to all processes with the same key, and to no others", async () => {
          const key = fresh();
          const [one, two] = [ledger({ key }), ledger({ key })];
          await one.freeze(ORIGIN, { forMs: 5000, epoch: 0 });
          const { reason, retryInMs } = await acquire(two, "a");
          assert.equal(reason, "cooldown");
          near(retryInMs, 5000);
          assert.equal((await acquire(ledger(), "a")).granted, true);
          assert.equal((await two.acquire("https://other.example", { id: "a", ...LEASE })).granted, true);
        });
      });
    }

    suite("by its script", () => {
      let connection;
      before(async () => void (connection = await connect("node-redis", redis.url)));
      after(() => connection.close());
      const ledger = (options) => redisLedger(connection.client, { key: fresh(), ...options });
      const acquire = (one, id, lease) => one.acquire(ORIGIN, { id, ...LEASE, ...lease });
      const granted = async (one, id, lease) => (await acquire(one, id, lease)).granted;

      test("a request without an answer holds its slot for one second more", async () => {
        const one = ledger();
        const lease = { requests: 1, windowMs: 300 };
        await acquire(one, "a", lease);
        await one.settle(ORIGIN, "a", { answered: false });
        near((await acquire(one, "b", lease)).startInMs, 300);
        await sleep(310);
        near((await acquire(one, "b", lease)).startInMs, 300);
        await sleep(1000);
        assert.equal(await granted(one, "b", lease), true);
      });

      test("a request that is never settled counts as ended after its lease", async () => {
        const one = ledger();
        const lease = { requests: 1, windowMs: 200, leaseMs: 200 };
        await acquire(one, "a", lease);
        await sleep(300);
        assert.equal(await granted(one, "b", lease), false);
        await sleep(150);
        assert.equal(await granted(one, "b", lease), true);
      });

      test("an abandoned slot or position is free at once", async () => {
        const one = ledger();
        for (const id of ["a", "b", "c", "d"]) await acquire(one, id);
        await acquire(one, "e");
        await one.abandon(ORIGIN, "a");
        await one.abandon(ORIGIN, "e");
        assert.equal(await granted(one, "f"), true);
      });

      test("serves the waiters of a process in the order in which they came", async () => {
        const one = ledger();
        for (const id of ["a", "b", "c", "d"]) await acquire(one, id);
        await Promise.all(["e", "f", "g"].map((id) => acquire(one, id)));
        for (const id of ["a", "b"]) await one.abandon(ORIGIN, id);
        // Each of the two ahead has a free slot.
        assert.equal(await granted(one, "g"), false);
        assert.equal(await granted(one, "f"), true);
        assert.equal(await granted(one, "e"), true);
      });

      test("processes take turns, however many slots each asks for", async () => {
        const key = fresh();
        const [one, two] = [ledger({ key }), ledger({ key })];
        for (const id of ["a", "b", "c", "d"]) await acquire(one, id);
        const many = Array.from({ length: 20 }, (_, index) => `m${index}`);
        await Promise.all(many.map((id) => acquire(one, id)));
        await acquire(two, "x");
        for (const id of ["a", "b"]) await one.abandon(ORIGIN, id);
        assert.equal(await granted(two, "x"), true);
        assert.equal(await granted(one, "m0"), true);
      });

      test("a waiter that is late gets its position back", async () => {
        const one = ledger();
        const lease = { requests: 1, windowMs: 100 };
        await acquire(one, "a", lease);
        await acquire(one, "b", lease);
        await one.settle(ORIGIN, "a", { answered: true });
        // More than one second after it should have asked.
        await one.abandon(ORIGIN, "nobody");
        await acquire(one, "c", lease);
        await sleep(1400);
        const tickets = (await redis.admin.keys("*:tickets")).length;
        assert.ok(tickets > 0);
        assert.equal(await granted(one, "c", lease), true);
        assert.equal(await granted(one, "b", lease), false);
      });

      test("the epoch counts freezes, and a late 429 of an earlier epoch does not increase it", async () => {
        const one = ledger();
        await one.freeze(ORIGIN, { forMs: 50, epoch: 0 });
        await one.freeze(ORIGIN, { forMs: 20, epoch: 0 });
        await sleep(60);
        assert.deepEqual(await acquire(one, "a"), { granted: true, epoch: 1, processes: 1 });
        await one.freeze(ORIGIN, { forMs: 30, epoch: 1 });
        await sleep(40);
        assert.equal((await acquire(one, "b")).epoch, 2);
      });

      test("refuses at once during a freeze of more than a minute", async () => {
        const one = ledger();
        await one.freeze(ORIGIN, { forMs: 90_000, epoch: 0 });
        near((await acquire(one, "a")).refusedForMs, 90_000);
      });

      test("counts the processes that use it, unless the option `processes` is given", async () => {
        const key = fresh();
        const all = Array.from({ length: 3 }, () => ledger({ key }));
        for (const one of all) await acquire(one, "a");
        assert.equal((await acquire(all[0], "b")).processes, 3);
        const declared = ledger({ key, processes: 7 });
        assert.equal(declared.processes, 7);
        assert.equal((await acquire(declared, "c")).processes, 7);
      });

      for (const [what, method, give] of [
        ["the first command", "acquire", { id: "a", ...LEASE }],
        ["a freeze", "freeze", { forMs: 1, epoch: 0 }],
      ]) {
        test(
          `${what} that never gets an answer does not hold up later ones`,
          { timeout: 20_000 },
          async () => {
            let isHung = method === "acquire";
            let sent = 0;
            const never = () => {
              isHung = false;
              return new Promise(() => {});
            };
            // With the methods of `@upstash/redis`: a hanging HTTP request holds up no other.
            const run = (name) => (script, keys, args) => {
              if (isHung) return never();
              sent += 1;
              return connection.client[name](script, { keys, arguments: args });
            };
            const one = redisLedger({ eval: run("eval"), evalsha: run("evalSha") }, { key: fresh() });
            if (method === "freeze") {
              await acquire(one, "earlier");
              isHung = true;
            }
            one[method](ORIGIN, give);
            const turns = await Promise.all(["b", "c", "d"].map((id) => acquire(one, id)));
            assert.deepEqual(
              turns.map((turn) => turn.granted),
              [true, true, true],
            );
            // Those that come later do not wait for it at all: without a timer, only microtasks run.
            const sentBefore = sent;
            const later = acquire(one, "e");
            for (let turn = 0; turn < 20; turn += 1) await undefined;
            assert.equal(sent, sentBefore + 1);
            await later;
          },
        );
      }

      test("its keys are in one hash slot, and expire", async () => {
        const key = fresh();
        const one = ledger({ key });
        for (const id of ["a", "b", "c", "d", "e"]) await acquire(one, id);
        await one.freeze(ORIGIN, { forMs: 1, epoch: 0 });
        const names = await redis.admin.keys(`*{${key} *`);
        assert.equal(names.length, 5);
        const tags = new Set(names.map((name) => /\{(.*?)\}/.exec(name)[1]));
        assert.equal(tags.size, 1);
        for (const name of names) assert.ok((await redis.admin.pTTL(name)) > 0, name);
      });
    });

    test("a server that has just started first pauses for one window", async () => {
      const young = await startRedis({ program });
      const { client, close } = await connect("node-redis", young.url);
      const one = redisLedger(client, { key: "test" });
      const lease = { id: "a", ...LEASE };
      const { granted, retryInMs } = await one.acquire(ORIGIN, lease);
      assert.equal(granted, false);
      assert.ok(retryInMs > 5000 && retryInMs <= 10_000, String(retryInMs));
      close();
      await young.stop();
    });
  });
}

suite("what is refused", () => {
  const refuses = (run, message) =>
    assert.throws(run, { name: "ComfyControlError", code: "invalid_options", message });
  const client = { send() {} };

  for (const [what, value] of Object.entries({
    nothing: undefined,
    null: null,
    "a URL": "redis://localhost",
    "an object": {},
    "a promise": Promise.resolve(),
  })) {
    test(`refuses ${what} instead of a client`, () => {
      refuses(
        () => redisLedger(value),
        /^client: expected a client of node-redis, ioredis, @upstash\/redis or Bun, got /,
      );
    });
  }
  test("refuses a wrong key", () => {
    for (const key of ["", "a{b}", 1, null])
      refuses(() => redisLedger(client, { key }), /^key: expected a string without braces/);
  });
  test("refuses a wrong number of processes", () => {
    for (const processes of [0, -1, 1.5, "2", NaN])
      refuses(() => redisLedger(client, { processes }), /^processes: expected/);
  });
  test("refuses unknown options", () => {
    refuses(
      () => redisLedger(client, { prefix: "x" }),
      /^options: expected `key` and `processes`, got "prefix"/,
    );
    refuses(() => redisLedger(client, null), /^options: expected an object/);
  });
});
