// The rate limit: an exact sliding window per origin, shared by all of the package.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { virtualClock } from "./support/clock.mjs";
import { startEmulator, TOKEN } from "./support/emulator.mjs";
import { ComfyControl, getManagedRunner, listManagedRunners } from "./support/package.mjs";
import { createEmulator } from "./support/testing.mjs";
import { thrown } from "./support/watch.mjs";

const WINDOW = 10_000;

suite("with a clock of our own, under the documented limit", () => {
  const clock = virtualClock();

  /** A client at an origin of its own, whose requests take `latency` ms. */
  function paced({ latency = 20, ...options } = {}) {
    const api = createEmulator({ latency, clock: "real" });
    const given = { ...api.clientOptions, coalesce: false, ...options };
    return { api, client: new ComfyControl(given), given };
  }
  /** When the requests started, since the API was made. */
  const startsOf = (api) => api.requests.map(({ at }) => at);
  const pagesOf = (api) => api.requests.map(({ page }) => page);
  const many = (client, count, first = 1) =>
    Array.from({ length: count }, (_, i) => client.listManagedRunners({ page: first + i }));
  const mostInAWindow = (starts, window = WINDOW) =>
    Math.max(
      ...starts.map((start) => starts.filter((other) => other >= start && other < start + window).length),
    );

  test("200 calls at once: 200 succeed, 40 starts in any 10 s, in the limit's own time plus at most 2 %", async () => {
    const { api, client } = paced();
    const before = clock.now();
    await clock.until(Promise.all(many(client, 200)));
    const starts = startsOf(api);
    assert.equal(starts.length, 200);
    assert.equal(mostInAWindow(starts), 40);
    assert.ok(clock.now() - before <= 4 * WINDOW * 1.02, String(clock.now() - before));
  });

  test("first come, first served", async () => {
    const { api, client } = paced();
    await clock.until(Promise.all(many(client, 130)));
    assert.deepEqual(
      pagesOf(api),
      Array.from({ length: 130 }, (_, i) => i + 1),
    );
  });

  test("calls that come one after another pass at once until the window is full", async () => {
    const { api, client } = paced({ latency: 100 });
    const before = clock.now();
    for (let i = 0; i < 40; i += 1) await clock.until(client.listManagedRunners());
    assert.equal(clock.now() - before, 40 * 100);
    await clock.until(client.listManagedRunners());
    // The slot of the first request came free one window after its end.
    assert.equal(startsOf(api)[40], WINDOW + 100);
  });

  test("an aborted waiter gives its position to the next one, and never starts", async () => {
    const { api, client } = paced();
    const controller = new AbortController();
    const first = many(client, 40);
    const aborted = thrown(client.listManagedRunners({ page: 1000, signal: controller.signal }));
    const rest = many(client, 40, 41);
    await clock.settle();
    assert.equal(client.rateLimit.queued, 41);
    controller.abort("gone");
    assert.equal(await aborted, "gone");
    assert.equal(client.rateLimit.queued, 40);
    const before = clock.now();
    await clock.until(Promise.all([...first, ...rest]));
    assert.deepEqual(
      pagesOf(api),
      Array.from({ length: 80 }, (_, i) => i + 1),
    );
    assert.ok(clock.now() - before <= WINDOW + 40 + 1);
  });

  test("a waiter whose signal timed out gives its position up, too", async () => {
    const { api, client } = paced({ rateLimit: { requests: 1, windowMs: WINDOW } });
    const controller = new AbortController();
    setTimeout(() => controller.abort(new DOMException("too late", "TimeoutError")), 5000);
    const [first] = many(client, 1);
    const late = thrown(client.listManagedRunners({ page: 2, signal: controller.signal }));
    const [last] = many(client, 1, 3);
    assert.equal((await clock.until(late)).name, "TimeoutError");
    await clock.until(Promise.all([first, last]));
    assert.deepEqual(pagesOf(api), [1, 3]);
  });

  test("two clients and the free functions share the window of their origin, and of no other", async () => {
    const { api, client, given } = paced();
    const second = new ComfyControl(given);
    const other = paced();
    const calls = Array.from({ length: 20 }, () => [
      client.listManagedRunners(),
      second.listManagedRunners(),
      listManagedRunners(given),
      thrown(getManagedRunner("018f9c3e-0000-7000-8000-00000000000a", given)),
      other.client.listManagedRunners(),
    ]);
    await clock.until(Promise.all(calls.flat()));
    const starts = startsOf(api);
    assert.equal(mostInAWindow(starts), 40);
    assert.equal(starts.length, 80);
    assert.equal(startsOf(other.api).at(-1), startsOf(other.api)[0]);
  });

  test("waiting in the queue does not count against the timeout", async () => {
    const { client } = paced({ rateLimit: { requests: 1, windowMs: 60_000 }, timeout: 50 });
    await clock.until(Promise.all(many(client, 3)));
  });

  test("a slot stays taken while a request is under way, however long that takes", async () => {
    const { api, client } = paced({ rateLimit: { requests: 2, windowMs: 100 }, latency: 5000 });
    await clock.until(Promise.all(many(client, 4)));
    assert.deepEqual(startsOf(api), [0, 0, 5100, 5100]);
  });

  test("rateLimit tells limit, remaining, resetAt and queued", async () => {
    const { client } = paced({ rateLimit: { requests: 2, windowMs: 1000 }, latency: 100 });
    assert.deepEqual(client.rateLimit, { limit: 2, remaining: 2, resetAt: null, queued: 0 });
    const calls = many(client, 3);
    await clock.settle();
    const { resetAt, ...rest } = client.rateLimit;
    assert.deepEqual(rest, { limit: 2, remaining: 0, queued: 1 });
    assert.ok(resetAt >= Date.now() + 1000);
    await clock.until(calls[0]);
    assert.equal(client.rateLimit.resetAt, Date.now() + 1000);
    await clock.until(Promise.all(calls));
    await clock.pass(1000);
    assert.deepEqual(client.rateLimit, { limit: 2, remaining: 2, resetAt: null, queued: 0 });
  });

  test("rateLimit: false turns pacing off, but its requests count for the others", async () => {
    const { api, client, given } = paced({ rateLimit: false });
    const before = clock.now();
    await clock.until(Promise.all(many(client, 200)));
    assert.deepEqual([api.requests.length, clock.now() - before], [200, 20]);
    assert.deepEqual(client.rateLimit, { limit: Infinity, remaining: Infinity, resetAt: null, queued: 0 });
    const polite = new ComfyControl({ ...given, rateLimit: undefined });
    await clock.until(polite.listManagedRunners());
    assert.equal(startsOf(api).at(-1), 20 + WINDOW);
  });

  /** A 429 with these headers: how long that call, another one and one of another client waited. */
  async function pauseAfter(headers) {
    const { api, client, given } = paced({ latency: 0 });
    api.failNext({ status: 429, headers });
    const calls = [client.listManagedRunners()];
    while (api.requests.length === 0) await Promise.resolve();
    for (let i = 0; i < 50; i += 1) await Promise.resolve();
    calls.push(client.listManagedRunners({ maxRetries: 0 }), listManagedRunners({ ...given, maxRetries: 0 }));
    await clock.until(Promise.all(calls));
    const [first, ...others] = startsOf(api);
    assert.equal(new Set(others).size, 1, "all at the same moment");
    return others[0] - first;
  }

  test("a 429 from elsewhere freezes everybody until Retry-After, or for 10 s without one", async () => {
    const date = (ms) => new Date(Math.floor(Date.now() / 1000) * 1000 + ms).toUTCString();
    assert.equal(await pauseAfter({}), 10_000);
    assert.equal(await pauseAfter({ "retry-after": "3" }), 3_000);
    assert.equal(await pauseAfter({ "retry-after": "0" }), 10_000);
    assert.equal(await pauseAfter({ "retry-after": "soon" }), 10_000);
    // HTTP dates have whole seconds.
    await clock.pass(1000 - (Date.now() % 1000));
    assert.equal(await pauseAfter({ "retry-after": date(7_000) }), 7_000);
    // The answer has its own `Date`, so the local clock may be wrong by an hour.
    assert.equal(await pauseAfter({ date: date(3_600_000), "retry-after": date(3_604_000) }), 4_000);
  });

  test("each waiter has one timer of its own, and nobody is left one", async () => {
    const { client } = paced({ latency: 0 });
    const calls = many(client, 140);
    await clock.pass(100);
    assert.equal(client.rateLimit.queued, 100);
    assert.equal(clock.timers(), 100);
    await clock.until(Promise.all(calls));
    assert.equal(clock.timers(), 0);
  });
});

suite("in real time, against the emulator", () => {
  test("200 calls at once with the window scaled down: 200 succeed, the server refuses none", async () => {
    const rateLimit = { requests: 40, windowMs: 1000 };
    const emulator = await startEmulator("--limit", "40", "--window-ms", "1000");
    const times = { request: [], response: [] };
    const client = new ComfyControl({
      baseUrl: emulator.url,
      token: TOKEN,
      rateLimit,
      onEvent: ({ type, time }) => times[type]?.push(time),
    });
    const pages = await Promise.all(
      Array.from({ length: 200 }, (_, i) => client.listManagedRunners({ page: i + 1, perPage: 1 })),
    );
    assert.deepEqual(
      pages.map(({ page }) => page),
      Array.from({ length: 200 }, (_, i) => i + 1),
    );
    const stats = await emulator.stats();
    assert.deepEqual([stats.requests, stats.refused, stats.faults], [200, 0, 0]);
    assert.ok(stats.maxStartsInWindow <= 40, String(stats.maxStartsInWindow));
    // The time that the limit requires plus 2 %, and the time that the requests themselves took on this machine.
    const took = times.response.at(-1) - times.request[0];
    const bursts = [0, 40, 80, 120, 160].map((at) => times.response[at + 39] - times.request[at]);
    const own = bursts.reduce((sum, burst) => sum + burst, 0);
    assert.ok(
      took >= 4 * 1000 && took <= 4 * 1000 * 1.02 + own,
      `${took} ms, of which ${bursts} ms were requests`,
    );
  });

  test("a cooldown another client brought about is waited for by everybody, once", async () => {
    const emulator = await startEmulator("--limit", "40", "--window-ms", "500", "--retry-after", "seconds");
    const waits = [];
    const client = new ComfyControl({
      baseUrl: emulator.url,
      token: TOKEN,
      onEvent: (event) => event.type === "cooldown" && waits.push(event),
    });
    await emulator.cooldown(900);
    const before = performance.now();
    const first = await client.listManagedRunners({ maxRetries: 1 });
    await Promise.all(
      Array.from({ length: 9 }, () => client.listManagedRunners({ maxRetries: 0, coalesce: false })),
    );
    assert.equal(first.total, 250);
    assert.ok(performance.now() - before >= 890);
    assert.equal((await emulator.stats()).refused, 1);
    assert.equal(waits.length, 1);
  });
});
