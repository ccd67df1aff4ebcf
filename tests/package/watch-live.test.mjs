// Watching and enumerating the emulator in real time, while its list changes and its answers fail.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { promisify } from "node:util";

import { startEmulator, TOKEN } from "./support/emulator.mjs";
import { ComfyControl, entry, listManagedRunners } from "./support/package.mjs";
import { noUnhandledRejections, poll, timers } from "./support/watch.mjs";

const closing = noUnhandledRejections();
const emulator = await startEmulator("--runners", "30");
const free = { baseUrl: emulator.url, token: TOKEN, rateLimit: false };
await listManagedRunners(free);
const timersBefore = timers();

test("a watch of the emulator: added, removed, disabled, activated again, changed; an error in between", async () => {
  const { signal } = new AbortController();
  const client = new ComfyControl({ ...free, maxRetries: 0 });
  const watch = client.watchManagedRunners({ interval: 1000, perPage: 10, signal });
  const next = async () => (await watch.next()).value;
  await emulator.fresh();
  const first = await next();
  assert.deepEqual(
    first.runners.map(({ id }) => id),
    await emulator.listed(),
  );

  const made = await emulator.change({
    add: 2,
    remove: [4],
    disable: [7],
    change: [{ runner: 9, set: { name: "renamed" } }],
  });
  const second = await next();
  assert.deepEqual(
    second.runners.map(({ id }) => id),
    await emulator.listed(),
  );
  assert.deepEqual(second.added.map(({ id }) => id).sort(), made.added.sort());
  assert.deepEqual(second.removed.map(({ id }) => id).sort(), [...made.removed, ...made.disabled].sort());
  assert.equal(second.changed.length, 1);
  assert.ok(second.changed[0].fields.includes("name"));
  for (const runner of second.runners) {
    const before = first.runners.find(({ id }) => id === runner.id);
    if (before && runner.name !== "renamed") assert.equal(runner, before);
  }

  await emulator.faults({ status: 500 });
  const { error, runners } = await next();
  assert.equal(error.code, "server_error");
  assert.deepEqual(runners, second.runners);

  const { activated } = await emulator.change({ activate: [0] });
  const third = await next();
  assert.deepEqual(
    third.added.map(({ id }) => id),
    activated,
  );
  const stats = await emulator.stats();
  assert.equal(stats.maxInFlight, 1);
  await watch.return();
  await poll(async () => (await emulator.stats()).inFlight === 0, "nothing under way");
  assert.equal(getEventListeners(signal, "abort").length, 0);
  await poll(() => timers() === timersBefore, "no timer left");
});

test("a list that changes between the pages of one reading: the watch tells the list as it came to rest", async () => {
  await emulator.change({ reset: 40 });
  await emulator.fresh();
  await emulator.schedule({ after: 2, changes: { remove: [0, 1, 2] } }, { after: 3, changes: { add: 2 } });
  const watch = new ComfyControl(free).watchManagedRunners({ perPage: 10 });
  const { value } = await watch.next();
  const known = new Set(value.runners.map(({ id }) => id));
  assert.equal(known.size, value.runners.length);
  const listed = await emulator.listed();
  assert.deepEqual(
    listed.slice(2).filter((id) => !known.has(id)),
    [],
  );
  await watch.return();
});

test("60 seeded enumerations against faults in any order and a list that changes: nothing lost, repeated or left open", async () => {
  const { random } = Math;
  let state = 7;
  const number = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const whole = (limit) => Math.floor(number() * limit);
  // No jitter: retries follow at once.
  Math.random = () => 0;
  try {
    const kinds = [
      { status: 500 },
      { status: 503, retryAfter: 0 },
      { status: 502, html: true },
      { cut: "before-headers" },
      { cut: "after-headers" },
      { cut: "mid-body" },
      { truncate: "mid-body" },
      { stall: "before-headers" },
      { stall: "mid-body" },
      { latency: 15 },
      {},
    ];
    const changes = [
      [{ remove: [0, 3, 6] }, { remove: [1] }, { disable: [2, 5] }],
      [{ add: 3 }, { add: 1 }, { activate: [0, 1] }],
    ];
    for (let run = 0; run < 60; run += 1) {
      await emulator.change({ reset: 80 });
      await emulator.fresh();
      const before = await emulator.listed();
      const way = changes[whole(2)];
      await emulator.schedule(
        ...Array.from({ length: whole(4) }, (_, step) => ({ after: 2 + 3 * step, changes: way[whole(3)] })),
      );
      await emulator.faults(...Array.from({ length: 12 }, () => kinds[whole(kinds.length)]));
      const { signal } = new AbortController();
      const client = new ComfyControl({ ...free, timeout: 60, maxRetries: 1 });
      const found = [];
      let resumeFrom;
      for (let parts = 0, done = false; !done; parts += 1) {
        assert.ok(parts < 40);
        const iterator = client.iterateManagedRunners({
          perPage: 10,
          concurrency: 1 + whole(4),
          resumeFrom,
          signal,
        });
        try {
          for await (const { id } of iterator) found.push(id);
          done = true;
        } catch (error) {
          assert.ok(error.checkpoint, `run ${run}: ${error.stack}`);
          resumeFrom = error.checkpoint;
        }
      }
      const now = await emulator.listed();
      assert.equal(new Set(found).size, found.length, `run ${run}: a runner came twice`);
      assert.deepEqual(
        before.filter((id) => now.includes(id) && !found.includes(id)),
        [],
        `run ${run}: lost`,
      );
      await poll(async () => (await emulator.stats()).inFlight === 0, "nothing under way");
      assert.equal(getEventListeners(signal, "abort").length, 0);
    }
    await poll(() => timers() === timersBefore, "no timer left");
  } finally {
    Math.random = random;
  }
});

test("a watch that is dropped is collected, and a process ends by itself", async () => {
  const script = `const { ComfyControl } = await import(${JSON.stringify(entry)});
    const page = new EventTarget();
    page.hidden = false;
    let received = 0;
    const { addEventListener: add, removeEventListener: remove } = page;
    page.addEventListener = (...args) => (received++, add.apply(page, args));
    page.removeEventListener = (...args) => (received--, remove.apply(page, args));
    globalThis.document = page;
    const client = new ComfyControl({ baseUrl: ${JSON.stringify(emulator.url)}, token: ${JSON.stringify(TOKEN)} });
    const { signal } = new AbortController();
    let collected = 0;
    const registry = new FinalizationRegistry(() => collected++);
    await (async () => {
      for (let count = 0; count < 3; count++) {
        const watch = client.watchManagedRunners({ signal });
        registry.register(watch);
        await watch.next();
      }
    })();
    for (let turn = 0; turn < 500 && collected < 3; turn++) { gc(); await new Promise((resolve) => setImmediate(resolve)); }
    console.log(JSON.stringify({ collected, received }));`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--expose-gc", "--input-type=module", "--eval", script],
    { timeout: 20_000 },
  );
  assert.deepEqual(JSON.parse(stdout), { collected: 3, received: 0 });
});

test("a thousand readings of a watch leave WebAssembly memory as it was", async () => {
  const script = `
    let memory;
    const { Instance } = WebAssembly;
    WebAssembly.Instance = class extends Instance {
      constructor(...args) {
        super(...args);
        memory = Object.values(this.exports).find((one) => one instanceof WebAssembly.Memory);
      }
    };
    // A timer fires at once, and moves the clock by its time.
    const { setTimeout: later } = globalThis;
    const { now } = performance;
    let skipped = 0;
    performance.now = () => now.call(performance) + skipped;
    globalThis.setTimeout = (run, ms, ...args) => later(() => { skipped += ms; run(...args); }, 0);
    const { ComfyControl } = await import(${JSON.stringify(entry)});
    const runners = Array.from({ length: 300 }, (_, index) => ({
      id: "018f9c3e-0000-7000-8000-" + String(index).padStart(12, "0"),
      name: "n",
      runner_type: "pro",
      status: "active",
      tags: [],
      created_at: new Date(1.7e12 - index).toISOString(),
      updated_at: "2024-01-16T10:30:00Z",
    }));
    let count = 0;
    const fetch = async (url) => {
      const page = Number(new URL(url).searchParams.get("page"));
      if (page === 1) runners[0].name = String(count++);
      const body = { runners: runners.slice(page * 100 - 100, page * 100), total: 300 };
      return new Response(JSON.stringify(body), { headers: { "content-type": "application/json" } });
    };
    const client = new ComfyControl({ fetch, baseUrl: "https://near.example", rateLimit: false, timeout: 2147483647 });
    let before, items = 0;
    for await (const { changed } of client.watchManagedRunners()) {
      if (++items === 100) before = memory.buffer.byteLength;
      if (items === 1100) break;
    }
    console.log(JSON.stringify({ grown: memory.buffer.byteLength - before, count }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], {
    timeout: 60_000,
  });
  assert.deepEqual(JSON.parse(stdout), { grown: 0, count: 1100 });
});

closing();
