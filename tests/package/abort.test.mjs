// An aborted call rejects at once with `signal.reason`, wherever it is, and leaves nothing behind.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startEmulator, TOKEN } from "./support/emulator.mjs";
// Hand-made answers where a promise or a body stays open, and where the signal itself is looked at.
import { answer, memory, origin, refusal, RUNNER } from "./support/memory.mjs";
import { ComfyControl, getManagedRunner, listManagedRunners } from "./support/package.mjs";
import { createEmulator } from "./support/testing.mjs";
import { listeners, noUnhandledRejections, poll, thrown, timers } from "./support/watch.mjs";

const closing = noUnhandledRejections();
const emulator = await startEmulator();
const free = { baseUrl: emulator.url, token: TOKEN, rateLimit: false };
// Compiled, and connected, before anything is counted.
await listManagedRunners(free);
const timersBefore = timers();

const REASONS = [
  undefined,
  null,
  0,
  "",
  "enough",
  Symbol("enough"),
  { frozen: true },
  () => {},
  new Error("enough"),
  Object.freeze(new Error("frozen")),
  Promise.resolve(1),
  Object.create(null),
];

function failing(fault) {
  const api = createEmulator();
  api.failNext(fault);
  return api;
}

/** The moments of an abort. Each function makes a call with a signal, and resolves when the call is there. */
const PLACES = {
  "in the queue": (signal) => {
    const { clientOptions } = createEmulator();
    const client = new ComfyControl({
      ...clientOptions,
      coalesce: false,
      rateLimit: { requests: 1, windowMs: 60_000 },
    });
    const first = client.listManagedRunners();
    return [client.listManagedRunners({ signal }), async () => (await first, client.rateLimit.queued === 1)];
  },
  "in a cooldown": (signal) => {
    const client = new ComfyControl(failing({ status: 429 }).clientOptions);
    return [client.listManagedRunners({ signal }), () => client.rateLimit.queued === 1];
  },
  "during a request": (signal) => {
    const api = failing({ stall: "before-headers" });
    return [listManagedRunners({ ...api.clientOptions, signal }), () => api.requests.length === 1];
  },
  "during the body": (signal) => {
    let reading = false;
    const body = new ReadableStream(
      { pull: () => ((reading = true), new Promise(() => {})) },
      { highWaterMark: 0 },
    );
    return [
      listManagedRunners({ fetch: async () => new Response(body), baseUrl: origin(), signal }),
      () => reading,
    ];
  },
  "during backoff": (signal) => {
    const waits = [];
    return [
      listManagedRunners({
        ...failing({ status: 503, retryAfter: 30 }).clientOptions,
        signal,
        onEvent: ({ type }) => type === "wait" && waits.push(type),
      }),
      () => waits.length === 1,
    ];
  },
  "while the token is asked for": (signal) => {
    let asked = false;
    const token = () => ((asked = true), new Promise(() => {}));
    return [listManagedRunners({ ...createEmulator().clientOptions, token, signal }), () => asked];
  },
};

for (const [when, start] of Object.entries(PLACES)) {
  test(`aborted ${when}: rejects at once with the reason, whatever it is; no listener and no timer stays`, async () => {
    for (const reason of REASONS) {
      const controller = new AbortController();
      const [call, arrived] = start(controller.signal);
      await poll(arrived, when);
      assert.equal(listeners(controller.signal), 1);
      // In an array, since one of the reasons is a promise.
      const ended = call.then(assert.fail, (reason) => [reason]);
      controller.abort(reason);
      // `undefined` becomes an AbortError of the signal's own making.
      assert.equal((await ended)[0], controller.signal.reason);
      if (reason !== undefined) assert.equal((await ended)[0], reason);
      assert.equal(listeners(controller.signal), 0);
      assert.equal(timers(), timersBefore);
    }
  });
}

test("aborted before the call: no request, no token asked for, no listener", async () => {
  const api = createEmulator();
  const asked = [];
  for (const reason of REASONS) {
    const signal = AbortSignal.abort(reason);
    const options = { ...api.clientOptions, token: () => asked.push(1), signal };
    for (const call of [listManagedRunners(options), getManagedRunner(RUNNER.id, options)])
      assert.equal((await call.catch((reason) => [reason]))[0], signal.reason);
    assert.equal(listeners(signal), 0);
  }
  assert.deepEqual([api.requests.length, asked.length], [0, 0]);
});

test("aborted in the same breath as the call: no request", async () => {
  const api = createEmulator();
  const controller = new AbortController();
  const call = thrown(listManagedRunners({ ...api.clientOptions, signal: controller.signal }));
  controller.abort("at once");
  assert.equal(await call, "at once");
  assert.equal(api.requests.length, 0);
});

test("a hundred calls with one signal: one listener, all reject, the queue is empty, and Node warns of nothing", async () => {
  const warnings = [];
  const warn = (warning) => void warnings.push(warning);
  process.on("warning", warn);
  const controller = new AbortController();
  const client = new ComfyControl({
    fetch: memory(() => new Promise(() => {})).fetch,
    baseUrl: origin(),
    coalesce: false,
    rateLimit: { requests: 5, windowMs: 60_000 },
  });
  const calls = Array.from({ length: 100 }, () =>
    thrown(client.listManagedRunners({ signal: controller.signal })),
  );
  await poll(() => client.rateLimit.queued === 95);
  assert.equal(listeners(controller.signal), 1);
  controller.abort("all");
  assert.ok((await Promise.all(calls)).every((reason) => reason === "all"));
  assert.equal(client.rateLimit.queued, 0);
  assert.equal(listeners(controller.signal), 0);
  process.off("warning", warn);
  assert.deepEqual(warnings, []);
});

for (const [where, fault] of [
  ["before the headers", { stall: "before-headers" }],
  ["in the body", { stall: "mid-body" }],
]) {
  test(`the underlying request is cancelled ${where}: the server sees the client go`, async () => {
    await emulator.fresh();
    await emulator.faults(fault);
    const controller = new AbortController();
    const call = thrown(listManagedRunners({ ...free, signal: controller.signal }));
    await poll(async () => (await emulator.stats()).inFlight === 1);
    controller.abort("enough");
    assert.equal(await call, "enough");
    await poll(async () => (await emulator.stats()).aborted === 1);
    assert.equal((await emulator.stats()).requests, 1);
  });
}

test("the signal that fetch is given is aborted with the call, and the body is cancelled", async () => {
  let cancelled = 0;
  let given;
  const body = new ReadableStream({ cancel: () => void (cancelled += 1) });
  const controller = new AbortController();
  const fetch = async (_, init) => ((given = init.signal), new Response(body));
  const call = thrown(listManagedRunners({ fetch, baseUrl: origin(), signal: controller.signal }));
  await poll(() => given);
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(!given.aborted);
  controller.abort("enough");
  assert.equal(await call, "enough");
  assert.ok(given.aborted);
  assert.equal(cancelled, 1);
});

test("a call that ends takes only itself off a signal that others wait for", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const open = thrown(listManagedRunners({ fetch: () => new Promise(() => {}), baseUrl: origin(), signal }));
  await listManagedRunners({ fetch: async () => answer(), baseUrl: origin(), signal });
  assert.equal(listeners(signal), 1);
  controller.abort("enough");
  assert.equal(await open, "enough");
  assert.equal(listeners(signal), 0);
});

test("a signal aborted after the call is over changes nothing, and listeners do not pile up", async () => {
  const controller = new AbortController();
  for (let i = 0; i < 30; i += 1) {
    await listManagedRunners({ fetch: async () => answer(), baseUrl: origin(), signal: controller.signal });
    await thrown(
      listManagedRunners({ fetch: async () => refusal(400), baseUrl: origin(), signal: controller.signal }),
    );
    assert.equal(listeners(controller.signal), 0);
  }
  controller.abort();
});

test("AbortSignal.timeout and AbortSignal.any work as for fetch", async () => {
  const open = { fetch: () => new Promise(() => {}), baseUrl: origin() };
  assert.equal(
    (await thrown(listManagedRunners({ ...open, signal: AbortSignal.timeout(5) }))).name,
    "TimeoutError",
  );
  const controller = new AbortController();
  const call = thrown(listManagedRunners({ ...open, signal: AbortSignal.any([controller.signal]) }));
  controller.abort("any");
  assert.equal(await call, "any");
});

closing();
