// Edge runtimes end a visitor's request that waits for the I/O of another one: no call may join another visitor's.

import assert from "node:assert/strict";
import { test } from "node:test";

import { memory, origin } from "../package/support/memory.mjs";
import { ComfyControl, listManagedRunners } from "../package/support/package.mjs";

const RUNTIMES = {
  "Cloudflare Workers": { navigator: { userAgent: "Cloudflare-Workers" } },
  "Vercel's edge runtime": { EdgeRuntime: "edge-runtime" },
};
/** How many requests two identical calls make. */
async function requestsOf(options) {
  const { fetch, requests } = memory();
  const client = new ComfyControl({ fetch, baseUrl: origin(), ...options });
  await Promise.all([client.listManagedRunners(), client.listManagedRunners()]);
  const free = { fetch, baseUrl: origin(), ...options };
  await Promise.all([listManagedRunners(free), listManagedRunners(free)]);
  return requests.length;
}

for (const [name, globals] of Object.entries(RUNTIMES)) {
  test(`in ${name}, identical calls share a request only if told to`, async () => {
    for (const [key, value] of Object.entries(globals)) {
      Object.defineProperty(globalThis, key, { value, configurable: true, writable: true });
    }
    try {
      assert.equal(await requestsOf(), 4);
      assert.equal(await requestsOf({ coalesce: true }), 2);
    } finally {
      for (const key of Object.keys(globals)) delete globalThis[key];
    }
    assert.equal(await requestsOf(), 2, "elsewhere they do");
  });
}
