// Out of memory: the shipped module with a limited memory, on heaps of many sizes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { pathToFileURL } from "node:url";

import { virtualClock } from "../package/support/clock.mjs";
import { answer, memory, origin, RUNNER } from "../package/support/memory.mjs";
import { home } from "../package/support/package.mjs";
import { noUnhandledRejections, thrown } from "../package/support/watch.mjs";
import { started, wasmMemory } from "./support/instances.mjs";
import { collect } from "./support/collect.mjs";
import { limitMemory } from "./support/limited.mjs";

const closing = noUnhandledRejections();
const PAGES = 12;
const slim = await import(pathToFileURL(join(home, "dist/slim.js")).href);
slim.initialize(limitMemory(readFileSync(join(home, "dist/core.wasm")), PAGES));
const { ComfyControl, isComfyControlError, listManagedRunners } = slim;

suite(`${PAGES} pages of memory and no more`, () => {
  const clock = virtualClock();
  const rows = (count) =>
    Array.from({ length: count }, (_, n) => ({
      ...RUNNER,
      id: `018f9c3e-0000-7000-8000-${String(n).padStart(12, "0")}`,
      created_at: new Date(1.7e12 - n * 1000).toISOString(),
    }));
  /** An answer that needs more memory than there is. */
  const vast = () => answer({ runners: [{ ...RUNNER, name: "x".repeat(2_000_000) }], total: 1 });
  const small = () => answer({ runners: rows(3), total: 3 });
  const client = (fetch, options) => new ComfyControl({ fetch, baseUrl: origin(), ...options });

  async function internal(promise) {
    const error = await clock.until(thrown(promise));
    assert.ok(isComfyControlError(error, "internal"), String(error));
    assert.doesNotMatch(`${error.message}\n${error.stack}`, /recursive use|unreachable|out of bounds/);
  }
  const works = async (...clients) => {
    for (const one of [...clients, client(small)])
      assert.equal((await clock.until(one.listManagedRunners())).runners.length, 3);
  };

  test("a small answer fits, again and again", async () => {
    const one = client(small, { rateLimit: false });
    for (let i = 0; i < 500; i += 1) await works(one);
    assert.equal(started(), 1);
  });

  test("an answer that does not fit ends its call in `internal`, and everything else works", async () => {
    const other = client(small);
    for (let i = 0; i < 10; i += 1) await internal(client(vast).listManagedRunners());
    await internal(listManagedRunners({ fetch: vast, baseUrl: origin() }));
    await works(other);
  });

  test("with 50 calls in flight, each is rejected and none hangs", async () => {
    let first = true;
    const { fetch } = memory(
      (url) =>
        new Promise((resolve) =>
          setTimeout(
            () => resolve((first ? vast : small)((first = false))),
            url.endsWith("page=7&per_page=10") ? 10 : 1000,
          ),
        ),
    );
    const one = client(fetch, { rateLimit: { requests: 50, windowMs: 1000 } });
    const pending = Array.from({ length: 50 }, (_, i) => internal(one.listManagedRunners({ page: i + 1 })));
    await clock.until(Promise.all(pending));
    await works(one);
  });

  test("in an enumeration and while watching", async () => {
    const pages = memory(() => answer({ runners: rows(10), total: 40 }), vast);
    await internal(client(pages.fetch).collectManagedRunners({ perPage: 10, concurrency: 1 }));
    const watch = client(
      memory(() => answer({ runners: rows(3), total: 3 }), vast).fetch,
    ).watchManagedRunners();
    assert.equal((await clock.until(watch.next())).value.runners.length, 3);
    await internal(watch.next());
    assert.equal((await watch.next()).done, true);
    await works();
  });

  test("answers of every size either fit or end in `internal`, and what they took is given back", async () => {
    const one = client(small, { rateLimit: false });
    const seen = new Set();
    for (let size = 1_000; size < 1_500_000; size = Math.ceil(size * 1.1)) {
      const sized = client(() =>
        answer({ runners: [{ ...RUNNER, name: "é\\n".repeat(size / 4) }], total: 1 }),
      );
      const outcome = await clock.until(
        sized.listManagedRunners().then(
          ({ runners }) => runners[0].name.length > 0 && "fits",
          ({ code }) => code,
        ),
      );
      seen.add(outcome);
      await works(one);
    }
    assert.deepEqual([...seen].sort(), ["fits", "internal"]);
    await clock.pass(60_000);
    assert.equal(clock.timers(), 0);
    await collect();
    assert.ok(wasmMemory() <= 2 * (PAGES + 20) * 65_536, `${wasmMemory()} bytes`);
  });
});

closing();
