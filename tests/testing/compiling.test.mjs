// Browsers that start WebAssembly of this size on a page's main thread only asynchronously: there, `ready` comes first.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { child } from "../runtime/support/child.mjs";
import { OLD_BROWSER } from "../runtime/support/old-browser.mjs";
import { serve, startChromium } from "./support/browser.mjs";
import { home } from "./support/package.mjs";

const PAGES = fileURLToPath(new URL("./pages", import.meta.url));

const LOAD = `
  const testing = await import("comfycontrol-runners/testing");
  const { createEmulator, fakeRunner, fakeRunners, ready, resetRateLimits } = testing;
  const { ComfyControl } = await import("comfycontrol-runners");
`;
const inOldBrowser = (source) => child(`${LOAD} ${OLD_BROWSER} ${source}`);

test("without ready, what needs the module says so", async () => {
  for (const use of ["createEmulator()", "fakeRunner()", "fakeRunners(3)"]) {
    const [error] = await inOldBrowser(`say(await failure((async () => ${use})()));`);
    assert.match(
      error.message,
      /^comfycontrol-runners\/testing: this browser .* main thread .*: await ready\(\) first$/,
    );
    assert.equal(error.cause.name, "RangeError");
  }
});

test("after ready, everything works at once, and the client too", async () => {
  const [seen] = await inOldBrowser(`
    await ready();
    const api = createEmulator({ runners: fakeRunners(12) });
    api.add(fakeRunner());
    const client = new ComfyControl({ ...api.clientOptions });
    const { total } = await client.listManagedRunners();
    say([total, api.requests.length, client.rateLimit.remaining]);
  `);
  assert.deepEqual(seen, [13, 1, 39]);
});

test("ready may be called often, and starts one instance", async () => {
  const [seen] = await inOldBrowser(`
    const promises = [ready(), ready(), ready()];
    await Promise.all(promises);
    const api = createEmulator({ runners: 3 });
    await ready();
    say([counts.awaited, api.runners.length, String(await ready())]);
  `);
  assert.deepEqual(seen, [1, 3, "undefined"]);
});

test("resetRateLimits works, if the next call is awaited", async () => {
  const [before, error, after] = await inOldBrowser(`
    await ready();
    const api = createEmulator({ runners: 12 });
    const client = new ComfyControl({ ...api.clientOptions });
    const seen = [];
    for (let time = 0; time < 3; time += 1) {
      resetRateLimits();
      const all = [client.listManagedRunners(), new ComfyControl({ ...api.clientOptions }).listManagedRunners()];
      for await (const { name } of client.iterateManagedRunners()) if (name) break;
      for (const { total } of await Promise.all(all)) seen.push(total);
      seen.push(client.rateLimit.remaining);
    }
    say(seen);
    resetRateLimits();
    say(await failure((async () => client.rateLimit)()));
    const { total } = await client.listManagedRunners();
    say([total, client.rateLimit.remaining]);
  `);
  assert.deepEqual(before, [12, 12, 37, 12, 12, 37, 12, 12, 37]);
  assert.equal(error.code, "unsupported");
  assert.deepEqual(after, [12, 39]);
});

test("elsewhere ready is optional, and disturbs nothing that was made meanwhile", async () => {
  const [seen] = await child(`
    ${LOAD}
    const starting = ready();
    const before = createEmulator({ runners: 3 });
    await starting;
    const after = createEmulator({ runners: 4 });
    before.add();
    await ready();
    say([before.runners.length, after.runners.length]);
  `);
  assert.deepEqual(seen, [4, 4]);
});

test("ready rejects with what the environment lacks, and can be repeated once it has it", async () => {
  const [lacking, refused, forbidden, length] = await child(`
    ${LOAD}
    const { Headers } = globalThis;
    const { instantiate } = WebAssembly;
    delete globalThis.Headers;
    say(await failure(ready()));
    globalThis.Headers = Headers;
    WebAssembly.instantiate = async () => { throw new WebAssembly.CompileError("refused"); };
    say(await failure(ready()));
    WebAssembly.instantiate = async () => {
      throw new WebAssembly.CompileError("violates the Content Security Policy directive 'script-src'");
    };
    say(await failure(ready()));
    WebAssembly.instantiate = instantiate;
    await ready();
    say([fakeRunners(3).length]);
  `);
  assert.match(lacking.message, /^comfycontrol-runners\/testing needs Headers, /);
  assert.equal(refused.message, "comfycontrol-runners/testing: the WebAssembly module did not start");
  assert.deepEqual(refused.cause, { name: "CompileError", message: "refused" });
  assert.match(forbidden.message, /did not start: the page's Content-Security-Policy .*'wasm-unsafe-eval'/);
  assert.deepEqual(length, [3]);
});

test("in a page of Chromium that refuses as old ones do", async () => {
  const server = await serve(join(home, "dist"), PAGES);
  const browser = await startChromium();
  try {
    const page = await browser.newPage();
    await page.addInitScript(`{ ${OLD_BROWSER} }`);
    await page.goto(`${server.url}/empty.html`);
    const seen = await page.evaluate(async () => {
      const { createEmulator, ready } = await import("/testing.js");
      const { ComfyControl } = await import("/index.js");
      let message;
      try {
        createEmulator();
      } catch (error) {
        ({ message } = error);
      }
      await ready();
      const api = createEmulator({ runners: 250 });
      const { total } = await new ComfyControl({ ...api.clientOptions }).listManagedRunners();
      return { message, total };
    });
    assert.match(seen.message, /await ready\(\) first/);
    assert.equal(seen.total, 250);
  } finally {
    await browser.close();
    server.stop();
  }
});
