// How long an enumeration will take at least, on a clock of our own.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { virtualClock } from "./support/clock.mjs";
import { ComfyControl } from "./support/package.mjs";
import { createEmulator } from "./support/testing.mjs";

suite("the estimate, on a clock of our own", () => {
  const clock = virtualClock();

  test("200 pages under the documented limit: at least 40 s, said at once, and true", async () => {
    const api = createEmulator({ runners: 2000, latency: 20, rateLimit: true, clock: "real" });
    const limited = new ComfyControl({ ...api.clientOptions });
    const before = clock.now();
    const heard = [];
    const { runners } = await clock.until(
      limited.collectManagedRunners({
        perPage: 10,
        onProgress: (progress) => heard.push({ ...progress, at: clock.now() - before }),
      }),
    );
    const took = clock.now() - before;
    assert.equal(runners.length, 2000);
    assert.ok(api.requests.every(({ status }) => status === 200));
    assert.ok(heard[0].at < 100);
    assert.ok(
      heard[0].estimatedMs >= 40_000 && heard[0].estimatedMs <= 40_100,
      `${heard[0].estimatedMs} ms at first`,
    );
    assert.ok(took >= 40_000 && took <= 40_000 * 1.05, `${took} ms`);
    // It never promises more than it takes; a window's length is the grain of it.
    for (const { at, estimatedMs } of heard) {
      assert.ok(estimatedMs <= took - at + 10_000, `${estimatedMs} ms estimated, ${took - at} left`);
    }
  });

  test("without a limit the latency counts", async () => {
    const api = createEmulator({ runners: 2000, latency: 20 });
    const free = new ComfyControl({ ...api.clientOptions, rateLimit: false });
    const heard = [];
    const before = clock.now();
    await clock.until(
      free.collectManagedRunners({
        perPage: 10,
        concurrency: 4,
        onProgress: (progress) => heard.push(progress),
      }),
    );
    // 199 pages, four at a time, 20 ms each.
    assert.ok(Math.abs(heard[0].estimatedMs - 1000) <= 20, String(heard[0].estimatedMs));
    assert.ok(Math.abs(clock.now() - before - 1020) <= 20, String(clock.now() - before));
  });
});
