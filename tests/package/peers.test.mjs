// Scenarios in which the best clients for other APIs fail, and what this client does. `cargo xtask size` tests the
// bundle size.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { inspect } from "node:util";

import { virtualClock } from "./support/clock.mjs";
// Hand-made answers where one exact body is what counts.
import { answer, memory, origin, RUNNER } from "./support/memory.mjs";
import { ComfyControl, listManagedRunners } from "./support/package.mjs";
import { createEmulator, ids } from "./support/testing.mjs";

suite("where peers fail", () => {
  const clock = virtualClock();
  const fails = (promise) =>
    clock.until(
      promise.then(
        () => assert.fail("it succeeded"),
        (error) => error,
      ),
    );
  const call = (fetch, options) => listManagedRunners({ fetch, baseUrl: origin(), ...options });
  /** The API under its documented limit, 20 ms away, on this clock. */
  const emulate = (runners, options) =>
    createEmulator({ runners, latency: 20, rateLimit: true, clock: "real", ...options });
  const refused = (api) => api.requests.filter(({ status }) => status === 429).length;

  for (const retryAfter of ["none", "seconds"]) {
    test(`200 calls at once, Retry-After: ${retryAfter}: 200 of 200, no 429, about 40 s`, async () => {
      const api = emulate(10, { retryAfter });
      const client = new ComfyControl({ ...api.clientOptions, coalesce: false });
      const before = clock.now();
      const pages = await clock.until(
        Promise.all(Array.from({ length: 200 }, () => client.listManagedRunners())),
      );
      assert.ok(pages.every(({ total }) => total === 10));
      assert.deepEqual([api.requests.length, refused(api)], [200, 0]);
      assert.ok(clock.now() - before < 40_000 * 1.02, String(clock.now() - before));
    });
  }

  test("200 calls at once while another client uses the window up: 200 of 200 all the same", async () => {
    const api = emulate(10);
    const other = Array.from({ length: 30 }, () => api.fetch("/v1/managed-runner"));
    await clock.until(Promise.all(other));
    const client = new ComfyControl({ ...api.clientOptions, coalesce: false });
    const pages = await clock.until(
      Promise.all(Array.from({ length: 200 }, () => client.listManagedRunners())),
    );
    assert.equal(pages.length, 200);
    // Those that were under way when the first was refused.
    assert.equal(refused(api), 30);
  });

  test("paging 60 pages in sequence finishes", async () => {
    const api = emulate(600);
    const client = new ComfyControl({ ...api.clientOptions, coalesce: false });
    const found = [];
    for (let page = 1, more = true; more; page += 1) {
      const { runners, hasNextPage } = await clock.until(client.listManagedRunners({ page }));
      found.push(...ids(runners));
      more = hasNextPage;
    }
    assert.deepEqual(found, ids(api.runners));
    assert.deepEqual([api.requests.length, refused(api)], [60, 0]);
  });

  const collect = async (api, options) => {
    const client = new ComfyControl({ ...api.clientOptions, coalesce: false });
    return ids((await clock.until(client.collectManagedRunners({ perPage: 10, ...options }))).runners);
  };

  test("5 rows deleted while paging 10 pages: every row that stayed is delivered once", async () => {
    for (const concurrency of [1, 4]) {
      const api = emulate(100);
      api.changeWhile({ every: 4, times: 1 }, ({ runners }) => {
        for (const { id } of runners.slice(2, 7)) api.remove(id);
      });
      const found = await collect(api, { concurrency });
      assert.equal(new Set(found).size, found.length);
      for (const { id } of api.runners) assert.ok(found.includes(id), id);
    }
  });

  test("5 rows inserted while paging: no repeats", async () => {
    for (const concurrency of [1, 4]) {
      const api = emulate(100);
      const before = ids(api.runners);
      api.changeWhile({ every: 4, times: 1 }, () => {
        for (let added = 0; added < 5; added += 1) api.add();
      });
      const found = await collect(api, { concurrency });
      assert.equal(new Set(found).size, found.length);
      for (const id of before) assert.ok(found.includes(id), id);
    }
  });

  test("10 exactly full pages: 10 requests", async () => {
    const api = emulate(100);
    assert.equal((await collect(api)).length, 100);
    assert.equal(api.requests.length, 10);
  });

  test("a body that stalls after the headers: times out, and retries", async () => {
    const api = emulate(10);
    api.failNext({ stall: "after-headers" });
    const client = new ComfyControl({ ...api.clientOptions, coalesce: false });
    const before = clock.now();
    assert.equal((await clock.until(client.listManagedRunners())).total, 10);
    assert.equal(api.requests.length, 2);
    assert.ok(clock.now() - before >= 10_000 && clock.now() - before <= 10_550);
    api.failNext({ stall: "after-headers" });
    const again = client.listManagedRunners({ maxRetries: 0, timeout: 50 });
    assert.equal((await fails(again)).code, "timeout");
  });

  test("abort during backoff: rejects at once", async () => {
    const api = emulate(10);
    api.failNext({ status: 503, retryAfter: 30 });
    const controller = new AbortController();
    const ended = listManagedRunners({ ...api.clientOptions, signal: controller.signal }).catch((reason) => [
      reason,
      clock.now(),
    ]);
    await clock.pass(1000);
    controller.abort("enough");
    assert.deepEqual(await ended, ["enough", clock.now()]);
    assert.equal(clock.timers(), 0);
  });

  test("Retry-After: 277403: fails at once with retryAt", async () => {
    const api = emulate(10);
    api.failNext({ status: 429, retryAfter: 277_403 });
    const before = clock.now();
    const error = await fails(listManagedRunners(api.clientOptions));
    assert.deepEqual(
      [error.code, error.retryAt, clock.now()],
      ["rate_limited", Date.now() + 277_403_000, before + 20],
    );
  });

  test("a wrong shape in a 200: invalid_response with the path", async () => {
    const error = await fails(
      call(async () => answer({ runners: [RUNNER, { ...RUNNER, tags: {} }], total: 2 })),
    );
    assert.deepEqual([error.code, error.path], ["invalid_response", "runners[1].tags"]);
  });

  test("truncated JSON in a 200: retried, then invalid_response", async () => {
    const text = JSON.stringify({ runners: [RUNNER], total: 1 });
    const { fetch, requests } = memory(() => answer(text.slice(0, 100)));
    const error = await fails(call(fetch));
    assert.deepEqual([error.code, error.status, requests.length], ["invalid_response", 200, 3]);
    assert.match(
      error.message,
      /^GET \/v1\/managed-runner answered 200 .* found the end of the body at byte 10/,
    );
  });

  test("HTML with status 200: invalid_response naming the content type", async () => {
    const { fetch, requests } = memory(() =>
      answer("<!doctype html><title>Just a moment", { headers: { "content-type": "text/html" } }),
    );
    const error = await fails(call(fetch));
    assert.equal(error.code, "invalid_response");
    assert.match(error.message, /content type text\/html/);
    assert.equal(requests.length, 1);
  });

  test("util.inspect(client) and its errors: nothing secret anywhere", async () => {
    const client = new ComfyControl({
      ...emulate(10).clientOptions,
      token: "cfc_Sup3rS3cret",
    });
    const shown = [client, await fails(client.listManagedRunners())]
      .map((value) => inspect(value, { depth: 9, showHidden: true }))
      .join();
    assert.doesNotMatch(shown, /Sup3r/);
  });

  test("a new enum value passes as a string", async () => {
    const page = await clock.until(
      call(async () =>
        answer({ runners: [{ ...RUNNER, runner_type: "ultra", status: "paused" }], total: 1 }),
      ),
    );
    assert.deepEqual([page.runners[0].runnerType, page.runners[0].status], ["ultra", "paused"]);
  });
});
