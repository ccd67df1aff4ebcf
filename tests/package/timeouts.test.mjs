// A time-out covers one attempt, to the last byte of its body.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { virtualClock } from "./support/clock.mjs";
import { startEmulator, TOKEN } from "./support/emulator.mjs";
import { server } from "../faults/support/list.mjs";
import { answer, memory, origin, refusal } from "./support/memory.mjs";
import { ComfyControl, listManagedRunners } from "./support/package.mjs";
import { createEmulator } from "./support/testing.mjs";
import { noUnhandledRejections, poll, thrown, timers } from "./support/watch.mjs";

const closing = noUnhandledRejections();
const emulator = await startEmulator();
const client = new ComfyControl({
  baseUrl: emulator.url,
  token: TOKEN,
  rateLimit: false,
  maxRetries: 0,
  timeout: 150,
});

// Before any real connection, which has timers of its own.
suite("with a clock of our own", () => {
  const clock = virtualClock();

  test("the default is 10 s, and a call's own timeout wins over its client's", async () => {
    const api = createEmulator();
    api.failNext({ stall: "before-headers", times: Infinity });
    const open = { ...api.clientOptions, maxRetries: 0 };
    const calls = [
      [listManagedRunners(open), 10_000],
      [new ComfyControl({ ...open, timeout: 5 }).listManagedRunners(), 5],
      [new ComfyControl({ ...open, timeout: 5 }).listManagedRunners({ timeout: 20 }), 20],
    ];
    const start = clock.now();
    const ends = calls.map(([call]) =>
      call.catch(({ message }) => [message.match(/(\d+) ms/)[1], clock.now() - start]),
    );
    assert.deepEqual(
      await clock.until(Promise.all(ends)),
      calls.map(([, ms]) => [String(ms), ms]),
    );
  });
});

suite("totalTimeout, with a clock of our own", () => {
  const clock = virtualClock();
  const ended = async (call) => {
    const start = clock.now();
    const error = await clock.until(thrown(call));
    return { error, took: clock.now() - start };
  };
  const TIMED_OUT = "GET /v1/managed-runner was not over within 500 ms (totalTimeout) (comfycontrol/timeout)";

  const waits = {
    "an answer that does not come": { fetch: () => new Promise(() => {}) },
    "the pauses between attempts": { fetch: async () => refusal(503), maxRetries: 10 },
    "a cooldown": { fetch: async () => refusal(429, { "retry-after": "30" }) },
    "a token that does not come": { fetch: async () => answer(), token: () => new Promise(() => {}) },
  };
  for (const [what, options] of Object.entries(waits)) {
    test(`it covers ${what}`, async () => {
      const call = listManagedRunners({ baseUrl: origin(), totalTimeout: 500, ...options });
      const { error, took } = await ended(call);
      assert.deepEqual([error.code, error.retryable, took], ["timeout", true, 500]);
      assert.equal(error.message, TIMED_OUT);
      await clock.settle();
      assert.equal(clock.timers(), 0);
    });
  }

  test("it covers the queue of the rate limit", async () => {
    const { fetch, requests } = memory();
    const client = new ComfyControl({
      fetch,
      baseUrl: origin(),
      rateLimit: { requests: 1, windowMs: 60_000 },
    });
    await clock.until(client.listManagedRunners());
    const { error, took } = await ended(client.listManagedRunners({ totalTimeout: 500 }));
    assert.deepEqual([error.message, took], [TIMED_OUT, 500]);
    assert.deepEqual([requests.length, client.rateLimit.queued], [1, 0]);
  });

  test("a call that is over in time leaves no timer, and an abort has its own reason", async () => {
    const { fetch } = memory();
    await clock.until(listManagedRunners({ fetch, baseUrl: origin(), totalTimeout: 500 }));
    assert.equal(clock.timers(), 0);
    const controller = new AbortController();
    const call = listManagedRunners({
      fetch: () => new Promise(() => {}),
      baseUrl: origin(),
      totalTimeout: 500,
      signal: controller.signal,
    });
    const failed = thrown(call);
    controller.abort("enough");
    assert.equal(await failed, "enough");
    assert.equal(clock.timers(), 0);
  });

  test("of an enumeration it covers all pages, and the error has what was found", async () => {
    const api = server(clock, { rows: 1_000, limit: false });
    const client = new ComfyControl({
      fetch: api.fetch,
      baseUrl: origin(),
      rateLimit: { requests: 3, windowMs: 10_000 },
    });
    const { error, took } = await ended(client.collectManagedRunners({ totalTimeout: 500, concurrency: 1 }));
    assert.deepEqual([error.message, took], [TIMED_OUT, 500]);
    assert.equal(error.runners.length, 300);
    assert.equal(error.report.unique, 300);
    const rest = client.collectManagedRunners({ resumeFrom: error.checkpoint });
    assert.equal((await clock.until(rest)).runners.length, 700);
    assert.equal(clock.timers(), 0);
  });

  test("of an enumeration it also covers the time that the consumer takes, to the last row", async () => {
    for (const perPage of [100, 10]) {
      const { clientOptions } = createEmulator({ runners: 40 });
      const client = new ComfyControl({ ...clientOptions, rateLimit: false });
      const iterator = client.iterateManagedRunners({ perPage, totalTimeout: 500 });
      for (let row = 0; row < 25; row += 1) {
        assert.equal((await clock.until(iterator.next())).done, false);
        await clock.pass(20);
      }
      const error = await thrown(clock.until(iterator.next()));
      assert.deepEqual([error.message, clock.timers()], [TIMED_OUT, 0]);
      assert.equal((await iterator.next()).done, true);
      const rest = client.collectManagedRunners({ perPage, resumeFrom: error.checkpoint, totalTimeout: 500 });
      assert.deepEqual([(await clock.until(rest)).runners.length, clock.timers()], [15, 0]);
    }
  });
});

const FAULTS = {
  "is silent before the headers": { stall: "before-headers" },
  "stalls after the headers": { stall: "after-headers" },
  "stalls in the middle of the body": { stall: "mid-body" },
  "drips its body byte by byte": { drip: 20 },
  "drips an error's body": { status: 500, drip: 20 },
};
for (const [what, fault] of Object.entries(FAULTS)) {
  test(`a server that ${what} is cut off on time, and the request with it`, async () => {
    await emulator.fresh();
    await emulator.faults(fault);
    const before = performance.now();
    const error = await thrown(client.listManagedRunners());
    const took = performance.now() - before;
    assert.deepEqual([error.code, error.retryable], ["timeout", true]);
    assert.equal(
      error.message,
      "GET /v1/managed-runner gave no complete answer within 150 ms (comfycontrol/timeout)",
    );
    assert.ok(took >= 149 && took < 150 + 350, `${took} ms`);
    await poll(async () => (await emulator.stats()).aborted === 1, "the server sees the request cancelled");
  });
}

test("each attempt has the whole time, and a drip that is fast enough passes", async () => {
  await emulator.fresh();
  await emulator.faults({ stall: "after-headers" }, { body: '{"runners":[],"total":0}', drip: 5 });
  assert.equal((await client.listManagedRunners({ maxRetries: 1, timeout: 1000 })).total, 0);
  assert.equal((await emulator.stats()).requests, 2);
});

test("no timer is left behind, however an attempt ends", async () => {
  const before = timers();
  await emulator.faults({ stall: "after-headers" }, { status: 404 }, { cut: "mid-body" });
  for (let i = 0; i < 3; i += 1) await thrown(client.listManagedRunners());
  await client.listManagedRunners();
  const api = createEmulator();
  api.failNext({ status: 500 });
  await thrown(listManagedRunners({ ...api.clientOptions, maxRetries: 0 }));
  await listManagedRunners(api.clientOptions);
  assert.equal(await poll(() => timers() <= before), true);
});

closing();
