// Clocks that jump: a stored time that is impossible by the current clock counts as now.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import FakeTimers from "@sinonjs/fake-timers";

import { answer, memory, origin, refusal } from "../package/support/memory.mjs";
import { ComfyControl, listManagedRunners } from "../package/support/package.mjs";
import { noUnhandledRejections, thrown } from "../package/support/watch.mjs";
import { child } from "./support/child.mjs";

const closing = noUnhandledRejections();
const HOUR = 3_600_000;
const turns = async () => {
  for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
};

let clock;
/** Replaces timers and clocks, as `jest.useFakeTimers()` and `vi.useFakeTimers()` do. */
function fake(now) {
  clock = FakeTimers.install({
    now,
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"],
  });
}
function uninstall() {
  clock?.uninstall();
  clock = undefined;
}
afterEach(uninstall);

/** Checks that a call ends within a second of real time. Its signal aborts it otherwise. */
async function promptly(call) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error("waited for more than a second")), 1000);
  await call(controller.signal).finally(() => clearTimeout(timer));
}

/** A client whose window is full under the fake clock. */
async function filled(options) {
  const { fetch, requests } = memory();
  const client = new ComfyControl({
    fetch,
    baseUrl: origin(),
    coalesce: false,
    rateLimit: { requests: 2, windowMs: 10_000 },
    ...options,
  });
  await Promise.all([client.listManagedRunners(), client.listManagedRunners()]);
  return { client, requests };
}

test("fake timers advanced by an hour, then real ones: the next call is not delayed", async () => {
  fake(Date.now());
  await clock.tickAsync(HOUR);
  const { client } = await filled();
  uninstall();
  await promptly((signal) => client.listManagedRunners({ signal }));
  assert.equal(client.rateLimit.queued, 0);
});

test("the same where the clock was advanced between two calls, as a test of a component does", async () => {
  fake(Date.now());
  const { client } = await filled();
  await clock.tickAsync(HOUR);
  await Promise.all([client.listManagedRunners(), client.listManagedRunners()]);
  uninstall();
  await promptly((signal) => client.listManagedRunners({ signal }));
});

test("the same for a client that is made after it", async () => {
  fake(Date.now());
  await clock.tickAsync(HOUR);
  const baseUrl = origin();
  await filled({ baseUrl });
  uninstall();
  const { fetch } = memory();
  const options = { fetch, baseUrl, rateLimit: { requests: 2, windowMs: 10_000 } };
  await promptly((signal) => new ComfyControl(options).listManagedRunners({ signal }));
  await promptly((signal) => listManagedRunners({ ...options, signal }));
});

test("fake timers that hold microtasks back, as Jest's do: calls end though nobody advances them", async () => {
  const lines = await child(`
    const { default: FakeTimers } = await import(${JSON.stringify(import.meta.resolve("@sinonjs/fake-timers"))});
    const { ComfyControl, listManagedRunners } = await import("comfycontrol-runners");
    const clock = FakeTimers.install();
    const json = async () => ({ runners: [], total: 0 });
    const mocked = { ...options, fetch: async () => ({ ok: true, status: 200, json }) };
    const { total } = await listManagedRunners(mocked);
    const { report } = await new ComfyControl(mocked).collectManagedRunners();
    clock.uninstall();
    say([total, report.complete]);
  `);
  assert.deepEqual(lines, [[0, true]]);
});

test("a cooldown under fake timers does not hold real calls back", async () => {
  fake(Date.now());
  await clock.tickAsync(HOUR);
  const baseUrl = origin();
  const error = await thrown(listManagedRunners({ fetch: async () => refusal(429), baseUrl, maxRetries: 0 }));
  assert.equal(error.code, "rate_limited");
  uninstall();
  await promptly((signal) => listManagedRunners({ fetch: memory().fetch, baseUrl, signal }));
});

test("`rateLimit` tells of nothing that cannot be", async () => {
  fake(Date.now());
  await clock.tickAsync(HOUR);
  const { client } = await filled();
  uninstall();
  const { remaining, resetAt } = client.rateLimit;
  assert.ok(resetAt === null || resetAt <= Date.now() + 10_000, String(resetAt - Date.now()));
  assert.ok(remaining >= 0 && remaining <= 2);
});

test("fake timers that begin at 0 after real calls: a call waits for a window at most", async () => {
  const { client } = await filled();
  fake(0);
  const controller = new AbortController();
  const call = client.listManagedRunners({ signal: controller.signal });
  await clock.tickAsync(10_001);
  await turns();
  controller.abort(new Error("still waits after a whole window"));
  await call;
});

test("a call that waited when the clocks were changed ends with its time-out or its signal at the latest", async () => {
  fake(Date.now());
  const { client } = await filled();
  const controller = new AbortController();
  const waiting = thrown(client.listManagedRunners({ signal: controller.signal }));
  await turns();
  uninstall();
  controller.abort("enough");
  assert.equal(await waiting, "enough");
  assert.equal(client.rateLimit.queued, 0);
});

test("the time of day that jumps does not shorten or lengthen the window", async (t) => {
  for (const jump of [-24 * HOUR, 24 * HOUR]) {
    const { client } = await filled();
    const now = Date.now();
    const mocked = t.mock.method(Date, "now", () => now + jump);
    const waiting = thrown(client.listManagedRunners({ signal: AbortSignal.timeout(50) }));
    assert.equal((await waiting).name, "TimeoutError", "the window is still full");
    mocked.mock.restore();
  }
});

test("a Retry-After date under a clock that is wrong is measured by the answer's own date", async () => {
  const now = Date.now();
  const date = (ms) => new Date(now + ms).toUTCString();
  fake(now - 6 * HOUR);
  const { fetch, requests } = memory(
    () => refusal(503, { date: date(0), "retry-after": date(2000) }),
    () => answer(),
  );
  const call = listManagedRunners({ fetch, baseUrl: origin() });
  await clock.tickAsync(1900);
  assert.equal(requests.length, 1);
  await clock.tickAsync(1200);
  await call;
  assert.equal(requests.length, 2);
});

closing();
