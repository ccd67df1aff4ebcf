// If an enumeration ends half-way, it cancels the requests under way, and leaves nothing behind.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

import { startEmulator, TOKEN } from "./support/emulator.mjs";
// Empty pages of a long list, made by hand, where a reading is to go on without handing anything over.
import { answer, memory, origin } from "./support/memory.mjs";
import { ComfyControl, entry, isComfyControlError } from "./support/package.mjs";
import { createEmulator } from "./support/testing.mjs";
import { listeners, noUnhandledRejections, poll, thrown, timers } from "./support/watch.mjs";

const closing = noUnhandledRejections();
const warnings = [];
process.on("warning", ({ message }) => warnings.push(message));
const emulator = await startEmulator("--runners", "100");
const client = new ComfyControl({ baseUrl: emulator.url, token: TOKEN, rateLimit: false });
await client.listManagedRunners();
const timersBefore = timers();
const REASONS = [
  undefined,
  null,
  0,
  "enough",
  Symbol("enough"),
  { frozen: true },
  Object.freeze(new Error("frozen")),
  Promise.resolve(1),
  Object.create(null),
];

/** An iterator for which pages 2 to 5 are asked for and never answered. */
async function stalled(signal) {
  await emulator.fresh();
  await emulator.faults(
    ...[2, 3, 4, 5].map((page) => ({ page, stall: page % 2 ? "mid-body" : "before-headers", times: 9 })),
  );
  return client.iterateManagedRunners({ perPage: 10, signal });
}
const underWay = () => poll(async () => (await emulator.stats()).inFlight === 4, "four requests under way");
/** Checks that all four requests were cancelled, no listener and no timer is left, and no request follows. */
async function nothingLeft(signal) {
  const stats = await poll(async () => {
    const now = await emulator.stats();
    return now.inFlight === 0 && now;
  }, "nothing under way");
  assert.equal(stats.aborted, 4);
  assert.equal(stats.requests, 5);
  assert.equal(listeners(signal), 0);
  await poll(() => timers() === timersBefore, "no timer left");
}

const take = async (iterator, count) => {
  for (let row = 0; row < count; row += 1) assert.equal((await iterator.next()).done, false);
};
/** Ways to end when four requests are under way. */
const ENDS = {
  break: async (iterator) => {
    let rows = 0;
    for await (const { id } of iterator) {
      assert.ok(id);
      if ((rows += 1) < 10) continue;
      await underWay();
      break;
    }
  },
  "break by page": async (iterator) => {
    for await (const page of iterator.pages()) {
      assert.equal(page.length, 10);
      await underWay();
      break;
    }
  },
  "return in the loop": (iterator) =>
    (async () => {
      for await (const { id } of iterator) {
        await underWay();
        return id;
      }
    })(),
  "an exception in the loop": async (iterator) => {
    const loop = async () => {
      for await (const { id } of iterator) {
        await underWay();
        throw new Error(id);
      }
    };
    assert.match((await thrown(loop())).message, /^[0-9a-f-]{36}$/);
  },
  "throw()": async (iterator) => {
    await take(iterator, 10);
    await underWay();
    assert.equal((await thrown(iterator.throw(new Error("mine")))).message, "mine");
  },
  "return() during a pending next()": async (iterator) => {
    await take(iterator, 10);
    const pending = [iterator.next(), iterator.next(), iterator.pages().next()];
    await underWay();
    assert.deepEqual(await iterator.return("value"), { done: true, value: "value" });
    for (const next of pending) assert.deepEqual(await next, { done: true, value: undefined });
  },
  "return() of the pages during a pending next() of the rows": async (iterator) => {
    await take(iterator, 10);
    const pending = iterator.next();
    await underWay();
    await iterator.pages().return();
    assert.deepEqual(await pending, { done: true, value: undefined });
  },
};
for (const [how, end] of Object.entries(ENDS)) {
  test(`${how}: cancels what is under way, and leaves nothing behind`, async () => {
    const { signal } = new AbortController();
    const iterator = await stalled(signal);
    await end(iterator);
    await nothingLeft(signal);
    assert.deepEqual(await iterator.next(), { done: true, value: undefined });
    assert.deepEqual(await iterator.pages().next(), { done: true, value: undefined });
    const { complete, requests, unique } = iterator.report;
    assert.deepEqual({ complete, requests, unique }, { complete: false, requests: 5, unique: 10 });
    assert.equal(iterator.report, iterator.report);
    assert.equal(typeof iterator.checkpoint, "string");
  });
}

/** What next() rejects with, in an array, since one of the reasons is a promise. */
const rejection = (promise) =>
  promise.then(
    () => assert.fail("it did not reject"),
    (reason) => [reason],
  );

test("aborted before the start: rejects with the reason, whatever it is, and asks for nothing", async () => {
  await emulator.fresh();
  for (const reason of REASONS) {
    const signal = AbortSignal.abort(reason);
    const iterator = client.iterateManagedRunners({ signal });
    assert.equal((await rejection(iterator.next()))[0], signal.reason);
    assert.equal((await iterator.next()).done, true);
    assert.equal(
      (await rejection(client.iterateManagedRunners({ signal }).pages().next()))[0],
      signal.reason,
    );
    assert.equal((await rejection(client.collectManagedRunners({ signal })))[0], signal.reason);
    assert.equal(listeners(signal), 0);
  }
  assert.equal((await emulator.stats()).requests, 0);
});

test("aborted while next() waits: rejects at once with the reason, whatever it is; report and checkpoint stay", async () => {
  for (const reason of REASONS) {
    const controller = new AbortController();
    const iterator = await stalled(controller.signal);
    await take(iterator, 10);
    const pending = iterator.next();
    await underWay();
    controller.abort(reason);
    assert.equal((await rejection(pending))[0], controller.signal.reason);
    await nothingLeft(controller.signal);
    assert.equal(iterator.report.unique, 10);
    const resumed = client.iterateManagedRunners({ perPage: 10, resumeFrom: iterator.checkpoint });
    await emulator.fresh();
    const rest = [];
    for await (const { id } of resumed) rest.push(id);
    assert.deepEqual(rest, (await emulator.listed()).slice(10));
  }
});

test("a reason that is the error of another call stays as it is, frozen or not; so does what is thrown in", async () => {
  await emulator.fresh();
  await emulator.faults({ page: 2, status: 403 });
  const reason = await thrown(client.collectManagedRunners({ perPage: 10 }));
  const members = () => [reason.runners.length, reason.report.unique, reason.checkpoint];
  const before = members();
  assert.deepEqual(before.slice(0, 2), [10, 10]);
  for (const freeze of [(error) => error, Object.freeze]) {
    const controller = new AbortController();
    const { signal } = controller;
    const iterator = await stalled(signal);
    const calls = [iterator.next(), iterator.pages().next(), client.collectManagedRunners({ signal })];
    controller.abort(freeze(reason));
    for (const call of calls) assert.equal(await thrown(call), reason);
    assert.equal(await thrown(client.iterateManagedRunners().throw(reason)), reason);
    const begun = await stalled();
    await begun.next();
    assert.equal(await thrown(begun.throw(reason)), reason);
    assert.deepEqual(members(), before);
  }
});

test("aborted between two rows: the next one is not handed over any more", async () => {
  const controller = new AbortController();
  const iterator = await stalled(controller.signal);
  await take(iterator, 3);
  await underWay();
  controller.abort("enough");
  await assert.rejects(iterator.next(), (reason) => reason === "enough");
  await nothingLeft(controller.signal);
  assert.equal((await iterator.next()).done, true);
});

test("aborted when all was read, before it was handed over: rejects as well", async () => {
  await emulator.fresh();
  const controller = new AbortController();
  const iterator = client.iterateManagedRunners({ signal: controller.signal });
  await take(iterator, 99);
  controller.abort("enough");
  await assert.rejects(iterator.next(), (reason) => reason === "enough");
  assert.equal(listeners(controller.signal), 0);
});

test("an iterator that came to its end left no listener", async () => {
  const { signal } = new AbortController();
  assert.equal((await client.collectManagedRunners({ signal, perPage: 10 })).runners.length, 100);
  assert.equal(listeners(signal), 0);
  const free = new ComfyControl({ ...createEmulator({ tier: "free" }).clientOptions });
  await assert.rejects(free.collectManagedRunners({ signal }), { code: "forbidden" });
  assert.equal(listeners(signal), 0);
});

test("thirty iterators and sixteen requests at a time share one listener a signal", async () => {
  const controller = new AbortController();
  const { fetch, requests } = memory(
    ...Array(30).fill(() => answer({ runners: [], total: 3000 })),
    () => new Promise(() => {}),
  );
  const held = new ComfyControl({ fetch, baseUrl: origin(), rateLimit: false });
  const pending = Array.from({ length: 30 }, () =>
    held.iterateManagedRunners({ signal: controller.signal, concurrency: 16, consistency: "none" }).next(),
  );
  const ends = Promise.all(pending.map((next) => rejection(next)));
  await poll(() => requests.length === 30 * 17, "16 requests of each");
  assert.equal(listeners(controller.signal), 1);
  controller.abort("enough");
  assert.deepEqual(await ends, Array(30).fill(["enough"]));
  assert.equal(listeners(controller.signal), 0);
  assert.ok(requests.every(({ init }, index) => index < 30 || init.signal.aborted));
  assert.deepEqual(warnings, []);
});

test("a request that fails for good ends it, after the rows of the pages before, with report and checkpoint", async () => {
  for (const [fault, code] of [
    [{ status: 403 }, "forbidden"],
    [{ status: 500, times: 9 }, "server_error"],
    [{ body: "[]" }, "invalid_response"],
    [{ cut: "before-headers", times: 9 }, "connection_failed"],
  ]) {
    await emulator.fresh();
    await emulator.faults({ page: 3, ...fault });
    const each = new ComfyControl({ baseUrl: emulator.url, token: TOKEN, rateLimit: false, maxRetries: 1 });
    const { signal } = new AbortController();
    const iterator = each.iterateManagedRunners({ perPage: 10, signal });
    await take(iterator, 20);
    const error = await thrown(iterator.next());
    assert.equal(error.code, code);
    assert.deepEqual([error.report, error.checkpoint], [iterator.report, iterator.checkpoint]);
    assert.equal(error.report.complete, false);
    assert.equal((await iterator.next()).done, true);
    await poll(async () => (await emulator.stats()).inFlight === 0, "nothing under way");
    assert.equal(listeners(signal), 0);
    await emulator.fresh();
    const { runners } = await client.collectManagedRunners({ perPage: 10, resumeFrom: error.checkpoint });
    assert.deepEqual(
      runners.map(({ id }) => id),
      (await emulator.listed()).slice(20),
    );
  }
});

test("collectManagedRunners fails with the runners found so far", async () => {
  await emulator.fresh();
  await emulator.faults({ page: 4, status: 403, message: "no more" });
  const error = await thrown(client.collectManagedRunners({ perPage: 10, concurrency: 1 }));
  assert.equal(error.code, "forbidden");
  assert.deepEqual(
    error.runners.map(({ id }) => id),
    (await emulator.listed()).slice(0, 30),
  );
  assert.equal(error.report.unique, 30);
  assert.equal(typeof error.checkpoint, "string");
});

test("a trap ends every enumeration under way in `internal`, with what is known, and a new one works", async () => {
  await emulator.fresh();
  const iterator = client.iterateManagedRunners({ perPage: 10 });
  await take(iterator, 10);
  const between = client.iterateManagedRunners({ perPage: 10 });
  await take(between, 4);
  const stalling = createEmulator();
  stalling.failNext({ stall: "before-headers" });
  const waiting = new ComfyControl({ ...stalling.clientOptions }).iterateManagedRunners().next();
  await poll(() => stalling.requests.length === 1);
  const failing = createEmulator();
  failing.failNext({ status: 500 });
  const mended = Math.random;
  Math.random = () => {
    throw new Error("a defect");
  };
  try {
    const error = await thrown(new ComfyControl({ ...failing.clientOptions }).listManagedRunners());
    assert.ok(isComfyControlError(error, "internal"));
  } finally {
    Math.random = mended;
  }
  assert.ok(isComfyControlError(await thrown(waiting), "internal"));
  const error = await thrown(iterator.next());
  assert.ok(isComfyControlError(error, "internal"));
  assert.equal(error.report.unique >= 10, true);
  const listed = await emulator.listed();
  const rest = async (resumeFrom) =>
    (await client.collectManagedRunners({ perPage: 10, resumeFrom })).runners.map(({ id }) => id);
  assert.deepEqual(await rest(error.checkpoint), listed.slice(10));
  // The iterator first yields the runners that it holds; then it ends, too.
  await take(between, 6);
  const later = await thrown(between.next());
  assert.ok(isComfyControlError(later, "internal"));
  assert.deepEqual(await rest(later.checkpoint), listed.slice(10));
});

test("onProgress may do anything: end the iteration, ask for its report, throw", async () => {
  await emulator.fresh();
  let iterator;
  const seen = [];
  const reported = [];
  const { reportError } = globalThis;
  globalThis.reportError = (error) => reported.push(error.message);
  try {
    iterator = client.iterateManagedRunners({
      perPage: 10,
      onProgress: ({ delivered }) => {
        seen.push([delivered, iterator.report.unique, iterator.checkpoint.length]);
        if (delivered >= 20) void iterator.return();
        throw new Error("mine");
      },
    });
    let rows = 0;
    for await (const { id } of iterator) rows += id ? 1 : 0;
    assert.ok(rows >= 20 && rows < 100, String(rows));
    assert.deepEqual(reported, ["mine"]);
    assert.ok(seen.length > 1);
  } finally {
    globalThis.reportError = reportError;
  }
});

const run = promisify(execFile);
/** The options of a client of the emulator, as code. */
const OPTIONS = JSON.stringify({ baseUrl: emulator.url, token: TOKEN, rateLimit: false });
/**
 * Runs the module `body` in a child process with these flags, and returns the JSON that it prints. `body` can use the
 * package, a `client` of the emulator, `control(path)`, `poll(check)`, `turn()`, `size()` and `problems`.
 */
async function child(flags, body) {
  const script = `
    const memories = [];
    const { Instance } = WebAssembly;
    WebAssembly.Instance = class extends Instance {
      constructor(...args) {
        super(...args);
        memories.push(Object.values(this.exports).find((one) => one instanceof WebAssembly.Memory));
      }
    };
    const size = () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
    const { ComfyControl, isComfyControlError } = await import(${JSON.stringify(entry)});
    const client = new ComfyControl(${OPTIONS});
    const control = async (path) => (await fetch(${JSON.stringify(emulator.url)} + "/__control/" + path)).json();
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const poll = async (check) => {
      for (const end = performance.now() + 10000; performance.now() < end; await turn()) {
        gc();
        if (await check()) return true;
      }
      return false;
    };
    const problems = [];
    for (const kind of ["uncaughtException", "unhandledRejection"]) {
      process.on(kind, (error) => problems.push(String(error)));
    }
    process.on("warning", ({ message }) => problems.push(message));
    ${body}
    process.exit();`;
  const { stdout } = await run(process.execPath, [
    "--expose-gc",
    ...flags,
    "--input-type=module",
    "--eval",
    script,
  ]);
  return JSON.parse(stdout);
}

test("iterators that are dropped half-way: what they had under way is cancelled, their listeners go", async () => {
  await stalled();
  const seen = await child(
    [],
    `
    const { getEventListeners } = await import("node:events");
    const { signal } = new AbortController();
    await (async () => {
      const iterator = client.iterateManagedRunners({ perPage: 10, signal });
      for (let row = 0; row < 10; row++) await iterator.next();
      while ((await control("state")).stats.inFlight < 4) await turn();
    })();
    const cancelled = await poll(async () => {
      const { stats } = await control("state");
      return stats.aborted === 4 && stats.inFlight === 0;
    });
    console.log(JSON.stringify({ cancelled, listeners: getEventListeners(signal, "abort").length, problems }));`,
  );
  assert.deepEqual(seen, { cancelled: true, listeners: 0, problems: [] });
});

test("1,000 iterators dropped half-way, and 1,000 ended by break, leave the memory as it was", async () => {
  await emulator.fresh();
  const seen = await child(
    [],
    `
    const runner = (_, index) => ({
      id: "018f9c3e-0000-7000-8000-" + String(index).padStart(12, "0"),
      name: "n",
      runner_type: "pro",
      status: "active",
      tags: [],
      created_at: new Date(1.7e12 - index).toISOString(),
      updated_at: "2024-01-16T10:30:00Z",
    });
    const page = JSON.stringify({ runners: Array.from({ length: 100 }, runner), total: 1000 });
    const fetch = async () => new Response(page, { headers: { "content-type": "application/json" } });
    const near = new ComfyControl({ fetch, baseUrl: "https://near.example", rateLimit: false });
    const { signal } = new AbortController();
    // Let the clock run, because the rate limit keeps the end of a request for one window.
    const { now } = performance;
    let later = 0;
    performance.now = () => now.call(performance) + later;
    const some = async (count, end) => {
      for (let i = 0; i < count; i++) {
        const iterator = near.iterateManagedRunners({ signal });
        await iterator.next();
        if (end) await iterator.return();
        later += 1000;
        if (i % 20 === 19) { gc(); await turn(); await turn(); }
      }
      for (let i = 0; i < 5; i++) { gc(); await turn(); }
    };
    await some(300, false);
    const before = [size(), process.memoryUsage().heapUsed];
    await some(1000, true);
    await some(1000, false);
    const after = [size(), process.memoryUsage().heapUsed];
    console.log(JSON.stringify({ wasm: after[0] - before[0], heap: after[1] - before[1], problems }));`,
  );
  assert.deepEqual(seen.problems, []);
  // Allow two pages of memory: how many iterators wait for the collector at a time is random.
  assert.ok(seen.wasm <= 131_072, `${seen.wasm} bytes more of WebAssembly memory`);
  assert.ok(seen.heap < 500_000, `${seen.heap} bytes more`);
});

test("a process ends by itself after a break: nothing keeps it alive", async () => {
  await stalled();
  const script = `const { ComfyControl } = await import(${JSON.stringify(entry)});
    const client = new ComfyControl({ ...${OPTIONS}, timeout: 60000 });
    for await (const { id } of client.iterateManagedRunners({ perPage: 10 })) { console.log(id.length); break; }`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], {
    timeout: 10_000,
  });
  assert.equal(stdout, "36\n");
});

test("a dropped iterator of an instance that trapped ends nothing but itself", async () => {
  const seen = await child(
    [],
    `
    await (async () => {
      for (let i = 0; i < 20; i++) await client.iterateManagedRunners({ perPage: 10 }).next();
    })();
    const { random } = Math;
    Math.random = () => { throw new Error("a defect"); };
    const broken = new ComfyControl({ fetch: async () => new Response("", { status: 500 }), baseUrl: "https://broken.example" });
    const error = await broken.listManagedRunners().catch((error) => error);
    Math.random = random;
    for (let i = 0; i < 20; i++) { gc(); await turn(); }
    const { total } = await client.listManagedRunners();
    console.log(JSON.stringify({ code: error.code, total, instances: memories.length, problems }));`,
  );
  assert.deepEqual(seen, { code: "internal", total: 100, instances: 2, problems: [] });
});

closing();
