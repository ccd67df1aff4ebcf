// Importing does nothing; the first call compiles the module, once.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { promisify } from "node:util";

// Made by hand where one exact body is what counts.
import { answer, memory, origin, RUNNER } from "./support/memory.mjs";
import { ComfyControl, folder, getManagedRunner, home, listManagedRunners } from "./support/package.mjs";

/** Code for a child process: counts what the package must not do at import. */
const SPIES = `
  const counts = { compiled: 0, timers: 0, random: 0, fetched: 0, globals: 0 };
  const count = (object, name, what) => {
    // Only calls by the package count: Node's fetch also compiles a module.
    const note = () => void (counts[what] += new Error().stack.includes("comfycontrol-runners") ? 1 : 0);
    object[name] = new Proxy(object[name], {
      apply: (...args) => (note(), Reflect.apply(...args)),
      construct: (...args) => (note(), Reflect.construct(...args)),
    });
  };
  for (const name of ["Module", "compile", "compileStreaming", "instantiate", "instantiateStreaming"]) {
    count(WebAssembly, name, "compiled");
  }
  for (const name of ["setTimeout", "setInterval", "setImmediate"]) count(globalThis, name, "timers");
  count(Math, "random", "random");
  count(crypto, "getRandomValues", "random");
  count(globalThis, "fetch", "fetched");
  const names = new Set(Reflect.ownKeys(globalThis));
  const isNew = (name) => !names.has(name) && !String(name).includes("undici");
  const look = () => {
    const globals = Reflect.ownKeys(globalThis).filter(isNew).length;
    console.log(JSON.stringify({ ...counts, globals }));
  };
  const fetch_ = async () => new Response('{"runners":[],"total":0}');
  const options = { fetch: fetch_, coalesce: false, rateLimit: false, baseUrl: "https://x.example" };
`;
const STEPS = `
  look();
  await Promise.all(Array.from({ length: 20 }, () => listManagedRunners(options)));
  look();
  const clients = Array.from({ length: 1000 }, () => new ComfyControl(options));
  look();
  await Promise.all(clients.slice(0, 50).map((client) => client.listManagedRunners()));
  matchRunners([], []);
  look();
`;

async function run(type, source, ...flags) {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [...flags, `--input-type=${type}`, "-e", source],
    { cwd: folder },
  );
  assert.equal(stderr, "");
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const ESM = `
  ${SPIES}
  const { listManagedRunners, matchRunners, ComfyControl } = await import("comfycontrol-runners");
  ${STEPS}`;
const CJS = `
  ${SPIES}
  const file = "./node_modules/comfycontrol-runners/dist/index.cjs";
  const { listManagedRunners, matchRunners, ComfyControl } = require(file);
  (async () => { ${STEPS} })();`;
for (const [what, type, source] of [
  ["an ES module", "module", ESM],
  ["CommonJS", "commonjs", CJS],
]) {
  test(`${what}: the import does nothing, and twenty first calls at once compile once`, async () => {
    const [imported, called, constructed, again] = await run(type, source);
    const nothing = { compiled: 0, timers: 0, random: 0, fetched: 0, globals: 0 };
    assert.deepEqual(imported, nothing);
    // Each request has one timer, its time-out. Making a client does nothing.
    assert.deepEqual(called, { ...nothing, compiled: 1, timers: 20 });
    assert.deepEqual(constructed, called);
    assert.deepEqual(again, { ...called, timers: 70 });
  });
}

test("where the module may not be compiled, the call says so, and a later one tries again", async () => {
  const [refused, broken, later] = await run(
    "module",
    `
    const { listManagedRunners } = await import("comfycontrol-runners");
    const options = { fetch: async () => new Response('{"runners":[],"total":0}'), baseUrl: "https://x.example" };
    const { Module } = WebAssembly;
    for (const message of [
      "Refused to compile or instantiate WebAssembly module because 'unsafe-eval' is not an allowed source",
      "out of memory",
    ]) {
      WebAssembly.Module = class { constructor() { throw new WebAssembly.CompileError(message); } };
      await listManagedRunners(options).catch(({ code, message, cause }) =>
        console.log(JSON.stringify([code, message, cause.name])),
      );
    }
    WebAssembly.Module = Module;
    console.log(JSON.stringify(await listManagedRunners(options)));
  `,
  );
  assert.deepEqual(refused, [
    "unsupported",
    "the page's Content-Security-Policy forbids WebAssembly: add 'wasm-unsafe-eval' to its script-src (comfycontrol/unsupported)",
    "CompileError",
  ]);
  assert.deepEqual(broken, [
    "internal",
    "the WebAssembly module did not start (comfycontrol/internal)",
    "CompileError",
  ]);
  assert.equal(later.total, 0);
});

test("import and require get one copy with one rate limit, where Node can require ES modules", async (t) => {
  const [, minor] = process.versions.node.split(".").map(Number);
  if (!process.features.require_module && !(process.versions.node.startsWith("20.") && minor >= 19))
    return t.skip("this Node gives each its own copy");
  const [same] = await run(
    "module",
    `
    import { createRequire } from "node:module";
    import * as imported from "comfycontrol-runners";
    console.log(createRequire(process.cwd() + "/x.js")("comfycontrol-runners").ComfyControl === imported.ComfyControl);
  `,
    "--no-warnings",
  );
  assert.equal(same, true);
});

test("a Content-Security-Policy without unsafe-eval suffices: no code is made from texts", async () => {
  const [page] = await run(
    "module",
    `
    const { listManagedRunners } = await import("comfycontrol-runners");
    const fetch = async () => new Response('{"runners":[],"total":0}');
    console.log(JSON.stringify(await listManagedRunners({ fetch, baseUrl: "https://x.example" })));
  `,
    "--disallow-code-generation-from-strings",
  );
  assert.equal(page.total, 0);
});

suite("what the package says of itself", () => {
  const manifest = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));

  test("no dependencies, no scripts that run at installation, no side effects, Node 20 and later", () => {
    assert.deepEqual(
      [manifest.dependencies, manifest.peerDependencies, manifest.optionalDependencies],
      [undefined, undefined, undefined],
    );
    assert.deepEqual(manifest.scripts, undefined);
    assert.equal(manifest.sideEffects, false);
    assert.equal(manifest.engines.node, ">=20");
  });

  test("no path of the machine it was built on is in what is published", () => {
    for (const name of ["index.js", "index.cjs", "core.wasm"]) {
      const text = readFileSync(join(home, "dist", name), "latin1");
      assert.doesNotMatch(text, /\/(home|root|Users)\/|[A-Z]:\\Users|\.cargo\/|rustlib\//, name);
    }
  });
});

suite("results", () => {
  test("are plain objects with everything of the contract, and survive structuredClone and JSON", async () => {
    const options = {
      fetch: memory((url) => answer(url.includes("?") ? { runners: [RUNNER, RUNNER], total: 2 } : RUNNER))
        .fetch,
      baseUrl: origin(),
    };
    const page = await listManagedRunners(options);
    const runner = await getManagedRunner(RUNNER.id, options);
    assert.deepEqual(page.runners[0], runner);
    assert.deepEqual(Object.keys(runner), [
      "id",
      "name",
      "runnerType",
      "status",
      "tags",
      "createdAt",
      "updatedAt",
    ]);
    assert.deepEqual(Object.keys(page), ["runners", "total", "page", "perPage", "pageCount", "hasNextPage"]);
    for (const value of [page, runner]) {
      assert.equal(Object.getPrototypeOf(value), Object.prototype);
      assert.deepEqual(structuredClone(value), value);
      assert.deepEqual(JSON.parse(JSON.stringify(value)), value);
      assert.ok(Object.isExtensible(value));
    }
    assert.ok(Array.isArray(page.runners) && Array.isArray(runner.tags));
    assert.notEqual(page.runners[0].tags, page.runners[1].tags, "nothing is shared");
  });

  test("stay as they are when later calls use the same memory", async () => {
    const client = new ComfyControl({
      fetch: async (url) =>
        answer({
          runners: [{ ...RUNNER, name: `ü${"x".repeat(9999)}${url.match(/page=(\d+)/)[1]}` }],
          total: 1,
        }),
      baseUrl: origin(),
    });
    const pages = [];
    for (let page = 1; page <= 20; page += 1) pages.push(await client.listManagedRunners({ page }));
    assert.deepEqual(
      pages.map(({ runners }) => Number(runners[0].name.slice(10_000))),
      pages.map(({ page }) => page),
    );
  });
});
