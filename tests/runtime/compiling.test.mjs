// Chromium before 115 refuses to compile or start a module of more than 4 kB synchronously on a page's main
// thread. There, asynchronous functions of the package await the compilation.

import assert from "node:assert/strict";
import { test } from "node:test";

import { child } from "./support/child.mjs";
import { OLD_BROWSER } from "./support/old-browser.mjs";

/** Code for a child process: such a browser, and answers of the API. */
const WORLD = `
  ${OLD_BROWSER}
  const ID = "018f9c3e-0000-7000-8000-00000000000a";
  const TIME = "2024-01-15T10:30:00Z";
  const DATES = { created_at: TIME, updated_at: TIME };
  const RUNNER = { id: ID, name: "a", runner_type: "pro", status: "active", tags: [], ...DATES };
  const page = { runners: [RUNNER], total: 1 };
  const one = { ...options, fetch: async (url) => new Response(JSON.stringify(url.includes("?") ? page : RUNNER)) };
`;
const inOldBrowser = (source, load = 'const client = await import("comfycontrol-runners");') =>
  child(`${load} ${WORLD} ${source}`);

/** Code for a child process, each a first call whose value is 1. */
const FIRST = {
  listManagedRunners: "(await client.listManagedRunners(one)).total",
  getManagedRunner: "(await client.getManagedRunner(ID, one)).name.length",
  "a client's listManagedRunners": "(await new client.ComfyControl(one).listManagedRunners()).total",
  "a client's getManagedRunner": "(await new client.ComfyControl(one).getManagedRunner(ID)).name.length",
  collectManagedRunners: "(await new client.ComfyControl(one).collectManagedRunners()).runners.length",
  "iterateManagedRunners, with for await": `await (async () => {
    let n = 0;
    for await (const { name } of new client.ComfyControl(one).iterateManagedRunners()) n += name.length;
    return n;
  })()`,
  "the pages of iterateManagedRunners": `await (async () => {
    let n = 0;
    for await (const page of new client.ComfyControl(one).iterateManagedRunners().pages()) n += page.length;
    return n;
  })()`,
  watchManagedRunners: `await (async () => {
    for await (const { runners } of new client.ComfyControl(one).watchManagedRunners()) return runners.length;
  })()`,
};
for (const [what, run] of Object.entries(FIRST)) {
  test(`${what} works as the first call`, async () => {
    const [[result, awaited]] = await inOldBrowser(`say([${run}, counts.awaited > 0]);`);
    assert.deepEqual([result, awaited], [1, true]);
  });
}

test("twenty first calls at once share one compilation", async () => {
  const [[totals, awaited]] = await inOldBrowser(`
    const pages = await Promise.all(Array.from({ length: 20 }, () => client.listManagedRunners(one)));
    say([pages.reduce((sum, { total }) => sum + total, 0), counts.awaited]);
  `);
  assert.equal(totals, 20);
  // Compiled once and started once, or both in one.
  assert.ok(awaited >= 1 && awaited <= 2, String(awaited));
});

test("bad options are refused all the same, before any request", async () => {
  const [list, client] = await inOldBrowser(`
    say(await failure(client.listManagedRunners({ ...options, perPage: 0 })));
    say(await failure(client.listManagedRunners({ ...options, per_page: 1 })));
    say([requests.length]);
  `);
  assert.deepEqual([list.code, client.code], ["invalid_options", "invalid_options"]);
});

test("a call that is aborted while the module compiles rejects with the reason, and asks nobody", async () => {
  const [error, asked] = await inOldBrowser(`
    const controller = new AbortController();
    const call = client.listManagedRunners({ ...options, signal: controller.signal });
    controller.abort(Object.assign(new Error("gone"), { code: "gone" }));
    say(await failure(call));
    say([requests.length]);
  `);
  assert.deepEqual([error.code, asked], ["gone", [0]]);
});

test("what gives no promise says what to do first, and works after a call", async () => {
  const [before, after] = await inOldBrowser(`
    say(await failure((async () => client.matchRunners([], []))()));
    await client.listManagedRunners(one);
    const runner = { ...RUNNER, tags: ["gpu"] };
    say([client.matchRunners([runner], ["gpu"]).length, new client.ComfyControl(one).rateLimit.queued]);
  `);
  assert.deepEqual([before.code, before.retryable], ["unsupported", false], before.message);
  assert.match(before.message, /main thread|4 ?kB|4KB/i);
  assert.deepEqual(after, [1, 0]);
});

test("a watch keeps the interval that was set while the module compiles", async () => {
  const [before, after, error] = await inOldBrowser(`
    const api = new client.ComfyControl(one);
    const watches = [{}, { interval: 5_000 }, { interval: 5_000 }].map((given) => api.watchManagedRunners(given));
    watches[2].interval = 6_000;
    watches[2].interval = 7_000;
    const wrong = api.watchManagedRunners();
    wrong.interval = 5;
    const intervals = () => watches.map(({ interval }) => interval);
    say(intervals());
    await Promise.all(watches.map((watch) => watch.next()));
    say(intervals());
    await Promise.all(watches.map((watch) => watch.return()));
    say(await failure(wrong.next()));
  `);
  assert.deepEqual(before, [30_000, 5_000, 7_000]);
  assert.deepEqual(after, before);
  assert.equal(error.code, "invalid_options");
  assert.match(error.message, /^interval: .*, got 5 /);
});

test("a watch can be refreshed while the module compiles, also if that fails", async () => {
  const [[changes], error] = await inOldBrowser(`
    const api = new client.ComfyControl(one);
    const refreshed = () => {
      const watch = api.watchManagedRunners();
      watch.refresh();
      return watch;
    };
    WebAssembly.compile = WebAssembly.instantiate = async () => { throw new WebAssembly.CompileError("refused"); };
    const failing = refreshed();
    const failed = await failure(failing.next());
    failing.refresh();
    Object.assign(WebAssembly, { compile, instantiate });
    const watch = refreshed();
    const { value } = await watch.next();
    await watch.return();
    say([value.runners.length]);
    say(failed);
  `);
  assert.equal(changes, 1);
  assert.deepEqual([error.code, error.cause.message], ["internal", "refused"]);
});

test("a watch has no report, and an iterator over runners no interval, while the module compiles", async () => {
  const [[early, opened]] = await inOldBrowser(`
    const names = () => {
      const api = new client.ComfyControl(one);
      return [api.iterateManagedRunners(), api.watchManagedRunners()].map((iterator) => Object.keys(iterator).sort());
    };
    const early = names();
    await client.listManagedRunners(one);
    say([early, names()]);
  `);
  assert.deepEqual(early, opened);
});

test("./slim starts from bytes and from a compiled module", async () => {
  for (const give of ["bytes", "await compile(bytes)"]) {
    const [[total]] = await inOldBrowser(
      `client.initialize(${give});
      say([(await client.listManagedRunners(one)).total]);`,
      `const { readFileSync } = await import("node:fs");
      const client = await import("comfycontrol-runners/slim");
      const bytes = readFileSync("node_modules/comfycontrol-runners/dist/core.wasm");`,
    );
    assert.equal(total, 1, give);
  }
});

test("elsewhere nothing is awaited: the module compiles once, at once", async () => {
  const [[awaited, total]] = await child(`
    const client = await import("comfycontrol-runners");
    let awaited = 0;
    for (const name of ["compile", "instantiate"]) {
      const run = WebAssembly[name];
      WebAssembly[name] = (...args) => {
        if (new Error().stack.includes("comfycontrol-runners")) awaited += 1;
        return run.apply(WebAssembly, args);
      };
    }
    const { total } = await client.listManagedRunners(options);
    say([awaited, total]);
  `);
  assert.deepEqual([awaited, total], [0, 0]);
});
