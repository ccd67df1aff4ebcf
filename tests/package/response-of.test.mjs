// `responseOf`: details of the HTTP response behind a result.

import assert from "node:assert/strict";
import { test } from "node:test";

import { answer, memory, origin, refusal, RUNNER } from "./support/memory.mjs";
import {
  ComfyControl,
  getManagedRunner,
  listManagedRunners,
  matchRunners,
  responseOf,
} from "./support/package.mjs";
import { noUnhandledRejections, thrown } from "./support/watch.mjs";

const closing = noUnhandledRejections();
const headers = { "x-request-id": "req_1", "X-Served-By": "edge-3" };
const calls = {
  "a page": (options) => listManagedRunners(options),
  "a client's page": (options) => new ComfyControl(options).listManagedRunners(),
  "a runner": (options) => getManagedRunner(RUNNER.id, options),
};

for (const [what, call] of Object.entries(calls)) {
  test(`${what} has a response, and stays a plain object`, async () => {
    const body = what === "a runner" ? RUNNER : { runners: [RUNNER], total: 1 };
    const { fetch } = memory(
      () => refusal(503, { "retry-after": "0" }),
      () => answer(body, { headers }),
    );
    const result = await call({ fetch, baseUrl: origin() });
    const { durationMs, ...known } = responseOf(result);
    assert.deepEqual(known, {
      status: 200,
      headers: { "content-type": "application/json", "x-request-id": "req_1", "x-served-by": "edge-3" },
      requestId: "req_1",
      attempts: 2,
    });
    assert.ok(durationMs >= 0 && durationMs < 60_000);
    assert.deepEqual(
      Reflect.ownKeys(result).filter((key) => typeof key === "symbol"),
      [],
    );
    assert.equal(responseOf(structuredClone(result)), undefined);
  });
}

test("an error has its response", async () => {
  const { fetch } = memory(() => refusal(404, { "cf-ray": "8f3-AMS" }));
  const error = await thrown(listManagedRunners({ fetch, baseUrl: origin() }));
  const { status, requestId, attempts } = responseOf(error);
  assert.deepEqual([status, requestId, attempts], [404, "8f3-AMS", 1]);
  const invalid = memory(() => answer("<html>", { headers }));
  const second = await thrown(listManagedRunners({ fetch: invalid.fetch, baseUrl: origin() }));
  assert.equal(responseOf(second).requestId, "req_1");
});

test("each page of an iterator has its response, also without its repeats and after single runners", async () => {
  const runner = (n) => ({ ...RUNNER, id: RUNNER.id.slice(0, -1) + n });
  const ids = [[1, 2, 3], [3, 4, 5], [6]];
  const { fetch } = memory(
    ...ids.map((ids, index) => () => {
      const headers = { "x-request-id": `req_${index + 1}` };
      return answer({ runners: ids.map(runner), total: 7 }, { headers });
    }),
  );
  const client = new ComfyControl({ fetch, baseUrl: origin() });
  const iterator = client.iterateManagedRunners({ perPage: 3, concurrency: 1, consistency: "detect" });
  await iterator.next();
  const found = [];
  for await (const page of iterator.pages()) {
    const { status, requestId, attempts } = responseOf(page);
    found.push([page.length, status, requestId, attempts]);
  }
  assert.deepEqual(found, [
    [2, 200, "req_1", 1],
    [2, 200, "req_2", 1],
    [1, 200, "req_3", 1],
  ]);
});

test("other values have no response", async () => {
  const { fetch } = memory(() => Promise.reject(new Error("no network")));
  const failed = await thrown(listManagedRunners({ fetch, baseUrl: origin(), maxRetries: 0 }));
  for (const value of [failed, {}, [], null, undefined, 1, "x", matchRunners([], [])]) {
    assert.equal(responseOf(value), undefined);
  }
});

test("a mock whose headers cannot be listed has no headers", async () => {
  const fetch = async () => ({
    status: 200,
    headers: { get: () => null },
    json: async () => ({ runners: [], total: 0 }),
  });
  const page = await listManagedRunners({ fetch, baseUrl: origin() });
  assert.deepEqual(responseOf(page).headers, {});
  assert.equal(responseOf(page).requestId, undefined);
});

closing();
