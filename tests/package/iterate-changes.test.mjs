// A list that changes while it is read. The tests compare the result with the emulator's own list.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startEmulator, TOKEN } from "./support/emulator.mjs";
import { ComfyControl } from "./support/package.mjs";
import { noUnhandledRejections } from "./support/watch.mjs";

const closing = noUnhandledRejections();
const emulator = await startEmulator();
const client = new ComfyControl({ baseUrl: emulator.url, token: TOKEN, rateLimit: false });

/** Sets up ten pages of ten, and scheduled changes. Returns the ids at the start. */
async function fleet(...steps) {
  await emulator.change({ reset: 100 });
  await emulator.fresh();
  await emulator.schedule(...steps);
  return emulator.listed();
}
const collect = async (options) => {
  const { runners, report } = await client.collectManagedRunners({ perPage: 10, ...options });
  return { found: runners.map(({ id }) => id), report };
};
const unique = (found) => assert.equal(new Set(found).size, found.length, "a runner came twice");
const holds = (found, wanted) => {
  const known = new Set(found);
  assert.deepEqual(
    wanted.filter((id) => !known.has(id)),
    [],
    "runners that are missing",
  );
};

/** Changes to make after the n-th of ten pages was answered. */
const CHANGES = {
  "5 rows deleted that were read": { remove: [2, 3, 5, 7, 11] },
  "5 rows deleted that were not read yet": { remove: [70, 75, 80, 90, 99] },
  "5 rows deleted on both sides": { remove: [0, 19, 39, 59, 99] },
  "15 rows deleted that were read": { remove: Array.from({ length: 15 }, (_, index) => index) },
  "5 rows inserted": { add: 5 },
  "25 rows inserted": { add: 25 },
  "5 rows disabled": { disable: [1, 4, 9, 16, 25] },
  "3 rows activated again, somewhere in the middle": { activate: [0, 2, 4] },
  "3 rows disabled and 5 added": { disable: [0, 1, 2], add: 5 },
  "5 rows deleted and 3 activated again": { remove: [0, 1, 2, 3, 4], activate: [2, 3, 4] },
};
for (const [what, changes] of Object.entries(CHANGES)) {
  test(`reconcile, ${what}: every runner that was there all the time comes exactly once`, async () => {
    for (const concurrency of [1, 2, 4]) {
      for (const after of [1, 3, 6, 9]) {
        const before = await fleet({ after, changes });
        const { found, report } = await collect({ concurrency });
        const now = await emulator.listed();
        unique(found);
        holds(
          found,
          before.filter((id) => now.includes(id)),
        );
        const ever = new Set([...before, ...now]);
        assert.ok(found.every((id) => ever.has(id)));
        assert.equal(report.complete, "unknown");
        assert.equal(report.totalStart, 100);
        assert.equal(report.totalEnd, now.length);
        assert.equal(report.unique, found.length);
        const { requests } = await emulator.stats();
        // Requests that were cancelled at once may never have arrived.
        assert.ok(
          requests <= report.requests && requests >= 10,
          `${requests} requests of ${report.requests}`,
        );
        assert.ok(report.requests <= 2 * 10 + 16 + 4 * concurrency, `${report.requests} requests`);
      }
    }
  });
}

test("reconcile, a change after each of several pages: still every runner once", async () => {
  const steps = [
    { after: 2, changes: { remove: [0, 5, 9] } },
    { after: 4, changes: { add: 4 } },
    { after: 6, changes: { disable: [1, 12] } },
    { after: 8, changes: { activate: [0] } },
    { after: 12, changes: { remove: [3] } },
  ];
  for (const concurrency of [1, 4]) {
    const before = await fleet(...steps);
    const { found, report } = await collect({ concurrency });
    const now = await emulator.listed();
    unique(found);
    holds(
      found,
      before.filter((id) => now.includes(id)),
    );
    assert.equal(report.complete, "unknown");
  }
});

test("detect: repeats go, a change that was seen makes complete false, and nothing is read again", async () => {
  for (const concurrency of [1, 4]) {
    const before = await fleet({ after: 3, changes: { add: 5 } });
    const { found, report } = await collect({ concurrency, consistency: "detect" });
    unique(found);
    holds(found, before);
    assert.equal(report.complete, false);
    assert.equal((await emulator.stats()).requests, 11);
    await fleet({ after: 3, changes: { remove: [0, 1, 2, 3, 4] } });
    const lossy = await collect({ concurrency, consistency: "detect" });
    unique(lossy.found);
    assert.equal(lossy.report.complete, false);
    assert.deepEqual((await collect({ consistency: "detect" })).report.complete, "unknown");
  }
});

test("none: the rows as they come, repeats included, and complete false", async () => {
  await fleet({ after: 3, changes: { add: 5 } });
  const { found, report } = await collect({ concurrency: 1, consistency: "none" });
  assert.equal(found.length, 105);
  assert.equal(new Set(found).size, 100);
  assert.deepEqual(
    { unique: report.unique, duplicates: report.duplicates, complete: report.complete },
    { unique: 105, duplicates: 5, complete: false },
  );
});

test("a removal and an addition that cancel out are never reported as complete", async () => {
  for (const consistency of ["none", "detect", "reconcile"]) {
    for (const after of [1, 5, 9]) {
      await fleet({ after, changes: { remove: [0], add: 1 } });
      assert.notEqual((await collect({ consistency })).report.complete, true);
      await fleet({ after, changes: { remove: [0], activate: [3] } });
      assert.notEqual((await collect({ consistency })).report.complete, true);
    }
  }
});

test("complete is true only for a list that one answer held", async () => {
  await emulator.change({ reset: 100 });
  await emulator.fresh();
  assert.equal((await collect({ perPage: 100 })).report.complete, true);
  assert.equal((await collect({ perPage: 99 })).report.complete, "unknown");
  await emulator.change({ add: 1 });
  assert.equal((await collect({ perPage: 100 })).report.complete, "unknown");
});

test("runners left out as invalid: complete is false, and they are not looked for again", async () => {
  await emulator.change({ reset: 30 });
  const page = await (
    await fetch(`${emulator.url}/v1/managed-runner?page=2&per_page=10`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    })
  ).json();
  page.runners[2].created_at = "yesterday";
  await emulator.fresh();
  await emulator.faults({ page: 2, body: JSON.stringify(page) });
  const issues = [];
  const lenient = new ComfyControl({
    baseUrl: emulator.url,
    token: TOKEN,
    rateLimit: false,
    onInvalidRunner: ({ path }) => issues.push(path),
  });
  const { runners, report } = await lenient.collectManagedRunners({ perPage: 10 });
  assert.deepEqual([runners.length, report.complete, issues.length > 0], [29, false, true]);
  assert.deepEqual(issues, ["runners[2].created_at"]);
  assert.equal((await emulator.stats()).requests, 3);
});

test("a list that shrinks to nothing, and one that was empty and fills", async () => {
  await fleet({ after: 3, changes: { reset: 0 } });
  const { found, report } = await collect();
  unique(found);
  // One answer held all of the list that there is now.
  assert.deepEqual([report.totalStart, report.totalEnd, report.complete], [100, 0, true]);
  await emulator.change({ reset: 0 });
  assert.deepEqual((await collect()).found, []);
});

test("a list that never holds still ends in list_changed, with what was found", async () => {
  await fleet(
    ...Array.from({ length: 80 }, (_, step) => ({
      after: step + 1,
      changes: step % 2 ? { add: 1 } : { remove: [step % 90] },
    })),
  );
  const error = await client.collectManagedRunners({ perPage: 10 }).then(
    () => assert.fail("it ended well"),
    (error) => error,
  );
  assert.equal(error.code, "list_changed");
  assert.equal(error.retryable, true);
  assert.equal(error.report.complete, false);
  assert.ok(error.runners.length > 0);
  assert.equal(error.report.unique, error.runners.length);
  const found = error.runners.map(({ id }) => id);
  unique(found);
  const { requests } = await emulator.stats();
  assert.ok(requests <= 2 * 10 + 16 + 16, `${requests} requests`);
  // Once the list is stable, resuming from the checkpoint finds the missing runners.
  await emulator.fresh();
  const rest = (await collect({ resumeFrom: error.checkpoint })).found;
  unique([...found, ...rest]);
});

closing();
