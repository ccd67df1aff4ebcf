// The progress and the checkpoint of an enumeration, and resuming from it: later, after an error, or in another process.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

import { startEmulator, TOKEN } from "./support/emulator.mjs";
import { ComfyControl, entry } from "./support/package.mjs";
import { noUnhandledRejections, thrown } from "./support/watch.mjs";

const closing = noUnhandledRejections();
const emulator = await startEmulator("--runners", "95");
const client = new ComfyControl({ baseUrl: emulator.url, token: TOKEN, rateLimit: false });
const listed = await emulator.listed();

/** The first `count` ids, and the iterator. */
async function start(count, options) {
  const iterator = client.iterateManagedRunners({ perPage: 10, ...options });
  const found = [];
  while (found.length < count) found.push((await iterator.next()).value.id);
  return { iterator, found };
}
const rest = async (resumeFrom, options) =>
  (await client.collectManagedRunners({ perPage: 10, resumeFrom, ...options })).runners.map(({ id }) => id);

test("a checkpoint at any row: what follows is all the rest, none of it again", async () => {
  for (let count = 0; count <= 95; count += 1) {
    const { iterator, found } = await start(count, { concurrency: 1 + (count % 4) });
    const { checkpoint } = iterator;
    assert.match(checkpoint, /^[\w-]+$/);
    await iterator.return();
    assert.equal(iterator.checkpoint, checkpoint);
    assert.deepEqual([...found, ...(await rest(checkpoint))], listed);
  }
});

test("a checkpoint has 123 characters, wherever it stands, and continues its report", async () => {
  const { iterator } = await start(43);
  assert.equal(iterator.checkpoint.length, 123);
  await iterator.return();
  const { runners, report } = await client.collectManagedRunners({
    perPage: 10,
    resumeFrom: iterator.checkpoint,
  });
  assert.equal(runners.length, 52);
  assert.deepEqual(
    [report.unique, report.duplicates > 0, report.totalStart, report.totalEnd, report.complete],
    [95, true, 95, 95, "unknown"],
  );
  assert.ok(report.requests > iterator.report.requests);
});

test("runners left out as invalid before a checkpoint make what follows incomplete too", async () => {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const page = await (await fetch(`${emulator.url}/v1/managed-runner?per_page=10`, { headers })).json();
  page.runners[2].created_at = "yesterday";
  await emulator.fresh();
  await emulator.faults({ page: 1, body: JSON.stringify(page) });
  const lenient = new ComfyControl({
    baseUrl: emulator.url,
    token: TOKEN,
    rateLimit: false,
    onInvalidRunner() {},
  });
  const iterator = lenient.iterateManagedRunners({ perPage: 10, concurrency: 1 });
  for (let row = 0; row < 9; row += 1) await iterator.next();
  await iterator.return();
  const { report } = await lenient.collectManagedRunners({ perPage: 10, resumeFrom: iterator.checkpoint });
  assert.deepEqual([report.unique, report.complete], [94, false]);
});

test("runners that joined before a checkpoint are not reported as missing after it", async () => {
  const { iterator } = await start(10, { concurrency: 1 });
  await emulator.change({ add: 5 });
  for (let row = 10; row < 25; row += 1) await iterator.next();
  await iterator.return();
  const { report } = await client.collectManagedRunners({ perPage: 10, resumeFrom: iterator.checkpoint });
  assert.deepEqual([report.unique, report.totalEnd, report.complete], [95, 100, "unknown"]);
  await emulator.change({ reset: 95 });
});

test("resumed again and again, a few rows at a time, while the list changes: every runner that stays comes once", async () => {
  const found = [];
  let checkpoint;
  for (let part = 0; ; part += 1) {
    const iterator = client.iterateManagedRunners({ perPage: 10, resumeFrom: checkpoint });
    let done;
    for (let row = 0; row < 7 && !done; row += 1) {
      const next = await iterator.next();
      done = next.done;
      if (!done) found.push(next.value.id);
    }
    checkpoint = iterator.checkpoint;
    if (done) break;
    await iterator.return();
    if (part === 3) await emulator.change({ remove: [0, 1, 2, 30, 31] });
    if (part === 6) await emulator.change({ add: 3 });
  }
  const now = await emulator.listed();
  assert.equal(new Set(found).size, found.length);
  assert.deepEqual(
    listed.filter((id) => now.includes(id) && !found.includes(id)),
    [],
  );
  await emulator.change({ reset: 95 });
});

test("in another process", async () => {
  const { iterator, found } = await start(37);
  const script = `const { ComfyControl } = await import(${JSON.stringify(entry)});
    const client = new ComfyControl({ baseUrl: ${JSON.stringify(emulator.url)}, token: ${JSON.stringify(TOKEN)} });
    const { runners, report } = await client.collectManagedRunners({ perPage: 10, resumeFrom: process.argv[1] });
    console.log(JSON.stringify({ ids: runners.map(({ id }) => id), report }));`;
  const { checkpoint } = iterator;
  await iterator.return();
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--input-type=module",
    "--eval",
    script,
    checkpoint,
  ]);
  const { ids, report } = JSON.parse(stdout);
  assert.deepEqual([...found, ...ids], listed);
  assert.equal(report.unique, 95);
});

test("after the end nothing is left to find, and what joined since is not looked for", async () => {
  const { iterator } = await start(95);
  assert.equal((await iterator.next()).done, true);
  assert.equal(iterator.report.complete, "unknown");
  assert.deepEqual(await rest(iterator.checkpoint), []);
});

test("a checkpoint that is damaged, or of another base URL or page size, is refused with the reason, before any request", async () => {
  const { iterator } = await start(15);
  const { checkpoint } = iterator;
  await iterator.return();
  await emulator.fresh();
  const refusal = (given, options, using = client) => {
    try {
      using.iterateManagedRunners({ perPage: 10, resumeFrom: given, ...options });
    } catch (error) {
      assert.equal(error.code, "invalid_options");
      assert.match(error.message, /resumeFrom/);
      return error.message;
    }
    assert.fail(`accepted: ${given}`);
  };
  for (let index = 0; index < checkpoint.length; index += 1) {
    const other = checkpoint[index] === "A" ? "B" : "A";
    assert.match(
      refusal(checkpoint.slice(0, index) + other + checkpoint.slice(index + 1)),
      /damaged|cut|whole/i,
    );
    refusal(checkpoint.slice(0, index));
  }
  for (const given of [
    "",
    "x",
    `${checkpoint}A`,
    `${checkpoint} `,
    "💥",
    checkpoint + checkpoint,
    checkpoint.toLowerCase(),
  ])
    refusal(given);
  assert.match(refusal(checkpoint, { perPage: 20 }), /page size|perPage/);
  assert.match(refusal(checkpoint, { perPage: 20 }), /10/);
  const elsewhere = new ComfyControl({ baseUrl: `${emulator.url}/proxy`, rateLimit: false });
  assert.match(refusal(checkpoint, {}, elsewhere), /base ?URL/i);
  const error = await thrown(client.collectManagedRunners({ perPage: 20, resumeFrom: checkpoint }));
  assert.equal(error.code, "invalid_options");
  assert.equal((await emulator.stats()).requests, 0);
  // The concurrency, the consistency and the token may be others.
  assert.equal((await rest(checkpoint, { concurrency: 9, consistency: "detect" })).length, 80);
});

test("onProgress hears of every answer and every page handed over, up to the end", async () => {
  const received = [];
  const { runners } = await client.collectManagedRunners({
    perPage: 10,
    onProgress: (progress) => received.push(progress),
  });
  assert.equal(runners.length, 95);
  for (const progress of received)
    assert.deepEqual(Object.keys(progress), ["delivered", "total", "requests", "estimatedMs"]);
  assert.ok(received.length >= 20);
  const rising = (field) =>
    received.every((progress, index) => index === 0 || progress[field] >= received[index - 1][field]);
  assert.ok(rising("delivered") && rising("requests"));
  assert.ok(received.every(({ total, estimatedMs }) => total === 95 && Number.isInteger(estimatedMs)));
  const { delivered, requests, estimatedMs } = received.at(-1);
  assert.deepEqual({ delivered, requests, estimatedMs }, { delivered: 95, requests: 10, estimatedMs: 0 });
});

closing();
