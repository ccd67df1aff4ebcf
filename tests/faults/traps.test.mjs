// What a defect does to callers, tested with a build of the package that panics on command.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { inspect } from "node:util";

import { virtualClock } from "../package/support/clock.mjs";
import { server } from "./support/list.mjs";
import { answer, EMPTY, memory, origin, refusal, RUNNER } from "../package/support/memory.mjs";
import { listeners, noUnhandledRejections, thrown } from "../package/support/watch.mjs";
import { collect } from "./support/collect.mjs";
import { instances, started } from "./support/instances.mjs";
import {
  ANSWER,
  arm,
  CALL,
  ComfyControl,
  ENUMERATION,
  getManagedRunner,
  isComfyControlError,
  listManagedRunners,
  TURN,
  WATCH,
} from "./support/trapped.mjs";

const closing = noUnhandledRejections();
const warnings = [];
process.on("warning", ({ message }) => warnings.push(message));

suite("a panic", () => {
  const clock = virtualClock();

  /** The error that the promise rejects with, which must be `internal`. */
  async function internal(promise) {
    const error = await clock.until(thrown(promise));
    assert.ok(isComfyControlError(error, "internal"), inspect(error));
    assert.equal(error.retryable, true);
    assert.match(error.message, /^a defect in comfycontrol-runners.* \(comfycontrol\/internal\)$/);
    assert.doesNotMatch(
      `${error.message}\n${error.stack}\n${JSON.stringify(error)}`,
      /recursive use|unreachable/,
    );
    return error;
  }

  /** A new list, and a client of it that exists before the panic. */
  function api(rows = 30, options) {
    const { fetch, list, stats } = server(clock, { rows });
    const given = { fetch, baseUrl: origin(), coalesce: false, ...options };
    return { given, list, stats, client: new ComfyControl(given) };
  }

  /** Checks that everything works: all functions of these clients, and of a new one. */
  async function works(...clients) {
    const fresh = api();
    for (const client of [...clients, fresh.client]) {
      assert.equal((await clock.until(client.listManagedRunners({ perPage: 5 }))).runners.length, 5);
      assert.equal((await clock.until(client.collectManagedRunners({ perPage: 10 }))).runners.length, 30);
      const watch = client.watchManagedRunners();
      assert.equal((await clock.until(watch.next())).value.runners.length, 30);
      assert.equal((await watch.return()).done, true);
      assert.equal(client.rateLimit.queued, 0);
    }
    assert.equal((await clock.until(listManagedRunners(fresh.given))).total, 30);
    await clock.pass(60_000);
    assert.equal(clock.timers(), 0);
  }

  for (const [where, point] of Object.entries({
    "at the start of": CALL,
    "while it waits its turn in": TURN,
    "when its answer is read in": ANSWER,
  })) {
    test(`${where} a call: that call is rejected, and everything works`, async () => {
      const { client, given } = api();
      const other = api();
      for (const call of [
        () => client.listManagedRunners(),
        () => listManagedRunners(given),
        () => client.getManagedRunner(RUNNER.id),
        () => getManagedRunner(RUNNER.id, given),
        () => client.collectManagedRunners(),
      ]) {
        arm(point);
        await internal(call());
      }
      await works(client, other.client);
    });
  }

  const callbacks = {
    "onEvent, of a request": (inside) => ({ onEvent: ({ type }) => type === "request" && inside() }),
    "onEvent, of a retry": (inside) => ({
      onEvent: ({ type }) => type === "retry" && inside(),
      fetch: memory(
        () => refusal(503),
        () => answer(),
      ).fetch,
    }),
    "onEvent, of a wait": (inside) => ({
      onEvent: ({ type }) => type === "wait" && inside(),
      fetch: memory(
        () => refusal(503),
        () => answer(),
      ).fetch,
    }),
    "onEvent, of a cooldown": (inside) => ({
      onEvent: ({ type }) => type === "cooldown" && inside(),
      fetch: memory(
        () => refusal(429),
        () => answer(),
      ).fetch,
    }),
    "the token function": (inside) => ({ token: () => (inside(), "cfc_x") }),
    "an async token function": (inside) => ({ token: async () => (await null, inside(), "cfc_x") }),
    fetch: (inside) => ({ fetch: async () => (inside(), answer()) }),
    "fetch, before its answer": (inside) => ({ fetch: async () => (await null, inside(), answer()) }),
    "a getter of the response": (inside) => ({
      fetch: async () => ({
        get status() {
          inside();
          return 200;
        },
        headers: new Headers(),
        arrayBuffer: async () => new TextEncoder().encode(JSON.stringify(EMPTY)).buffer,
      }),
    }),
  };
  for (const [name, options] of Object.entries(callbacks)) {
    test(`in a call made from ${name}: both calls are rejected, and everything works`, async () => {
      const other = api();
      let inner;
      const inside = () => {
        if (inner) return;
        arm(CALL);
        inner = thrown(other.client.listManagedRunners());
      };
      const { client, given } = api(30, { ...options(inside) });
      await internal(client.listManagedRunners());
      assert.ok(isComfyControlError(await clock.until(inner), "internal"));
      await works(other.client);
      assert.ok(await clock.until(new ComfyControl({ ...given, maxRetries: 0 }).listManagedRunners()));
    });
  }

  // By then, the result is there.
  const last = {
    "onEvent, of a response": (inside) => ({ onEvent: ({ type }) => type === "response" && inside() }),
    onInvalidRunner: (inside) => ({
      onInvalidRunner: inside,
      fetch: async () => answer({ runners: [{ ...RUNNER, id: 7 }], total: 1 }),
    }),
  };
  for (const [name, options] of Object.entries(last)) {
    test(`in a call made from ${name}: that call is rejected, the other has its result, and everything works`, async () => {
      const other = api();
      let inner;
      const inside = () => {
        if (inner) return;
        arm(CALL);
        inner = thrown(other.client.listManagedRunners());
      };
      const { client } = api(30, options(inside));
      assert.ok((await clock.until(client.listManagedRunners())).total > 0);
      assert.ok(isComfyControlError(await clock.until(inner), "internal"));
      await works(other.client);
    });
  }

  test("in a call made from onProgress: both are rejected, and everything works", async () => {
    const other = api();
    const { client } = api();
    let inner;
    const onProgress = () => {
      if (inner) return;
      arm(CALL);
      inner = thrown(other.client.listManagedRunners());
    };
    await internal(client.collectManagedRunners({ perPage: 10, onProgress }));
    assert.ok(isComfyControlError(await clock.until(inner), "internal"));
    await works(client, other.client);
  });

  test("in an enumeration: it is rejected and over, and a new one works", async () => {
    for (const skip of [0, 1, 3, 5]) {
      const { client } = api(80);
      arm(ENUMERATION, skip);
      const iterator = client.iterateManagedRunners({ perPage: 10, concurrency: 3 });
      await internal(
        (async () => {
          for await (const { id } of iterator) assert.ok(id);
        })(),
      );
      assert.equal((await iterator.next()).done, true);
      assert.equal((await clock.until(client.collectManagedRunners())).runners.length, 80);
    }
    const { client } = api();
    arm(ENUMERATION, 1);
    const error = await internal(client.collectManagedRunners({ perPage: 10 }));
    assert.ok(Array.isArray(error.runners));
    await works(client);
  });

  for (const [where, point] of [
    ["of a turn", TURN],
    ["of an answer", ANSWER],
    ["of the enumeration's own work", ENUMERATION],
  ]) {
    test(`in the middle ${where}: the enumeration knows what it handed over, and can be resumed`, async () => {
      for (const skip of [0, 1, 3, 5]) {
        const { client, list } = api(80);
        arm(point, skip);
        const found = [];
        const iterator = client.iterateManagedRunners({ perPage: 10, concurrency: 3 });
        const error = await internal(
          (async () => {
            for await (const { id } of iterator) found.push(id);
          })(),
        );
        assert.ok(error.report.unique >= found.length);
        assert.equal(typeof error.checkpoint, "string");
        assert.deepEqual([iterator.report, iterator.checkpoint], [error.report, error.checkpoint]);
        assert.equal((await iterator.next()).done, true);
        const rest = await clock.until(
          client.collectManagedRunners({ perPage: 10, resumeFrom: error.checkpoint }),
        );
        assert.deepEqual(
          [...found, ...rest.runners.map(({ id }) => id)],
          list.map(({ id }) => id),
        );
      }
    });
  }

  for (const [where, point, skip] of [
    ["before the first reading", WATCH, 0],
    ["before a later one", WATCH, 2],
    ["in the first reading", ANSWER, 0],
    ["in a later one", ANSWER, 2],
    ["in a page of a reading", ENUMERATION, 1],
  ]) {
    test(`while watching, ${where}: the iteration is rejected, and a new one works`, async () => {
      const { client, list } = api(30);
      arm(point, skip);
      const watch = client.watchManagedRunners({ perPage: 20 });
      const seen = [];
      await internal(
        (async () => {
          for await (const { runners, error } of watch) {
            if (error) throw error;
            seen.push(runners.length);
            list.pop();
          }
        })(),
      );
      assert.deepEqual(seen, skip < 2 ? [] : [30]);
      assert.equal((await watch.next()).done, true);
      while (list.length < 30) list.push(api(1).list[0]);
      await works(client);
    });
  }

  test("with 50 calls in flight and others that wait: each is rejected once, and no other call is", async () => {
    const { fetch, requests } = memory(() => new Promise((resolve) => setTimeout(resolve, 5000, answer())));
    const rateLimit = { requests: 50, windowMs: 1000 };
    const given = { fetch, baseUrl: origin(), coalesce: false, rateLimit };
    const client = new ComfyControl(given);
    const { signal } = new AbortController();
    const pending = Array.from({ length: 50 }, (_, i) =>
      i % 2 ? client.listManagedRunners({ signal }) : listManagedRunners({ ...given, signal }),
    );
    const waiting = [
      ...Array.from({ length: 20 }, () => client.listManagedRunners({ signal })),
      listManagedRunners({ baseUrl: origin(), fetch: async () => refusal(503, { "retry-after": "30" }) }),
      listManagedRunners({ baseUrl: origin(), fetch: async () => refusal(429) }),
      listManagedRunners({ baseUrl: origin(), fetch, token: () => new Promise(() => {}) }),
      api(30, { fetch }).client.iterateManagedRunners({ signal }).next(),
      api(30, { fetch }).client.iterateManagedRunners({ signal }).pages().next(),
      api(30, { fetch }).client.watchManagedRunners({ signal }).next(),
    ];
    const later = api(30).client.watchManagedRunners({ signal });
    await clock.until(later.next());
    waiting.push(later.next());
    const all = [...pending, ...waiting].map(thrown);
    await clock.settle();
    assert.equal(client.rateLimit.queued, 20);
    const asked = requests.length;
    arm(CALL);
    const other = api();
    await internal(other.client.listManagedRunners());
    for (const one of all) assert.ok(isComfyControlError(await one, "internal"));
    await works(other.client);
    assert.equal(requests.length, asked, "a call that was rejected went on");
    assert.equal((await clock.until(client.listManagedRunners())).total, 0);
  });

  test("calls that were rejected leave no request open, no timer and no listener", async () => {
    let aborted = 0;
    const fetch = (_, init) =>
      new Promise((_, reject) =>
        init.signal.addEventListener("abort", () => ((aborted += 1), reject(init.signal.reason))),
      );
    const client = new ComfyControl({ fetch, baseUrl: origin(), coalesce: false });
    const { signal } = new AbortController();
    const before = clock.timers();
    const pending = Array.from({ length: 50 }, () => thrown(client.listManagedRunners({ signal })));
    await clock.settle();
    arm(CALL);
    await internal(api().client.listManagedRunners());
    await Promise.all(pending);
    await clock.settle();
    assert.deepEqual([aborted, clock.timers() - before, listeners(signal)], [40, 0, 0]);
  });

  test("enumerations and watches that were rejected leave no listener", async () => {
    for (const point of [TURN, ANSWER, ENUMERATION]) {
      const { client } = api();
      const { signal } = new AbortController();
      const pending = [
        client.collectManagedRunners({ perPage: 10, signal }),
        client.watchManagedRunners({ perPage: 10, signal }).next(),
      ].map(thrown);
      arm(point, 1);
      assert.ok(isComfyControlError(await clock.until(pending[0]), "internal"));
      assert.ok(isComfyControlError(await pending[1], "internal"));
      await clock.settle();
      assert.equal(listeners(signal), 0);
    }
  });

  test("the next instance remembers what the rate limit has seen", async () => {
    for (const [first, later] of [
      [40, 40],
      [25, 40],
      [40, 1],
    ]) {
      const { client, stats } = api(10);
      await clock.until(Promise.all(Array.from({ length: first }, () => client.listManagedRunners())));
      arm(CALL);
      await internal(client.listManagedRunners());
      await clock.until(Promise.all(Array.from({ length: later }, () => client.listManagedRunners())));
      assert.deepEqual(stats, { requests: first + later, refused: 0 });
      await clock.pass(60_000);
    }
  });

  test("the next instance remembers the requests that are still under way", async () => {
    const { client, stats } = api(10);
    const pending = Array.from({ length: 40 }, () => thrown(client.listManagedRunners()));
    await clock.settle();
    arm(CALL);
    await internal(listManagedRunners({ fetch: memory().fetch, baseUrl: origin() }));
    await clock.until(Promise.all(pending));
    await clock.until(Promise.all(Array.from({ length: 40 }, () => client.listManagedRunners())));
    assert.equal(stats.refused, 0);
  });

  test("the next instance remembers a window of one's own", async () => {
    const { client, stats } = api(10, { rateLimit: { requests: 5, windowMs: 60_000 } });
    await clock.until(Promise.all(Array.from({ length: 5 }, () => client.listManagedRunners())));
    arm(CALL);
    await internal(client.listManagedRunners());
    const before = clock.now();
    await clock.until(client.listManagedRunners());
    assert.equal(stats.requests, 6);
    assert.ok(clock.now() - before >= 59_000, `${clock.now() - before} ms`);
  });

  test("the next instance remembers a cooldown", async () => {
    const { fetch, requests } = memory(
      () => refusal(429, { "retry-after": "50" }),
      () => answer(),
    );
    const client = new ComfyControl({ fetch, baseUrl: origin() });
    const refused = thrown(client.listManagedRunners());
    await clock.pass(1000);
    arm(CALL);
    await internal(api().client.listManagedRunners());
    assert.ok(isComfyControlError(await refused, "internal"));
    const before = clock.now();
    await clock.until(client.listManagedRunners());
    assert.equal(requests.length, 2);
    assert.ok(clock.now() - before >= 49_000, `${clock.now() - before} ms`);
  });

  test("what an error prints says nothing of the machinery", async () => {
    arm(CALL);
    assert.doesNotMatch(
      inspect(await internal(api().client.listManagedRunners())),
      /recursive use|unreachable/,
    );
  });

  test("a hundred times over: each has a fresh instance, and the old ones are let go", async () => {
    const { client } = api();
    const [before, kept] = [started(), (await collect(), instances())];
    for (let time = 0; time < 100; time += 1) {
      arm([CALL, TURN, ANSWER][time % 3]);
      await internal(client.listManagedRunners());
    }
    await clock.pass(60_000);
    await works(client);
    assert.ok(started() - before >= 100);
    await collect();
    assert.ok(instances() <= Math.max(kept, 1) + 1, `${instances()} instances are left, ${kept} were`);
    assert.deepEqual(warnings, []);
  });

  // The last test, because `arm` does not find an instance that was started asynchronously.
  test("in browsers that start instances only asynchronously: the next call that is awaited works", async () => {
    const { client } = api();
    arm(CALL);
    const { Instance } = WebAssembly;
    const construct = () => {
      throw new RangeError("WebAssembly.Instance is disallowed on the main thread");
    };
    WebAssembly.Instance = new Proxy(Instance, { construct });
    try {
      await internal(client.listManagedRunners());
      assert.throws(() => client.rateLimit, { code: "unsupported", message: /await an asynchronous call/ });
      assert.equal((await clock.until(client.listManagedRunners())).total, 30);
      await works(client);
    } finally {
      WebAssembly.Instance = Instance;
    }
  });
});

closing();
