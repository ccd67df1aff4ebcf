// Odd functions of the caller: each ends its own call at most, and sends no request that nobody counts.

import assert from "node:assert/strict";
import { test } from "node:test";

import { answer, EMPTY, origin, RUNNER } from "../package/support/memory.mjs";
import { ComfyControl, listManagedRunners } from "../package/support/package.mjs";
import { noUnhandledRejections, thrown } from "../package/support/watch.mjs";
import { beside, offline, revoked } from "./support/hostile.mjs";

const closing = noUnhandledRejections();

test("a TypeError that only names a signal is no reason to send the request again", async () => {
  for (const message of ["Cannot read properties of undefined (reading 'signal')", "network: no signal"]) {
    let requests = 0;
    const fetch = async () => {
      requests += 1;
      throw new TypeError(message);
    };
    const error = await thrown(listManagedRunners(offline({ fetch })));
    assert.deepEqual([error.code, requests], ["connection_failed", 1]);
  }
});

test("a chunk that is transferred away before the body ends is a broken connection", async () => {
  const bytes = new TextEncoder().encode(JSON.stringify(EMPTY));
  const body = {
    getReader() {
      const chunk = bytes.slice();
      const reads = [
        () => ({ done: false, value: chunk }),
        () => (structuredClone(chunk, { transfer: [chunk.buffer] }), { done: true }),
      ];
      return { read: async () => reads.shift()() };
    },
  };
  const fetch = async () => ({ status: 200, headers: new Headers(), body });
  const { error } = await beside(() => listManagedRunners(offline({ fetch })));
  assert.equal(error.code, "connection_failed");
});

test("an error that cannot be read, with a dispatcher", async () => {
  const unreadable = Object.defineProperty(new Error("x"), "cause", {
    get() {
      throw new Error("broken");
    },
  });
  for (const error of [unreadable, revoked()]) {
    const fetch = () => Promise.reject(error);
    const { error: found } = await beside(() =>
      listManagedRunners(offline({ fetch, fetchOptions: { dispatcher: {} } })),
    );
    assert.equal(found.code, "connection_failed");
  }
});

test("a ledger may use the client whose requests it counts", async () => {
  const seen = [];
  const look = () => void seen.push(client.rateLimit.limit);
  const ledger = {
    async acquire() {
      look();
      return { granted: true, epoch: 1 };
    },
    settle: look,
    abandon: look,
    freeze: look,
  };
  const fetch = async () => answer({ runners: [RUNNER], total: 1 });
  const client = new ComfyControl({
    fetch,
    baseUrl: origin(),
    rateLimit: { requests: 7, windowMs: 1000, ledger },
  });
  const { value } = await beside(() => client.listManagedRunners());
  assert.equal(value.total, 1);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(seen, [7, 7]);
});

closing();
