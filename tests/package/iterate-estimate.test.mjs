// The estimate of how long an enumeration takes at least, on a virtual clock.

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
    const received = [];
    const { runners } = await clock.until(
      limited.collectManagedRunners({
        perPage: 10,
        onProgress: (progress) => received.push({ ...progress, at: clock.now() - before }),
      }),
    );
    const took = clock.now() - before;
    assert.equal(runners.length, 2000);
    assert.ok(api.requests.every(({ status }) => status === 200));
    assert.ok(received[0].at < 100);
    assert.ok(
      received[0].estimatedMs >= 40_000 && received[0].estimatedMs <= 40_100,
      `${received[0].estimatedMs} ms at first`,
    );
    assert.ok(took >= 40_000 && took <= 40_000 * 1.05, `${took} ms`);
    // The estimate is never too long, and exact to one window.
    for (const { at, estimatedMs } of received) {
      assert.ok(estimatedMs <= took - at + 10_000, `${estimatedMs} ms estimated, ${took - at} left`);
    }
  });

  test("without a limit the latency counts", async () => {
    const api = createEmulator({ runners: 2000, latency: 20 });
    const free = new ComfyControl({ ...api.clientOptions, rateLimit: false });
    const received = [];
    const before = clock.now();
    await clock.until(
      free.collectManagedRunners({
        perPage: 10,
        concurrency: 4,
        onProgress: (progress) => received.push(progress),
      }),
    );
    // 199 pages, four at a time, 20 ms each.
    assert.ok(Math.abs(received[0].estimatedMs - 1000) <= 20, String(received[0].estimatedMs));
    assert.ok(Math.abs(clock.now() - before - 1020) <= 20, String(clock.now() - before));
  });
});
