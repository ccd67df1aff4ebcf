// A time-out covers one attempt, to the last byte of its body.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { virtualClock } from "./support/clock.mjs";
import { startEmulator, TOKEN } from "./support/emulator.mjs";
import { ComfyControl, listManagedRunners } from "./support/package.mjs";
import { createEmulator } from "./support/testing.mjs";
import { noUnhandledRejections, poll, thrown, timers } from "./support/watch.mjs";

const closing = noUnhandledRejections();
const emulator = await startEmulator();
const client = new ComfyControl({
  baseUrl: emulator.url,
  token: TOKEN,
  rateLimit: false,
  maxRetries: 0,
  timeout: 150,
});

// Before any real connection, which has timers of its own.
suite("with a clock of our own", () => {
  const clock = virtualClock();

  test("the default is 10 s, and a call's own timeout wins over its client's", async () => {
    const api = createEmulator();
    api.failNext({ stall: "before-headers", times: Infinity });
    const open = { ...api.clientOptions, maxRetries: 0 };
    const calls = [
      [listManagedRunners(open), 10_000],
      [new ComfyControl({ ...open, timeout: 5 }).listManagedRunners(), 5],
      [new ComfyControl({ ...open, timeout: 5 }).listManagedRunners({ timeout: 20 }), 20],
    ];
    const start = clock.now();
    const ends = calls.map(([call]) =>
      call.catch(({ message }) => [message.match(/(\d+) ms/)[1], clock.now() - start]),
    );
    assert.deepEqual(
      await clock.until(Promise.all(ends)),
      calls.map(([, ms]) => [String(ms), ms]),
    );
  });
});

const FAULTS = {
  "is silent before the headers": { stall: "before-headers" },
  "stalls after the headers": { stall: "after-headers" },
  "stalls in the middle of the body": { stall: "mid-body" },
  "drips its body byte by byte": { drip: 20 },
  "drips an error's body": { status: 500, drip: 20 },
};
for (const [what, fault] of Object.entries(FAULTS)) {
  test(`a server that ${what} is cut off on time, and the request with it`, async () => {
    await emulator.fresh();
    await emulator.faults(fault);
    const before = performance.now();
    const error = await thrown(client.listManagedRunners());
    const took = performance.now() - before;
    assert.deepEqual([error.code, error.retryable], ["timeout", true]);
    assert.equal(
      error.message,
      "GET /v1/managed-runner gave no complete answer within 150 ms (comfycontrol/timeout)",
    );
    assert.ok(took >= 149 && took < 150 + 350, `${took} ms`);
    await poll(async () => (await emulator.stats()).aborted === 1, "the server sees the request cancelled");
  });
}

test("each attempt has the whole time, and a drip that is fast enough passes", async () => {
  await emulator.fresh();
  await emulator.faults({ stall: "after-headers" }, { body: '{"runners":[],"total":0}', drip: 5 });
  assert.equal((await client.listManagedRunners({ maxRetries: 1, timeout: 1000 })).total, 0);
  assert.equal((await emulator.stats()).requests, 2);
});

test("no timer is left behind, however an attempt ends", async () => {
  const before = timers();
  await emulator.faults({ stall: "after-headers" }, { status: 404 }, { cut: "mid-body" });
  for (let i = 0; i < 3; i += 1) await thrown(client.listManagedRunners());
  await client.listManagedRunners();
  const api = createEmulator();
  api.failNext({ status: 500 });
  await thrown(listManagedRunners({ ...api.clientOptions, maxRetries: 0 }));
  await listManagedRunners(api.clientOptions);
  assert.equal(await poll(() => timers() <= before), true);
});

closing();
