// `resetRateLimits` ends the client's running instance. The next call starts a fresh one.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { suite, test } from "node:test";

import { virtualClock } from "../package/support/clock.mjs";
import { listeners, noUnhandledRejections, thrown } from "../package/support/watch.mjs";
import {
  ComfyControl,
  createEmulator,
  folder,
  isComfyControlError,
  listManagedRunners,
  resetRateLimits,
} from "./support/package.mjs";

const closing = noUnhandledRejections();

/** Checks that a call was ended by a reset. */
function endedByReset(error) {
  assert.ok(isComfyControlError(error, "internal"), String(error));
  assert.equal(error.retryable, false);
  assert.equal(error.message, "resetRateLimits() ended this call (comfycontrol/internal)");
}

/** Runs a program beside the installed package, and returns its last line, parsed as JSON. */
function child(source) {
  const args = ["--expose-gc", "--input-type=module", "-e", source];
  const output = execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  return JSON.parse(output.trim().split("\n").at(-1));
}

/** Code for a child process: counts the instances of the client's module, and those that are left. */
const COUNT_INSTANCES = `
  const memories = [];
  const { Instance } = WebAssembly;
  WebAssembly.Instance = class extends Instance {
    constructor(...given) {
      super(...given);
      if (this.exports.comfycontrol_new) memories.push(new WeakRef(this.exports.memory));
    }
  };
`;

suite("resetRateLimits", () => {
  const clock = virtualClock();

  test("gives every client its whole limit again", async () => {
    const api = createEmulator({ runners: 1 });
    const client = new ComfyControl({ ...api.clientOptions });
    await clock.until(client.listManagedRunners());
    assert.equal(client.rateLimit.remaining, 39);
    resetRateLimits();
    assert.equal(client.rateLimit.remaining, 40);
  });

  test("ends cooldowns", async () => {
    const api = createEmulator({ runners: 1 });
    const client = new ComfyControl({ ...api.clientOptions });
    api.failNext({ cooldown: 60_000, retryAfter: 50 });
    const refused = client.listManagedRunners({ maxRetries: 0 });
    assert.ok(isComfyControlError(await clock.until(thrown(refused)), "rate_limited"));
    resetRateLimits();
    api.clock.advance(60_000);
    const before = clock.now();
    assert.equal((await clock.until(client.listManagedRunners())).total, 1);
    assert.equal(clock.now(), before);
  });

  test("serves calls that are made right after it, by old and new clients", async () => {
    const api = createEmulator({ runners: 30 });
    const client = new ComfyControl({ ...api.clientOptions });
    await clock.until(client.listManagedRunners());
    resetRateLimits();
    const calls = [
      client.listManagedRunners(),
      client.getManagedRunner(api.runners[0].id),
      client.collectManagedRunners({ perPage: 10 }),
      client.watchManagedRunners().next(),
      new ComfyControl({ ...api.clientOptions }).listManagedRunners(),
      listManagedRunners(api.clientOptions),
    ];
    const [page, runner, all, { value }, ...others] = await clock.until(Promise.all(calls));
    assert.deepEqual([page.total, runner, all.runners.length], [30, api.runners[0], 30]);
    assert.equal(value.runners.length, 30);
    for (const { total } of others) assert.equal(total, 30);
  });

  test("ends what is under way with an error that names it, and leaves no request, timer or listener", async () => {
    const aborted = [];
    const fetch = (url, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject((aborted.push(url), signal.reason)));
      });
    const before = clock.timers();
    const { signal } = new AbortController();
    const given = {
      fetch,
      token: "cfc_x",
      baseUrl: "https://pending.test",
      coalesce: false,
      rateLimit: { requests: 5, windowMs: 1000 },
    };
    const client = new ComfyControl(given);
    const calls = [
      ...Array.from({ length: 20 }, () => client.listManagedRunners({ signal })),
      listManagedRunners({ ...given, token: () => new Promise(() => {}) }),
      client.collectManagedRunners({ signal }),
      client.iterateManagedRunners({ signal }).next(),
      client.iterateManagedRunners({ signal }).pages().next(),
      client.watchManagedRunners({ signal }).next(),
    ].map(thrown);
    await clock.settle();
    assert.equal(client.rateLimit.queued, 19);
    resetRateLimits();
    const errors = await Promise.all(calls);
    errors.forEach(endedByReset);
    assert.equal(new Set(errors).size, calls.length);
    await clock.settle();
    assert.deepEqual([aborted.length, clock.timers() - before, listeners(signal)], [5, 0, 0]);
    assert.deepEqual([client.rateLimit.queued, client.rateLimit.remaining], [0, 5]);
  });

  test("ends an iteration, which knows what it handed over and can be resumed", async () => {
    const api = createEmulator({ runners: 50 });
    const client = new ComfyControl({ ...api.clientOptions });
    const iterator = client.iterateManagedRunners({ perPage: 10 });
    const found = [];
    const error = await clock.until(
      thrown(
        (async () => {
          for await (const { id } of iterator) if (found.push(id) === 15) resetRateLimits();
        })(),
      ),
    );
    endedByReset(error);
    assert.ok(error.report.unique >= found.length);
    assert.equal(iterator.checkpoint, error.checkpoint);
    assert.equal((await iterator.next()).done, true);
    const rest = await clock.until(
      client.collectManagedRunners({ perPage: 10, resumeFrom: error.checkpoint }),
    );
    assert.deepEqual(
      [...found, ...rest.runners.map(({ id }) => id)],
      api.runners.map(({ id }) => id),
    );
  });

  test("ends a watch that waits for its next reading", async () => {
    const api = createEmulator({ runners: 3 });
    const watch = new ComfyControl({ ...api.clientOptions }).watchManagedRunners();
    await clock.until(watch.next());
    const later = thrown(watch.next());
    await clock.settle();
    resetRateLimits();
    endedByReset(await later);
    assert.equal((await watch.next()).done, true);
    assert.equal(clock.timers(), 0);
  });

  test("lets nothing of the old instance reach the new one", async () => {
    const answers = [];
    const fetch = () => new Promise((resolve) => answers.push(resolve));
    const given = { fetch, token: "cfc_x", baseUrl: "https://late.test", timeout: 5000 };
    const client = new ComfyControl(given);
    const iterators = [client.iterateManagedRunners(), client.watchManagedRunners()];
    const old = [client.listManagedRunners(), ...iterators.map((iterator) => iterator.next())].map(thrown);
    await clock.settle();
    resetRateLimits();
    const call = client.listManagedRunners();
    await clock.settle();
    assert.equal(answers.length, 4);
    for (const answer of answers) answer(Response.json({ runners: [], total: 7 }));
    assert.equal((await clock.until(call)).total, 7);
    (await Promise.all(old)).forEach(endedByReset);
    for (const iterator of iterators) assert.equal((await iterator.return()).done, true);
    assert.equal(client.rateLimit.remaining, 39);
    await clock.pass(60_000);
    assert.equal(client.rateLimit.remaining, 40);
    assert.equal(clock.timers(), 0);
  });

  for (const [name, options] of Object.entries({
    fetch: (api, reset) => ({ fetch: (...given) => (reset(), api.fetch(...given)) }),
    "the token function": ({ token }, reset) => ({ token: () => (reset(), token) }),
    "onEvent, of a request": (_, reset) => ({ onEvent: ({ type }) => type === "request" && reset() }),
    "onEvent, of a response": (_, reset) => ({ onEvent: ({ type }) => type === "response" && reset() }),
  })) {
    test(`ends the call that it is made from: ${name}`, async () => {
      const api = createEmulator({ runners: 3 });
      const client = new ComfyControl({ ...api.clientOptions, ...options(api, resetRateLimits) });
      endedByReset(await clock.until(thrown(client.listManagedRunners())));
      const other = new ComfyControl({ ...api.clientOptions });
      assert.equal((await clock.until(other.listManagedRunners())).total, 3);
      assert.equal(other.rateLimit.remaining, 39);
    });

    test(`a call that is made right after it, from the same function, works: ${name}`, async () => {
      const api = createEmulator({ runners: 3 });
      const other = new ComfyControl({ ...api.clientOptions });
      const made = [];
      const makeCalls = () => {
        resetRateLimits();
        made.push(
          other.listManagedRunners(),
          new ComfyControl({ ...api.clientOptions }).getManagedRunner(api.runners[0].id),
          other.iterateManagedRunners().next(),
        );
        assert.throws(() => other.rateLimit, { code: "internal", message: /starts again once/ });
        // Once the function returned, nothing is in the way of a fresh instance.
        made.push(Promise.resolve().then(() => other.rateLimit.limit));
      };
      const client = new ComfyControl({ ...api.clientOptions, ...options(api, makeCalls) });
      endedByReset(await clock.until(thrown(client.listManagedRunners())));
      const [page, runner, next, limit] = await clock.until(Promise.all(made));
      assert.deepEqual([page.total, runner, next.value, limit], [3, api.runners[0], api.runners[0], 40]);
      assert.equal(other.rateLimit.remaining, 37);
    });
  }

  test("may be repeated, and between two calls costs only the fresh instance", async () => {
    const api = createEmulator({ runners: 3 });
    const client = new ComfyControl({ ...api.clientOptions });
    for (let time = 0; time < 3; time += 1) {
      resetRateLimits();
      resetRateLimits();
      assert.equal((await clock.until(client.listManagedRunners())).total, 3);
    }
  });
});

for (const [what, use] of [
  ["an ES module", (path) => `await import("comfycontrol-runners${path}")`],
  ["CommonJS", (path) => `require("comfycontrol-runners${path}")`],
]) {
  test(`as ${what}, before the first call it starts nothing`, () => {
    const counts = child(`
      import { createRequire } from "node:module";
      const require = createRequire(import.meta.resolve("./entry.mjs"));
      ${COUNT_INSTANCES}
      const { createEmulator, resetRateLimits } = ${use("/testing")};
      const { ComfyControl } = ${use("")};
      resetRateLimits();
      const before = memories.length;
      const api = createEmulator({ runners: 3 });
      const client = new ComfyControl({ ...api.clientOptions });
      const { total } = await client.listManagedRunners();
      console.log(JSON.stringify([before, memories.length, total]));
    `);
    assert.deepEqual(counts, [0, 1, 3]);
  });
}

test("a hundred resets leave at most one instance that nobody uses", () => {
  const [started, left] = child(`
    ${COUNT_INSTANCES}
    import { setImmediate } from "node:timers/promises";
    const { createEmulator, resetRateLimits } = await import("comfycontrol-runners/testing");
    const { ComfyControl } = await import("comfycontrol-runners");
    const api = createEmulator({ runners: 30 });
    const client = new ComfyControl({ ...api.clientOptions });
    const pending = new ComfyControl({ ...api.clientOptions, fetch: () => new Promise(() => {}) });
    for (let time = 0; time < 100; time += 1) {
      pending.listManagedRunners().catch(() => {});
      const watch = client.watchManagedRunners();
      await watch.next();
      watch.next().catch(() => {});
      await client.listManagedRunners();
      resetRateLimits();
    }
    for (let time = 0; time < 10; time += 1) { global.gc(); await setImmediate(); }
    console.log(JSON.stringify([memories.length, memories.filter((memory) => memory.deref()).length]));
  `);
  assert.equal(started, 100);
  assert.ok(left <= 2, `${left} instances are left`);
});

closing();
