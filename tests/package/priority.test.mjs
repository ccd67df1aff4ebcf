// `priority`: which of several calls that wait for the rate limit goes first.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { virtualClock } from "./support/clock.mjs";
import { server } from "../faults/support/list.mjs";
import { origin } from "./support/memory.mjs";
import { ComfyControl } from "./support/package.mjs";
import { noUnhandledRejections } from "./support/watch.mjs";

const closing = noUnhandledRejections();

suite("priority", () => {
  const clock = virtualClock();
  const pageOf = (url) => Number(new URL(url).searchParams.get("page"));

  /** A client that may start two requests per second, and the requested pages in order. */
  function slow(rows = 0) {
    const api = server(clock, { rows, limit: false });
    const pages = [];
    const fetch = (url) => {
      pages.push(pageOf(url));
      return api.fetch(url);
    };
    const rateLimit = { requests: 2, windowMs: 1_000 };
    return { pages, client: new ComfyControl({ fetch, baseUrl: origin(), rateLimit }) };
  }

  test("a click does not wait behind the pages of a list or a watch", async () => {
    const { client, pages } = slow(2_000);
    const all = client.collectManagedRunners();
    await clock.pass(1_500);
    const asked = clock.now();
    await clock.until(client.listManagedRunners({ page: 99 }));
    assert.ok(clock.now() - asked <= 1_100, `it took ${clock.now() - asked} ms`);
    assert.ok(pages.length < 8);
    await clock.until(all);
    assert.equal(pages.length, 21);
  });

  test("high goes before normal, normal before low, and calls of one priority keep their order", async () => {
    const { client, pages } = slow();
    const calls = ["low", "normal", "high", "low", "normal", "high", undefined].map((priority, index) =>
      client.listManagedRunners({ page: index + 1, priority }),
    );
    await clock.until(Promise.all(calls));
    // The first two start at once, because no other call waited yet.
    assert.deepEqual(pages, [1, 2, 3, 6, 5, 7, 4]);
  });

  test("an unknown priority is refused", () => {
    const { client } = slow();
    assert.throws(() => client.iterateManagedRunners({ priority: "urgent" }), {
      message: 'priority: expected "high", "normal" or "low", got "urgent" (comfycontrol/invalid_options)',
    });
  });
});

closing();
