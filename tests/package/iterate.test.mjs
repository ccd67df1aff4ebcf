// Every runner, once and in order: the number of requests, how many are under way, and how many pages are held.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startEmulator, TOKEN } from "./support/emulator.mjs";
// Made by hand where a server breaks the contract: it repeats pages, or its total never stays.
import { answer, origin, RUNNER } from "./support/memory.mjs";
import { ComfyControl } from "./support/package.mjs";
import { noUnhandledRejections, poll } from "./support/watch.mjs";

const closing = noUnhandledRejections();
const emulator = await startEmulator();
const client = new ComfyControl({ baseUrl: emulator.url, token: TOKEN, rateLimit: false });

/** Sets up a list of this size, and resets the counters. */
const fleet = async (size) => {
  await emulator.change({ reset: size });
  await emulator.fresh();
};
const ids = async (iterator) => {
  const found = [];
  for await (const { id } of iterator) found.push(id);
  return found;
};
const pagesAsked = async () =>
  (await emulator.log()).map(({ query }) => Number(new URLSearchParams(query).get("page")));

test("ten exactly full pages cost ten requests, of 100 runners unless told otherwise, in the order of the list", async () => {
  await fleet(1000);
  const iterator = client.iterateManagedRunners();
  assert.deepEqual(await ids(iterator), await emulator.listed());
  assert.equal((await emulator.stats()).requests, 10);
  assert.ok((await emulator.log()).every(({ query }) => query.includes("per_page=100")));
  assert.deepEqual(
    (await pagesAsked()).sort((a, b) => a - b),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  );
  assert.deepEqual(iterator.report, {
    unique: 1000,
    duplicates: 0,
    totalStart: 1000,
    totalEnd: 1000,
    requests: 10,
    complete: "unknown",
  });
});

for (const [size, perPage, requests, complete] of [
  [0, 10, 1, true],
  [1, 10, 1, true],
  [10, 10, 1, true],
  [11, 10, 2, "unknown"],
  [100, 10, 10, "unknown"],
  [7, 1, 7, "unknown"],
  [205, 100, 3, "unknown"],
]) {
  test(`${size} runners, ${perPage} a page: ${requests} requests, complete: ${complete}, whatever the concurrency`, async () => {
    await fleet(size);
    const listed = await emulator.listed();
    for (const concurrency of [1, 2, 4, 16]) {
      for (const consistency of ["none", "detect", "reconcile"]) {
        await emulator.fresh();
        const { runners, report } = await client.collectManagedRunners({ perPage, concurrency, consistency });
        assert.deepEqual(
          runners.map(({ id }) => id),
          listed,
        );
        assert.deepEqual(report, {
          unique: size,
          duplicates: 0,
          totalStart: size,
          totalEnd: size,
          requests,
          complete,
        });
        const stats = await emulator.stats();
        assert.equal(stats.requests, requests);
        assert.ok(stats.maxInFlight <= concurrency, `${stats.maxInFlight} at a time of ${concurrency}`);
      }
    }
  });
}

test("pages() gives whole pages, none of them empty", async () => {
  await fleet(25);
  const sizes = [];
  for await (const page of client.iterateManagedRunners({ perPage: 10 }).pages()) sizes.push(page.length);
  assert.deepEqual(sizes, [10, 10, 5]);
  await fleet(0);
  for await (const page of client.iterateManagedRunners().pages()) assert.fail(`a page of ${page.length}`);
});

test("rows and pages in turn: pages() gives what is left of the page first, and a checkpoint loses nothing", async () => {
  await fleet(50);
  const listed = await emulator.listed();
  const iterator = client.iterateManagedRunners({ perPage: 10 });
  const found = [];
  const row = async () => found.push((await iterator.next()).value.id);
  const page = async () => found.push(...(await iterator.pages().next()).value.map(({ id }) => id));
  for (const step of [row, row, page, row, page, page]) await step();
  assert.deepEqual(found, listed.slice(0, found.length));
  const rest = await ids(client.iterateManagedRunners({ perPage: 10, resumeFrom: iterator.checkpoint }));
  assert.deepEqual([...found, ...rest], listed);
  await iterator.return();
  assert.equal((await iterator.pages().next()).done, true);
});

test("next() several times at once: each row once, in order, and then the end", async () => {
  await fleet(25);
  const listed = await emulator.listed();
  const iterator = client.iterateManagedRunners({ perPage: 10 });
  const asked = await Promise.all(Array.from({ length: 30 }, () => iterator.next()));
  assert.deepEqual(
    asked.slice(0, 25).map(({ value }) => value.id),
    listed,
  );
  assert.ok(asked.slice(25).every(({ done, value }) => done && value === undefined));
});

test("rows and pages at once: each row once", async () => {
  await fleet(50);
  const listed = await emulator.listed();
  const iterator = client.iterateManagedRunners({ perPage: 10 });
  const byPage = (async () => {
    const found = [];
    for await (const page of iterator.pages()) found.push(...page.map(({ id }) => id));
    return found;
  })();
  const both = (await Promise.all([ids(iterator), byPage])).flat();
  assert.deepEqual(both.sort(), listed.sort());
});

test("a row and a page asked for at once: neither loses rows of the other, nor does the checkpoint", async () => {
  await fleet(30);
  const listed = await emulator.listed();
  const iterator = client.iterateManagedRunners({ perPage: 10 });
  const [row, page, second] = await Promise.all([
    iterator.next(),
    iterator.pages().next(),
    iterator.pages().next(),
  ]);
  const found = [row.value, ...page.value, ...second.value].map(({ id }) => id);
  assert.deepEqual(found, listed.slice(0, 20));
  const rest = await ids(client.iterateManagedRunners({ perPage: 10, resumeFrom: iterator.checkpoint }));
  assert.deepEqual(rest, listed.slice(20));
  assert.deepEqual(await ids(iterator), listed.slice(20));
});

test("nothing is asked for before the first next()", async () => {
  await fleet(10);
  const iterator = client.iterateManagedRunners();
  assert.deepEqual(iterator.report, {
    unique: 0,
    duplicates: 0,
    totalStart: 0,
    totalEnd: 0,
    requests: 0,
    complete: false,
  });
  assert.equal(typeof iterator.checkpoint, "string");
  await iterator.return();
  assert.equal((await iterator.next()).done, true);
  assert.equal((await emulator.stats()).requests, 0);
});

test("a slow consumer: `concurrency` at a time, and no more than twice as many pages held", async () => {
  await emulator.set({ latencyMs: 20 });
  for (const concurrency of [1, 3, 4]) {
    await fleet(1000);
    const iterator = client.iterateManagedRunners({ perPage: 10, concurrency });
    const first = await iterator.next();
    assert.equal(first.done, false);
    // The client requests some pages ahead, then waits for the consumer.
    await poll(
      async () =>
        (await emulator.stats()).requests === 2 * concurrency && (await emulator.stats()).inFlight === 0,
      "the prefetch window",
    );
    assert.equal(iterator.report.requests, 2 * concurrency);
    for (let row = 1; row < 10; row += 1) await iterator.next();
    assert.equal((await emulator.stats()).requests, 2 * concurrency);
    await iterator.next();
    await poll(async () => (await emulator.stats()).requests === 2 * concurrency + 1, "one page more");
    const stats = await emulator.stats();
    assert.ok(stats.maxInFlight <= concurrency, `${stats.maxInFlight} at a time`);
    await iterator.return();
  }
  await fleet(200);
  await ids(client.iterateManagedRunners({ perPage: 10, concurrency: 4 }));
  assert.equal((await emulator.stats()).maxInFlight, 4);
  await emulator.set({ latencyMs: 0 });
});

test("answers that overtake each other are handed over in order", async () => {
  await fleet(100);
  await emulator.faults({ page: 2, latency: 60 }, { page: 3, latency: 30 }, { page: 6, latency: 40 });
  assert.deepEqual(await ids(client.iterateManagedRunners({ perPage: 10 })), await emulator.listed());
  const outcomes = await pagesAsked();
  assert.equal(outcomes.length, 10);
});

test("within the rate limit: 30 pages at 10 per 200 ms, and no 429", async () => {
  await fleet(300);
  await emulator.set({ limit: { requests: 10, windowMs: 200 } });
  const paced = new ComfyControl({
    baseUrl: emulator.url,
    token: TOKEN,
    rateLimit: { requests: 10, windowMs: 200 },
  });
  assert.equal((await paced.collectManagedRunners({ perPage: 10, concurrency: 16 })).runners.length, 300);
  const { requests, refused } = await emulator.stats();
  assert.deepEqual({ requests, refused }, { requests: 30, refused: 0 });
  await emulator.set({ limit: null });
});

const row = (index) => ({
  ...RUNNER,
  id: `018f9c3e-0000-7000-8000-${String(index).padStart(12, "0")}`,
  created_at: new Date(1.7e12 - index * 1000).toISOString(),
});
const rows = (from, count) => Array.from({ length: count }, (_, index) => row(from + index));
const query = (url, name) => Number(new URL(url).searchParams.get(name));

/** Servers whose list never ends. Each is a function of the page and of the number of earlier requests. */
const ENDLESS = {
  "repeats the same page for ever": (page, perPage) => ({ runners: rows(0, perPage), total: 1000 }),
  "repeats the same page, and has a total that grows": (page, perPage, before) => ({
    runners: rows(0, perPage),
    total: 1000 + before * perPage,
  }),
  "has a total that only grows, and no rows": (page, perPage, before) => ({
    runners: [],
    total: 1000 + before,
  }),
  "has a total that only grows, by a page with each answer": (page, perPage, before) => ({
    runners: rows((page - 1) * perPage, perPage),
    total: 1000 + before * perPage,
  }),
  "has a total that never stays": (page, perPage, before) => ({
    runners: rows((page - 1) * perPage, perPage),
    total: 1000 + (before % 2) * 50,
  }),
  "has other rows each time": (page, perPage, before) => ({
    runners: rows(before * 1000 + page * perPage, perPage),
    total: 1000,
  }),
};
for (const [what, server] of Object.entries(ENDLESS)) {
  test(`a server that ${what}: comes to an end, in list_changed unless the rows were all new`, async () => {
    for (const concurrency of [1, 4]) {
      for (const consistency of ["reconcile", "detect", "none"]) {
        let requests = 0;
        const fetch = async (url) => {
          requests += 1;
          assert.ok(requests < 400, `${requests} requests`);
          return answer(server(query(url, "page"), query(url, "per_page"), requests - 1));
        };
        const endless = new ComfyControl({ fetch, baseUrl: origin(), rateLimit: false });
        const outcome = await endless
          .collectManagedRunners({ perPage: 100, concurrency, consistency })
          .catch((error) => error);
        const bound = 2 * 10 + 16 + 4 * concurrency;
        assert.ok(requests <= bound, `${requests} requests of at most ${bound}`);
        if (outcome.code) {
          assert.equal(outcome.code, "list_changed");
          assert.equal(outcome.retryable, true);
          assert.equal(outcome.report.complete, false);
          assert.equal(outcome.report.requests, requests);
          assert.equal(outcome.report.unique, outcome.runners.length);
          assert.equal(typeof outcome.checkpoint, "string");
        } else assert.notEqual(outcome.report.complete, true);
        if (consistency === "reconcile" && what !== "has other rows each time")
          assert.equal(outcome.code, "list_changed", what);
        if (consistency !== "none") {
          const found = outcome.runners.map(({ id }) => id);
          assert.equal(new Set(found).size, found.length);
        }
      }
    }
  });
}

test("bad options are refused at once, by name, before any request", async () => {
  await fleet(10);
  const refused = (options) => {
    try {
      client.iterateManagedRunners(options);
    } catch (error) {
      assert.equal(error.code, "invalid_options");
      return error.message;
    }
    assert.fail(`accepted: ${JSON.stringify(options)}`);
  };
  for (const [options, name] of [
    [{ perPage: 0 }, "perPage"],
    [{ perPage: 101 }, "perPage"],
    [{ concurrency: 0 }, "concurrency"],
    [{ concurrency: 17 }, "concurrency"],
    [{ consistency: "strict" }, "consistency"],
    [{ onProgress: 1 }, "onProgress"],
    [{ resumeFrom: 1 }, "resumeFrom"],
    [{ page: 1 }, "page"],
    [{ per_page: 10 }, "perPage"],
    [{ signal: {} }, "signal"],
    [{ timeout: -1 }, "timeout"],
    [7, "options"],
  ]) {
    assert.match(refused(options), new RegExp(name));
    await assert.rejects(client.collectManagedRunners(options), { code: "invalid_options" });
  }
  assert.equal((await emulator.stats()).requests, 0);
});

closing();
