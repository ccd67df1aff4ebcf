// Scenarios in which the best clients for other APIs fail, and what this client does. `cargo xtask size` tests the
// bundle size.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { inspect } from "node:util";

import { virtualClock } from "./support/clock.mjs";
import { server } from "./support/list.mjs";
import { answer, memory, origin, refusal, RUNNER } from "./support/memory.mjs";
import { ComfyControl, listManagedRunners } from "./support/package.mjs";

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

  for (const retryAfter of [false, true]) {
    test(`200 calls at once, ${retryAfter ? "with" : "without"} Retry-After: 200 of 200, no 429, about 40 s`, async () => {
      const { fetch, stats } = server(clock, { rows: 10, retryAfter });
      const client = new ComfyControl({ fetch, baseUrl: origin() });
      const before = clock.now();
      const pages = await clock.until(
        Promise.all(Array.from({ length: 200 }, () => client.listManagedRunners())),
      );
      assert.ok(pages.every(({ total }) => total === 10));
      assert.deepEqual(stats, { requests: 200, refused: 0 });
      assert.ok(clock.now() - before < 40_000 * 1.02, String(clock.now() - before));
    });
  }

  test("200 calls at once while another client uses the window up: 200 of 200 all the same", async () => {
    const { fetch, stats } = server(clock, { rows: 10 });
    const other = Array.from({ length: 30 }, () => fetch("https://x.example/?page=1&per_page=1"));
    await clock.until(Promise.all(other));
    const client = new ComfyControl({ fetch, baseUrl: origin() });
    const pages = await clock.until(
      Promise.all(Array.from({ length: 200 }, () => client.listManagedRunners())),
    );
    assert.equal(pages.length, 200);
    // Those that were under way when the first was refused.
    assert.equal(stats.refused, 30);
  });

  test("paging 60 pages in sequence finishes", async () => {
    const { fetch, stats } = server(clock, { rows: 600 });
    const client = new ComfyControl({ fetch, baseUrl: origin() });
    const names = [];
    for (let page = 1, more = true; more; page += 1) {
      const { runners, hasNextPage } = await clock.until(client.listManagedRunners({ page }));
      names.push(...runners.map(({ name }) => name));
      more = hasNextPage;
    }
    assert.equal(new Set(names).size, 600);
    assert.deepEqual(stats, { requests: 60, refused: 0 });
  });

  const collect = (fetch, options) =>
    clock.until(
      new ComfyControl({ fetch, baseUrl: origin() }).collectManagedRunners({ perPage: 10, ...options }),
    );

  test("5 rows deleted while paging 10 pages: every row that stayed is delivered once", async () => {
    for (const concurrency of [1, 4]) {
      const { fetch, list, after } = server(clock, { rows: 100 });
      after(4, () => list.splice(2, 5));
      const { runners } = await collect(fetch, { concurrency });
      const names = runners.map(({ name }) => name);
      assert.equal(new Set(names).size, names.length);
      for (const { name } of list) assert.ok(names.includes(name), name);
    }
  });

  test("5 rows inserted while paging: no repeats", async () => {
    for (const concurrency of [1, 4]) {
      const { fetch, list, row, after } = server(clock, { rows: 100 });
      const before = list.map(({ name }) => name);
      after(4, () => list.unshift(...[105, 104, 103, 102, 101].map(row)));
      const names = (await collect(fetch, { concurrency })).runners.map(({ name }) => name);
      assert.equal(new Set(names).size, names.length);
      for (const name of before) assert.ok(names.includes(name), name);
    }
  });

  test("10 exactly full pages: 10 requests", async () => {
    const { fetch, stats } = server(clock, { rows: 100 });
    assert.equal((await collect(fetch)).runners.length, 100);
    assert.equal(stats.requests, 10);
  });

  test("a body that stalls after the headers: times out, and retries", async () => {
    const stalled = () => new Response(new ReadableStream());
    const { fetch, requests } = memory(stalled, () => answer());
    const before = clock.now();
    assert.equal((await clock.until(call(fetch))).total, 0);
    assert.equal(requests.length, 2);
    assert.ok(clock.now() - before >= 10_000 && clock.now() - before <= 10_500);
    assert.equal((await fails(call(stalled, { maxRetries: 0, timeout: 50 }))).code, "timeout");
  });

  test("abort during backoff: rejects at once", async () => {
    const controller = new AbortController();
    const ended = call(memory(() => refusal(503, { "retry-after": "30" })).fetch, {
      signal: controller.signal,
    }).catch((reason) => [reason, clock.now()]);
    await clock.pass(1000);
    controller.abort("enough");
    assert.deepEqual(await ended, ["enough", clock.now()]);
    assert.equal(clock.timers(), 0);
  });

  test("Retry-After: 277403: fails at once with retryAt", async () => {
    const before = clock.now();
    const error = await fails(call(memory(() => refusal(429, { "retry-after": "277403" })).fetch));
    assert.deepEqual(
      [error.code, error.retryAt, clock.now()],
      ["rate_limited", Date.now() + 277_403_000, before],
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
      token: "cfc_Sup3rS3cret",
      baseUrl: origin(),
      fetch: async () => refusal(401),
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
