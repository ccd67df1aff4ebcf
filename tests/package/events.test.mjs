// The events of `onEvent`, and that a listener changes no call.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { virtualClock } from "./support/clock.mjs";
import { ComfyControl, listManagedRunners } from "./support/package.mjs";
import { createEmulator } from "./support/testing.mjs";
import { noUnhandledRejections, thrown } from "./support/watch.mjs";

const closing = noUnhandledRejections();
const PATH = "/api/v1/managed-runner";

suite("with a clock of our own", () => {
  const clock = virtualClock();
  let origins = 0;

  /** A call of an API with these faults and 20 ms of latency; returns its events with times from its start, without `call`. */
  async function events(faults, options) {
    const received = [];
    const start = Date.now();
    const api = createEmulator({ baseUrl: `https://events-${(origins += 1)}.example/api`, latency: 20 });
    faults.forEach(api.failNext);
    const onEvent = ({ call, time, ...event }) =>
      received.push({ ...event, at: time - start, ...(event.until && { until: event.until - start }) });
    await clock.until(
      listManagedRunners({ ...api.clientOptions, onEvent, page: 3, ...options }).catch(() => {}),
    );
    return received;
  }
  const request = (attempt, at) => ({ type: "request", at, attempt, path: PATH });
  const response = (attempt, at, facts) => ({
    type: "response",
    at,
    attempt,
    path: PATH,
    durationMs: 20,
    ...facts,
  });

  test("a call that succeeds: request, response", async () => {
    assert.deepEqual(await events([]), [request(1, 0), response(1, 20, { status: 200 })]);
  });

  test("a failure that is final: request, response with its code", async () => {
    assert.deepEqual(await events([{ status: 404 }]), [
      request(1, 0),
      response(1, 20, { status: 404, error: "not_found" }),
    ]);
    assert.deepEqual(await events([{ body: "{}" }]), [
      request(1, 0),
      response(1, 20, { status: 200, error: "invalid_response" }),
    ]);
  });

  test("a retry: why, when, and the wait for it", async (t) => {
    t.mock.method(Math, "random", () => 0.5);
    assert.deepEqual(await events([{ status: 503 }, { cut: "before-headers" }]), [
      request(1, 0),
      response(1, 20, { status: 503, error: "server_error" }),
      { type: "retry", at: 20, attempt: 1, error: "server_error", status: 503, waitMs: 250, charged: true },
      { type: "wait", at: 20, attempt: 1, reason: "backoff", waitMs: 250 },
      request(2, 270),
      response(2, 290, { error: "connection_failed" }),
      { type: "retry", at: 290, attempt: 2, error: "connection_failed", waitMs: 500, charged: true },
      { type: "wait", at: 290, attempt: 2, reason: "backoff", waitMs: 500 },
      request(3, 790),
      response(3, 810, { status: 200 }),
    ]);
  });

  test("a 429: the cooldown, an uncharged retry, and the wait in the queue", async () => {
    assert.deepEqual(await events([{ status: 429, retryAfter: 4 }]), [
      request(1, 0),
      response(1, 20, { status: 429, error: "rate_limited" }),
      { type: "cooldown", at: 20, until: 4020 },
      { type: "retry", at: 20, attempt: 1, error: "rate_limited", status: 429, waitMs: 4000, charged: false },
      { type: "wait", at: 20, attempt: 2, reason: "cooldown", waitMs: 4000 },
      request(2, 4020),
      response(2, 4040, { status: 200 }),
    ]);
  });

  test("a time-out and a fresh token", async () => {
    assert.deepEqual(await events([{ stall: "before-headers" }], { timeout: 100, maxRetries: 0 }), [
      request(1, 0),
      { ...response(1, 100, { error: "timeout" }), durationMs: 100 },
    ]);
    assert.deepEqual(await events([{ status: 401 }], { token: () => "cfc_test" }), [
      request(1, 0),
      response(1, 20, { status: 401, error: "unauthorized" }),
      { type: "retry", at: 20, attempt: 1, error: "unauthorized", status: 401, waitMs: 0, charged: false },
      request(2, 20),
      response(2, 40, { status: 200 }),
    ]);
  });

  test("waiting for the window tells its reason and estimates its length for every waiter", async () => {
    const waits = [];
    const client = new ComfyControl({
      ...createEmulator().clientOptions,
      coalesce: false,
      rateLimit: { requests: 2, windowMs: 1000 },
      onEvent: (event) => event.type === "wait" && waits.push(event),
    });
    const begin = clock.now();
    const ends = Array.from({ length: 6 }, () => client.listManagedRunners().then(() => clock.now() - begin));
    assert.deepEqual(await clock.until(Promise.all(ends)), [0, 0, 1000, 1000, 2000, 2000]);
    assert.deepEqual(
      waits.map(({ reason, waitMs, attempt }) => [reason, waitMs, attempt]),
      [1000, 1000, 2000, 2000].map((ms) => ["rate_limit", ms, 1]),
    );
  });

  test("calls at the same time are told apart by their number", async () => {
    const received = [];
    const client = new ComfyControl({
      ...createEmulator().clientOptions,
      coalesce: false,
      onEvent: ({ call, type }) => received.push([call, type]),
    });
    await clock.until(
      Promise.all([client.listManagedRunners(), client.listManagedRunners(), client.listManagedRunners()]),
    );
    const calls = [...new Set(received.map(([call]) => call))];
    assert.equal(calls.length, 3);
    for (const one of calls)
      assert.deepEqual(
        received.filter(([call]) => call === one).map(([, type]) => type),
        ["request", "response"],
      );
  });

  test("events are plain objects, and say no query", async () => {
    const received = [];
    await clock.until(
      listManagedRunners({ ...createEmulator().clientOptions, onEvent: (event) => received.push(event) }),
    );
    assert.deepEqual(structuredClone(received), received);
    assert.deepEqual(JSON.parse(JSON.stringify(received)), received);
    assert.ok(received.every((event) => Object.getPrototypeOf(event) === Object.prototype));
    assert.doesNotMatch(JSON.stringify(received), /\?|page=/);
  });
});

/** Runs calls whose handler does `act`; gives what was reported, by `reportError` or else on the console. */
async function reported(t, act, { global }) {
  const seen = [];
  const report = (...args) => void seen.push(args);
  const before = Object.getOwnPropertyDescriptor(globalThis, "reportError");
  t.mock.method(console, "error", global ? () => assert.fail("on the console") : report);
  Object.defineProperty(globalThis, "reportError", {
    value: global ? report : undefined,
    configurable: true,
    writable: true,
  });
  let events = 0;
  const onEvent = () => ((events += 1), act());
  const client = new ComfyControl({
    ...createEmulator().clientOptions,
    onEvent,
    onInvalidRunner: () => act(),
  });
  for (let i = 0; i < 3; i += 1) assert.equal((await client.listManagedRunners()).total, 0);
  await new Promise((resolve) => setImmediate(resolve));
  if (before) Object.defineProperty(globalThis, "reportError", before);
  else delete globalThis.reportError;
  console.error.mock.restore();
  assert.equal(events, 6, "it goes on hearing");
  return seen;
}

for (const [what, act] of [
  [
    "throws",
    (value) => () => {
      throw value;
    },
  ],
  ["is async and rejects", (value) => () => Promise.reject(value)],
]) {
  test(`a handler that ${what} changes nothing, and is reported once`, async (t) => {
    for (const value of [new Error("a defect in the handler"), undefined, "text", Object.freeze({})]) {
      for (const global of [true, false])
        assert.deepEqual(await reported(t, act(value), { global }), [[value]]);
    }
  });
}

test("a reportError that throws changes nothing either", async () => {
  globalThis.reportError = () => {
    throw new Error("worse");
  };
  const onEvent = () => {
    throw new Error("a defect in the handler");
  };
  try {
    assert.equal((await listManagedRunners({ ...createEmulator().clientOptions, onEvent })).total, 0);
  } finally {
    delete globalThis.reportError;
  }
});

test("what a handler gives back is not looked at, however odd it is", async () => {
  const odd = [
    {
      get then() {
        throw new Error("then");
      },
    },
    {
      then: () => {
        throw new Error("then");
      },
    },
    { then: 7 },
    new Proxy(
      {},
      {
        get() {
          throw 1;
        },
      },
    ),
  ];
  for (const value of odd) {
    globalThis.reportError = () => {};
    assert.equal(
      (await listManagedRunners({ ...createEmulator().clientOptions, onEvent: () => value })).total,
      0,
    );
  }
  delete globalThis.reportError;
});

test("a handler may use the client, and abort the call it hears of", async () => {
  const controller = new AbortController();
  const nested = [];
  const client = new ComfyControl({
    ...createEmulator().clientOptions,
    onEvent: ({ type, call }) => {
      if (type === "request" && nested.length === 0)
        nested.push(client.listManagedRunners(), client.rateLimit, call);
    },
  });
  assert.equal((await client.listManagedRunners()).total, 0);
  assert.equal((await nested[0]).total, 0);
  const aborting = new ComfyControl({
    ...createEmulator().clientOptions,
    onEvent: () => controller.abort("by the handler"),
  });
  assert.equal(await thrown(aborting.listManagedRunners({ signal: controller.signal })), "by the handler");
});

closing();
