// Garbage collection at any moment: an iterator goes on while anything of it is in use, and ends once nothing is.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

import { folder } from "../package/support/package.mjs";

/** Runs a program beside the installed package. `gcOften()` collects garbage while it runs. Returns what it says. */
function run(source) {
  const program = `
    import { ComfyControl } from "comfycontrol-runners";
    import { createEmulator } from "comfycontrol-runners/testing";
    import { Readable } from "node:stream";
    import { setTimeout as pause } from "node:timers/promises";
    const api = createEmulator({ runners: 250, latency: 15 });
    const make = () => new ComfyControl({ ...api.clientOptions, rateLimit: false, token: () => api.clientOptions.token });
    const collecting = setInterval(() => gc(), 1);
    const say = (value) => console.log(JSON.stringify(value));
    ${source}
    clearInterval(collecting);
  `;
  const args = ["--expose-gc", "--input-type=module", "-e", program];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" }));
}

for (const [what, source] of Object.entries({
  "for await over pages": `
    let found = 0;
    for await (const page of make().iterateManagedRunners({ perPage: 10, concurrency: 1 }).pages()) {
      found += page.length;
      await pause(5);
    }
    say(found);`,
  "a stream of pages": `
    let found = 0;
    const pages = Readable.from(make().iterateManagedRunners({ perPage: 10 }).pages());
    for await (const page of pages) {
      found += page.length;
      await pause(5);
    }
    say(found);`,
  "functions alone": `
    const { next } = make().iterateManagedRunners({ perPage: 10 });
    let found = 0;
    for (; !(await next()).done; found += 1) if (found % 10 === 0) await pause(5);
    say(found);`,
  "its accessors": `
    const { pages, ...iterator } = make().iterateManagedRunners({ perPage: 10 });
    for await (const page of pages()) await pause(5);
    const iterated = make().iterateManagedRunners({ perPage: 10 });
    for await (const runner of iterated) if (runner.name === "never") break;
    await pause(20);
    say(iterated.report.unique);`,
}))
  test(`${what}: every runner is handed over`, () => assert.equal(run(source), 250));

test("a pending `next` is enough: of runners, of pages, of a watch", () => {
  const found = run(`
    const [runner, page, change] = await Promise.all([
      make().iterateManagedRunners().next(),
      make().iterateManagedRunners().pages().next(),
      make().watchManagedRunners().next(),
    ]);
    say([runner.value.id === api.runners[0].id, page.value.length, change.value.runners.length]);
  `);
  assert.deepEqual(found, [true, 100, 250]);
});

test("the client's functions stay, too", () => {
  const asked = run(`
    const asked = [];
    const client = () => new ComfyControl({
      ...api.clientOptions, rateLimit: false, token: () => (asked.push(1), api.clientOptions.token), fetch: (...given) => api.fetch(...given),
    });
    for await (const page of client().iterateManagedRunners({ perPage: 25, concurrency: 1 }).pages()) await pause(5);
    say(asked.length);
  `);
  assert.equal(asked, 10);
});
