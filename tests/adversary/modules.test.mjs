// Several copies of the package in one process: as ES modules and as CommonJS, of two installations, in other realms and
// in worker threads. Each copy recognizes the errors of all, has its own rate limits, and disturbs no other.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";

import { answer, memory, origin, refusal, RUNNER } from "../package/support/memory.mjs";
import * as installed from "../package/support/package.mjs";
import { anotherRealm } from "../package/support/realm.mjs";
import { noUnhandledRejections, thrown } from "../package/support/watch.mjs";

const closing = noUnhandledRejections();

/** A second installation, such as that of a library with its own dependencies. */
const second = mkdtempSync(join(tmpdir(), "second-"));
after(() => rmSync(second, { recursive: true }));
cpSync(installed.folder, second, { recursive: true });
const dist = (folder) => join(folder, "node_modules", "comfycontrol-runners", "dist");
const required = (folder, name) => createRequire(join(folder, "entry.mjs"))(join(dist(folder), name));
const imported = (folder, name) => import(pathToFileURL(join(dist(folder), name)).href);

/** Copies, each with its own state. */
const COPIES = {
  "ES module": installed,
  CommonJS: required(installed.folder, "index.cjs"),
  "ES module of a second installation": await imported(second, "index.js"),
  "CommonJS of a second installation": required(second, "index.cjs"),
  "another realm": anotherRealm(),
  "a third realm": anotherRealm(),
};
const names = Object.keys(COPIES);

/** One error of each code that a call without a network can have. */
const FAILURES = {
  invalid_options: { perPage: 0 },
  bad_request: { fetch: async () => refusal(400) },
  unauthorized: { fetch: async () => refusal(401) },
  forbidden: { fetch: async () => refusal(403) },
  not_found: { fetch: async () => refusal(404) },
  rate_limited: { fetch: async () => refusal(429, { "retry-after": "99" }) },
  server_error: { fetch: async () => refusal(500) },
  connection_failed: {
    fetch: async () => {
      throw new Error("down");
    },
  },
  timeout: { fetch: () => new Promise(() => {}), timeout: 5 },
  invalid_response: { fetch: async () => answer("{}") },
};
const failing = (code) => ({ fetch: memory().fetch, baseUrl: origin(), maxRetries: 0, ...FAILURES[code] });

test("the copies are copies: no class is another's", () => {
  assert.equal(new Set(Object.values(COPIES).map(({ ComfyControl }) => ComfyControl)).size, names.length);
  assert.equal(
    new Set(Object.values(COPIES).map(({ ComfyControlError }) => ComfyControlError)).size,
    names.length,
  );
});

for (const name of names) {
  test(`an error of ${name} is recognised by all others, with its code and facts, and as a structured clone`, async () => {
    for (const code of Object.keys(FAILURES)) {
      const error = await thrown(COPIES[name].listManagedRunners(failing(code)));
      for (const other of names) {
        const { isComfyControlError } = COPIES[other];
        const what = `${code}, by ${other}`;
        assert.ok(isComfyControlError(error) && isComfyControlError(error, code), what);
        assert.ok(!isComfyControlError(error, "internal"), what);
        const copy = new Error(error.message);
        assert.ok(isComfyControlError(copy, code), `${what}, as a clone`);
        assert.deepEqual([copy.code, copy.retryable], [error.code, error.retryable]);
      }
    }
  });
}

test("each copy counts its own requests, and a 429 delays only the copy that gets it", async () => {
  const baseUrl = origin();
  const options = {
    baseUrl,
    fetch: memory(() => answer()).fetch,
    rateLimit: { requests: 5, windowMs: 60_000 },
  };
  const clients = names.map((name) => new COPIES[name].ComfyControl(options));
  for (const [index, client] of clients.entries()) {
    for (let i = 0; i < index; i += 1) await client.listManagedRunners();
  }
  assert.deepEqual(
    clients.map(({ rateLimit }) => rateLimit.remaining),
    [5, 4, 3, 2, 1, 0],
  );
  // Within a copy all clients of an origin share one.
  for (const [index, name] of names.entries())
    assert.equal(new COPIES[name].ComfyControl(options).rateLimit.remaining, 5 - index);
  await thrown(
    COPIES.CommonJS.listManagedRunners({ ...options, fetch: async () => refusal(429), maxRetries: 0 }),
  );
  assert.deepEqual(
    clients.map(({ rateLimit }) => rateLimit.remaining),
    [5, 0, 3, 2, 1, 0],
  );
});

test("./slim shares everything with the main entry of its own installation and format, and nothing with others", async () => {
  const pairs = [
    [installed, await imported(installed.folder, "slim.js")],
    [COPIES.CommonJS, required(installed.folder, "slim.cjs")],
    [COPIES["ES module of a second installation"], await imported(second, "slim.js")],
  ];
  for (const [main, slim] of pairs) {
    assert.equal(main.ComfyControlError, slim.ComfyControlError);
    const options = {
      baseUrl: origin(),
      fetch: memory(() => answer()).fetch,
      rateLimit: { requests: 3, windowMs: 60_000 },
    };
    await new main.ComfyControl(options).listManagedRunners();
    assert.equal(new slim.ComfyControl(options).rateLimit.remaining, 2);
  }
  assert.notEqual(pairs[0][1].ComfyControlError, pairs[1][1].ComfyControlError);
});

test("import and require by name are one copy with one limit where Node can require ES modules, and two copies elsewhere", async () => {
  const script = `
    import { createRequire } from "node:module";
    import * as esm from "comfycontrol-runners";
    const cjs = createRequire(process.cwd() + "/x.js")("comfycontrol-runners");
    const options = { baseUrl: "https://x.example", fetch: async () => new Response('{"runners":[],"total":0}') };
    await esm.listManagedRunners(options);
    await cjs.listManagedRunners(options);
    const error = await cjs.listManagedRunners({ page: 0 }).catch((error) => error);
    console.log(JSON.stringify([
      new esm.ComfyControl(options).rateLimit.remaining,
      new cjs.ComfyControl(options).rateLimit.remaining,
      esm.isComfyControlError(error, "invalid_options"),
      Boolean(process.features.require_module),
    ]));
  `;
  const flags = ["--experimental-require-module", "--no-experimental-require-module"].filter((flag) =>
    process.allowedNodeEnvironmentFlags.has(flag.replace("--no-", "--")),
  );
  for (const flag of flags.length ? flags : ["--no-warnings"]) {
    const run = await promisify(execFile)(
      process.execPath,
      [flag, "--no-warnings", "--input-type=module", "-e", script],
      { cwd: installed.folder },
    );
    const [esm, cjs, recognised, one] = JSON.parse(run.stdout);
    assert.deepEqual([esm, cjs, recognised], one ? [38, 38, true] : [39, 39, true], flag);
  }
});

/** A worker that imports this installation's package, and runs `body` with its exports. */
async function inWorker(body) {
  const source = `
    const { parentPort } = require("node:worker_threads");
    import(${JSON.stringify(installed.entry)}).then(async (client) => {
      const { ComfyControl, isComfyControlError, listManagedRunners } = client;
      const RUNNER = ${JSON.stringify(RUNNER)};
      const reply = (status, value) => async () => new Response(JSON.stringify(value), { status });
      ${body}
    }).catch((error) => parentPort.postMessage({ error: String(error && error.stack) }));
  `;
  const worker = new Worker(source, { eval: true });
  const received = [];
  worker.on("message", (message) => received.push(message));
  const over = new Promise((resolve, reject) => worker.once("exit", resolve).once("error", reject));
  await over;
  assert.ok(
    received.every((message) => !message?.error),
    received[0]?.error,
  );
  return received;
}

test("errors of a worker thread are recognised when they arrive, and those of this thread are there", async () => {
  const received = await inWorker(`
    for (const status of [400, 401, 403, 404, 500]) {
      const options = { fetch: reply(status, {}), baseUrl: "https://x.example", maxRetries: 0 };
      parentPort.postMessage(await listManagedRunners(options).catch((error) => error));
    }
  `);
  assert.deepEqual(
    received.map((error) => installed.isComfyControlError(error) && error.code),
    ["bad_request", "unauthorized", "forbidden", "not_found", "server_error"],
  );
  assert.deepEqual(
    received.map(({ retryable }) => retryable),
    [false, false, false, false, true],
  );
});

test("each worker thread counts its requests by itself", async () => {
  const count = `
    const options = { baseUrl: "https://threads.example", fetch: reply(200, { runners: [], total: 0 }) };
    for (let i = 0; i < 7; i += 1) await listManagedRunners(options);
    parentPort.postMessage(new ComfyControl(options).rateLimit.remaining);
  `;
  assert.deepEqual(await Promise.all([inWorker(count), inWorker(count)]), [[33], [33]]);
  const here = new installed.ComfyControl({ baseUrl: "https://threads.example" });
  assert.equal(here.rateLimit.remaining, 40);
});

test("a worker that is ended in the middle of its calls disturbs nobody", async () => {
  const source = `
    import(${JSON.stringify(installed.entry)}).then(({ listManagedRunners }) => {
      for (let i = 0; i < 20; i += 1) listManagedRunners({ fetch: () => new Promise(() => {}), baseUrl: "https://x.example" });
      require("node:worker_threads").parentPort.postMessage("under way");
    });
  `;
  const worker = new Worker(source, { eval: true });
  await new Promise((resolve) => worker.once("message", resolve));
  const call = installed.listManagedRunners({ fetch: async () => answer(), baseUrl: origin() });
  assert.equal(await worker.terminate(), 1);
  assert.equal((await call).total, 0);
});

test("all copies at once, with failures and enumerations among them: every result is right", async () => {
  const rows = (salt) =>
    Array.from({ length: 25 }, (_, n) => ({
      ...RUNNER,
      id: `018f9c3e-0000-7000-8000-${String(salt * 1000 + n).padStart(12, "0")}`,
      name: `${salt} ${"ü".repeat(n)}`,
    }));
  const list = (salt) => async (url) => {
    for (let turns = Number(salt) % 4; turns > 0; turns -= 1)
      await new Promise((resolve) => setImmediate(resolve));
    const query = new URL(url).searchParams;
    const [page, size] = [Number(query.get("page")), Number(query.get("per_page"))];
    return answer({ runners: rows(salt).slice((page - 1) * size, page * size), total: 25 });
  };
  const codes = Object.keys(FAILURES);
  const jobs = [];
  for (let round = 0; round < 20; round += 1) {
    for (const [index, name] of names.entries()) {
      const copy = COPIES[name];
      const salt = round * 10 + index;
      const options = { fetch: list(salt), baseUrl: "https://shared.example", rateLimit: false };
      jobs.push(async () =>
        assert.deepEqual(
          Array.from(
            (await copy.listManagedRunners({ ...options, perPage: 25 })).runners,
            ({ name }) => name,
          ),
          rows(salt).map(({ name }) => name),
        ),
      );
      jobs.push(async () => {
        const { runners, report } = await new copy.ComfyControl(options).collectManagedRunners({
          perPage: 4,
        });
        assert.deepEqual(
          Array.from(runners, ({ id }) => id),
          rows(salt).map(({ id }) => id),
        );
        assert.equal(report.unique, 25);
      });
      const code = codes[salt % codes.length];
      jobs.push(async () =>
        assert.equal(
          (await thrown(copy.listManagedRunners({ ...failing(code), rateLimit: false }))).code,
          code,
        ),
      );
    }
  }
  const worker = inWorker(`
    const options = { baseUrl: "https://shared.example", fetch: reply(200, { runners: [RUNNER], total: 1 }), rateLimit: false, coalesce: false };
    const totals = await Promise.all(Array.from({ length: 200 }, () => listManagedRunners(options).then(({ total }) => total)));
    parentPort.postMessage(totals.reduce((sum, one) => sum + one));
  `);
  await Promise.all(jobs.map((job) => job()));
  assert.deepEqual(await worker, [200]);
});

closing();
