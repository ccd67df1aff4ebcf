// `limit`: the maximum number of runners of a whole list. No page beyond them is requested.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { virtualClock } from "./support/clock.mjs";
import { server } from "../faults/support/list.mjs";
import { origin } from "./support/memory.mjs";
import { ComfyControl } from "./support/package.mjs";
import { noUnhandledRejections } from "./support/watch.mjs";

const closing = noUnhandledRejections();

suite("a limit", () => {
  const clock = virtualClock();
  const names = (runners) => runners.map(({ name }) => name);

  for (const [limit, requests] of [
    [1, 1],
    [10, 1],
    [11, 2],
    [25, 3],
    [45, 5],
    [1000, 5],
  ]) {
    test(`of ${limit} makes ${requests} requests for 45 runners, 10 per page`, async () => {
      const { fetch, list, stats } = server(clock, { rows: 45 });
      const client = new ComfyControl({ fetch, baseUrl: origin() });
      const { runners, report } = await clock.until(client.collectManagedRunners({ perPage: 10, limit }));
      assert.deepEqual(names(runners), names(list).slice(0, limit));
      assert.equal(stats.requests, requests);
      assert.equal(report.complete, limit < 45 ? false : "unknown");
    });
  }

  test("its checkpoint continues after the limit, and no runner is lost or repeated", async () => {
    const { fetch, list } = server(clock, { rows: 45 });
    const client = new ComfyControl({ fetch, baseUrl: origin() });
    const found = [];
    let resumeFrom;
    for (const limit of [7, 13, 1, 24]) {
      const iterator = client.iterateManagedRunners({ perPage: 10, limit, resumeFrom });
      const run = async () => {
        for await (const runner of iterator) found.push(runner);
      };
      await clock.until(run());
      resumeFrom = iterator.checkpoint;
    }
    assert.deepEqual(names(found), names(list));
  });
});

closing();
