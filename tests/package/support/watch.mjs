// Helpers that observe: how a promise ended, and what is left behind.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { after, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";

/** The value that the promise rejects with. */
export async function thrown(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  assert.fail("the promise was expected to reject");
}

/** Polls until `check()` returns a truthy value, and returns it. */
export async function poll(check, what = String(check), limit = 5000) {
  const end = performance.now() + limit;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (performance.now() > end) assert.fail(`not within ${limit} ms: ${what}`);
    await turn();
  }
}

/** Timers that are set in this process. */
export const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;

/** Abort listeners on a signal. */
export const listeners = (signal) => getEventListeners(signal, "abort").length;

/** Adds a test that fails if any test of the file left a rejection unhandled. Call it at the end of a file. */
export function noUnhandledRejections() {
  const unhandled = [];
  const note = (reason) => unhandled.push(reason);
  process.on("unhandledRejection", note);
  process.on("uncaughtException", note);
  after(() => {
    process.off("unhandledRejection", note);
    process.off("uncaughtException", note);
  });
  return () =>
    test("nothing of all this left an unhandled rejection", async () => {
      for (let i = 0; i < 5; i += 1) await turn();
      assert.deepEqual(unhandled, []);
    });
}
