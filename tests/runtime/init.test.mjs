// The `init` that a fetch gets is an ordinary object: wrappers can assign to it, spread it and pass it on.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startEmulator, TOKEN } from "../package/support/emulator.mjs";
import { answer, memory, origin, refusal } from "../package/support/memory.mjs";
import { ComfyControl, listManagedRunners } from "../package/support/package.mjs";
import { noUnhandledRejections, thrown } from "../package/support/watch.mjs";
import { child } from "./support/child.mjs";

const closing = noUnhandledRejections();

/** The arguments that a call passes to its fetch. */
async function given(options) {
  const { fetch, requests } = memory();
  await listManagedRunners({ fetch, baseUrl: origin(), token: TOKEN, ...options });
  return requests[0].init;
}

test("it and its headers are plain objects with ordinary members", async () => {
  const init = await given();
  for (const object of [init, init.headers]) {
    assert.equal(Object.getPrototypeOf(object), Object.prototype);
    assert.ok(Object.isExtensible(object));
    for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(object))) {
      const { value, ...flags } = descriptor;
      assert.ok(value !== undefined, `${name} has a value`);
      assert.deepEqual(flags, { writable: true, enumerable: true, configurable: true }, name);
    }
  }
  assert.ok(init.signal instanceof AbortSignal);
});

test("a copy of it has all of it", async () => {
  const init = await given();
  assert.ok({ ...init }.signal instanceof AbortSignal);
  assert.deepEqual(Object.keys({ ...init }), Object.keys(init));
  assert.equal(new Request("https://x.example", init).headers.get("authorization"), `Bearer ${TOKEN}`);
});

const ASSIGNED = {
  signal: () => new AbortController().signal,
  headers: () => new Headers({ accept: "text/plain" }),
  method: () => "GET",
  body: () => undefined,
  credentials: () => "include",
  mode: () => "cors",
  cache: () => "no-store",
  redirect: () => "follow",
  next: () => ({ revalidate: 60 }),
  dispatcher: () => ({}),
};
for (const [name, value] of Object.entries(ASSIGNED)) {
  test(`a wrapper may assign init.${name}, and the next attempt starts afresh`, async () => {
    const before = [];
    const { fetch: real } = memory(
      () => refusal(503),
      () => answer(),
    );
    const fetch = (url, init) => {
      before.push(init[name]);
      init[name] = value();
      return real(url, init);
    };
    const page = await listManagedRunners({ fetch, baseUrl: origin(), token: TOKEN, onEvent() {} });
    assert.equal(page.total, 0);
    assert.equal(before.length, 2);
    if (name === "headers") assert.deepEqual(before[1], before[0]);
    else if (name !== "signal") assert.equal(before[1], before[0]);
    else assert.ok(!before[1].aborted);
  });
}

test("a wrapper may add a header, and the token does not spread to other calls", async () => {
  const { fetch: real, requests } = memory();
  const fetch = (url, init) => {
    assert.equal(init.headers["x-trace"], undefined);
    init.headers["x-trace"] = "1";
    return real(url, init);
  };
  const baseUrl = origin();
  await listManagedRunners({ fetch, baseUrl, token: TOKEN });
  await listManagedRunners({ fetch, baseUrl });
  assert.deepEqual(
    requests.map(({ init }) => init.headers.authorization),
    [`Bearer ${TOKEN}`, undefined],
  );
});

test("a wrapper that replaces the signal does not disable the time-out", async () => {
  const fetch = (_, init) => {
    init.signal = new AbortController().signal;
    return new Promise(() => {});
  };
  assert.equal(
    (await thrown(listManagedRunners({ fetch, baseUrl: origin(), timeout: 20, maxRetries: 0 }))).code,
    "timeout",
  );
});

test("zone.js' own fetch, which assigns the signal: lists, reads all pages, and is aborted", async () => {
  const emulator = await startEmulator();
  const [listed, collected, aborted, zone] = await child(`
    await import(${JSON.stringify(import.meta.resolve("zone.js"))});
    await import(${JSON.stringify(import.meta.resolve("zone.js/plugins/zone-patch-fetch"))});
    const { ComfyControl, listManagedRunners } = await import("comfycontrol-runners");
    const zoned = { baseUrl: ${JSON.stringify(emulator.url)}, token: ${JSON.stringify(TOKEN)}, rateLimit: false };
    await Zone.current.fork({ name: "app" }).run(async () => {
      say([(await listManagedRunners(zoned)).total]);
      say([(await new ComfyControl(zoned).collectManagedRunners({ perPage: 100 })).runners.length]);
      const controller = new AbortController();
      const call = listManagedRunners({ ...zoned, signal: controller.signal });
      setTimeout(() => controller.abort(Object.assign(new Error("gone"), { code: "gone" })), 0);
      say([(await failure(call)).code]);
    });
    say([globalThis.fetch.toString().includes("native"), Zone.current.name]);
    process.exit();
  `);
  assert.deepEqual([listed, collected, aborted], [[250], [250], ["gone"]]);
  assert.equal(zone[1], "<root>");
});

test("a client's fetch is given the same kind of object for every page", async () => {
  const { fetch, requests } = memory(() => answer({ runners: [], total: 0 }));
  await new ComfyControl({ fetch, baseUrl: origin() }).collectManagedRunners();
  assert.ok(requests.every(({ init }) => Object.getOwnPropertyDescriptor(init, "signal").writable));
});

closing();
