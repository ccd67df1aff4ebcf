// Which failures are tried again, when, and how often.

import assert from "node:assert/strict";
import { mock, suite, test } from "node:test";

import { virtualClock } from "./support/clock.mjs";
import { startEmulator, TOKEN } from "./support/emulator.mjs";
import { ComfyControl, listManagedRunners } from "./support/package.mjs";
import { createEmulator } from "./support/testing.mjs";
import { thrown } from "./support/watch.mjs";

suite("with a clock of our own", () => {
  const clock = virtualClock();

  /** Makes a call to an API with these faults. Returns the error or page, the times of the requests, and the retry events. */
  async function run(faults, options) {
    const retries = [];
    const api = createEmulator({ clock: "real" });
    faults.forEach(api.failNext);
    const call = listManagedRunners({
      ...api.clientOptions,
      onEvent: (event) => event.type === "retry" && retries.push(event),
      ...options,
    });
    const result = await clock.until(call.catch((error) => error));
    const starts = api.requests.map(({ at }) => at);
    return { result, starts, retries, waits: retries.map(({ waitMs }) => waitMs) };
  }
  const always = (fault) => [{ ...fault, times: Infinity }];
  const down = { cut: "before-headers" };
  const truncated = { truncate: "mid-body" };

  test("connection errors, 408, 429, 500, 502, 503, 504 and bodies that break off are tried twice more", async () => {
    const cases = [
      [down, "connection_failed"],
      [{ cut: "mid-body" }, "connection_failed"],
      [truncated, "invalid_response"],
      [{ status: 408 }, "bad_request"],
      [{ status: 500 }, "server_error"],
      [{ status: 502 }, "server_error"],
      [{ status: 503 }, "server_error"],
      [{ status: 504 }, "server_error"],
    ];
    for (const [bad, code] of cases) {
      const { result, starts, retries } = await run(always(bad));
      assert.deepEqual([result.code, starts.length], [code, 3]);
      assert.ok(retries.every(({ error, charged }) => error === code && charged));
      assert.equal((await run([bad, bad])).result.total, 0);
    }
  });

  test("nothing else is tried again", async () => {
    const statuses = [400, 401, 403, 404, 410, 501, 505, 520].map((status) => ({ status }));
    const bodies = ["<html>", "{}", '{"runners":[],"total":"1"}'].map((body) => ({ body }));
    for (const bad of [...statuses, ...bodies]) assert.equal((await run([bad])).starts.length, 1);
  });

  test("maxRetries: 0 means one attempt, whatever happens; 10 means eleven", async () => {
    for (const bad of [down, truncated, { status: 503 }, { status: 429 }])
      assert.equal((await run([bad], { maxRetries: 0 })).starts.length, 1);
    assert.equal((await run(always({ status: 503 }), { maxRetries: 10 })).starts.length, 11);
  });

  test("the backoff doubles from 0.5 s to 8 s, with full jitter", async () => {
    for (const random of [0, 0.5, 0.999]) {
      const random_ = mock.method(Math, "random", () => random);
      const { waits, starts } = await run(always({ status: 500 }), { maxRetries: 7 });
      random_.mock.restore();
      const ceilings = [500, 1000, 2000, 4000, 8000, 8000, 8000];
      assert.deepEqual(
        waits,
        ceilings.map((ceiling) => ceiling * random),
      );
      let at = 0;
      assert.deepEqual(starts, [0, ...waits.map((wait) => (at += Math.ceil(wait)))]);
    }
  });

  test("the jitter comes from a real random source", async () => {
    const waits = [];
    for (let i = 0; i < 60; i += 1)
      waits.push(...(await run(always({ status: 500 }), { maxRetries: 1 })).waits);
    assert.equal(new Set(waits).size, 60);
    assert.ok(waits.every((wait) => wait >= 0 && wait < 500));
    assert.ok(Math.min(...waits) < 125 && Math.max(...waits) > 375, "spread over all of it");
  });

  test("Retry-After is obeyed, in seconds and as a date, on any failure worth another try", async () => {
    await clock.pass(1000 - (Date.now() % 1000));
    const date = (ms) => () => new Date(Date.now() + ms).toUTCString();
    const cases = [
      [503, "2", 2000],
      [408, "60", 60_000],
      [503, date(3000), 3000],
      [429, "2", 2000],
      [429, date(5000), 5000],
    ];
    for (const [status, value, wait] of cases) {
      const header = typeof value === "string" ? value : value();
      const { starts, waits } = await run([{ status, headers: { "retry-after": header } }]);
      assert.deepEqual([waits, starts], [[wait], [0, wait]], `${status} ${header}`);
    }
  });

  test("Retry-After beyond 60 s fails at once, with retryAt", async () => {
    for (const [status, value, wait] of [
      [503, "61", 61_000],
      [429, "277403", 277_403_000],
      [429, "99999999999999999999", 1e15],
    ]) {
      const now = Date.now();
      const { result, starts } = await run([{ status, headers: { "retry-after": value } }]);
      assert.deepEqual([result.status, starts.length, result.retryAt], [status, 1, now + wait]);
      assert.equal(Date.now(), now);
    }
  });

  test("an unreadable Retry-After counts as none", async () => {
    for (const value of ["soon", "-1", "1.x", "Wed, 99 Foo 2026 00:00:00 GMT", ""]) {
      const { waits } = await run([{ status: 503, headers: { "retry-after": value } }]);
      assert.ok(waits[0] < 500, value);
    }
  });

  test("the first 429 of a call is not charged, the next ones are", async () => {
    const { result, starts, retries } = await run(always({ status: 429 }));
    assert.deepEqual([result.code, starts.length], ["rate_limited", 4]);
    assert.deepEqual(
      retries.map(({ charged, waitMs }) => [charged, waitMs]),
      [
        [false, 10_000],
        [true, 10_000],
        [true, 10_000],
      ],
    );
    assert.equal(result.retryAt, Date.now() + 10_000);
  });

  test("without pacing, a 429 is waited for all the same", async () => {
    const { result, starts } = await run([{ status: 429, retryAfter: 3 }], { rateLimit: false });
    assert.deepEqual([result.total, starts], [0, [0, 3000]]);
  });

  test("a retry waits for a slot in the window like every request", async () => {
    const { starts } = await run([{ status: 503, retryAfter: 1 }], {
      rateLimit: { requests: 1, windowMs: 5000 },
    });
    assert.deepEqual(starts, [0, 5000]);
  });
});

suite("against the emulator", () => {
  test("each fault is got over by itself", async (t) => {
    t.mock.method(Math, "random", () => 0);
    const emulator = await startEmulator();
    const client = new ComfyControl({ baseUrl: emulator.url, token: TOKEN, rateLimit: false, timeout: 200 });
    const faults = [
      { status: 503, retryAfter: 0 },
      { status: 500, html: true },
      { cut: "before-headers" },
      { cut: "after-headers" },
      { cut: "mid-body" },
      { truncate: "mid-body" },
      { truncate: 0 },
      { stall: "before-headers" },
      { stall: "mid-body" },
    ];
    for (const fault of faults) {
      await emulator.fresh();
      await emulator.faults(fault);
      assert.equal((await client.listManagedRunners()).runners.length, 10, JSON.stringify(fault));
      assert.equal((await emulator.stats()).requests, 2, JSON.stringify(fault));
    }
    await emulator.faults({ cut: "mid-body", times: 3 });
    const error = await thrown(client.listManagedRunners());
    assert.equal(error.code, "connection_failed");
    assert.ok(error.cause instanceof Error);
  });
});
