// A `fetch` that misbehaves, and a `Response` that changes between two reads: the call ends in a code, and other calls
// go on.

import assert from "node:assert/strict";
import { test } from "node:test";
import vm from "node:vm";

import { answer, memory, origin, refusal, RUNNER } from "../package/support/memory.mjs";
import { ComfyControl, isComfyControlError, listManagedRunners } from "../package/support/package.mjs";
import { listeners, noUnhandledRejections, poll, thrown, timers } from "../package/support/watch.mjs";
import { beside, ended, offline, revoked, trapped } from "./support/hostile.mjs";

const closing = noUnhandledRejections();
const EMPTY = '{"runners":[],"total":0}';
const bytes = (text = EMPTY) => new TextEncoder().encode(text);
const plain = (members) => ({
  status: 200,
  headers: { get: () => null },
  arrayBuffer: async () => bytes().buffer,
  ...members,
});
const give = (response, options) => () => listManagedRunners(offline({ fetch: () => response, ...options }));

/** A `Response` whose member has one value at first, and another one from the n-th read on. */
function changing(name, first, from, then, members) {
  let reads = 0;
  return Object.defineProperty(plain(members), name, { get: () => (++reads < from ? first : then()) });
}
/** Checks that a call ends in a value, or in an error with another code than `internal`. */
async function tame(run) {
  const { error } = await beside(run);
  if (error !== undefined)
    assert.ok(
      isComfyControlError(error) && error.code !== "internal",
      `${String(error)} ${String(error?.cause)}`,
    );
}
const throws = () => {
  throw new Error("at a later reading");
};

const LATER = {
  throws: [throws],
  "is nothing": [() => undefined],
  "is null": [() => null],
  "is a symbol": [() => Symbol("x")],
  "is a bigint": [() => 1n],
  "is revoked": [() => revoked()],
};
for (const [what, [then]] of Object.entries(LATER)) {
  test(`a Response whose status or headers ${what} when read again`, async () => {
    for (const status of [200, 404]) {
      for (const from of [2, 3, 4]) {
        await tame(give(changing("status", status, from, then)));
        await tame(give(changing("headers", { get: () => null }, from, then, { status })));
      }
    }
  });
}

test("headers that give anything but texts count as absent, or end in a code", async () => {
  for (const value of [
    7,
    7n,
    Symbol("x"),
    {},
    [],
    trapped(),
    revoked(),
    () => {},
    true,
    new String("60"),
    { length: 9, charCodeAt: () => 48 },
  ]) {
    for (const status of [200, 429, 503])
      await tame(give(plain({ status, headers: { get: () => value } }), { timeout: 500 }));
  }
});

test("a body in views of another kind, that lie about themselves or that are shared", async () => {
  const reader = (...chunks) =>
    plain({
      body: {
        getReader: () => ({
          read: async () => (chunks.length ? { done: false, value: chunks.shift() } : { done: true }),
          cancel: async () => {},
        }),
      },
    });
  const lying = (length) => Object.defineProperty(bytes(), "length", { get: () => length });
  const LIARS = [
    ...[5, -5, NaN, 1e9, "5", Symbol("5"), undefined].map((length) => ({ BYTES_PER_ELEMENT: 1, length })),
    ...[0, 3, 4000, -1, 2 ** 32].map(lying),
    new (class extends Uint8Array {
      set() {
        throw new Error("set");
      }
      subarray() {
        throw new Error("subarray");
      }
    })(bytes()),
    trapped(bytes()),
    revoked(bytes()),
  ];
  for (const chunk of LIARS) {
    await tame(give(reader(chunk)));
    await tame(give(reader(bytes("{"), chunk)));
  }
  const shared = new Uint8Array(new SharedArrayBuffer(bytes().length));
  shared.set(bytes());
  for (const chunk of [
    new Int8Array(bytes()),
    new Uint8ClampedArray(bytes()),
    Buffer.from(EMPTY),
    shared,
    vm.runInNewContext("new Uint8Array(given)", { given: bytes() }),
  ]) {
    const { value } = await beside(give(reader(chunk)));
    assert.equal(value.total, 0);
  }
  for (const length of [0, 3, 4000]) {
    const { value } = await beside(give(reader(lying(length))));
    assert.equal(value?.total, 0, "what a view says of its length is not what it has");
  }
});

test("a detached or resized buffer is an empty or a short body, not somebody else's memory", async () => {
  const detached = bytes();
  structuredClone(detached, { transfer: [detached.buffer] });
  const resizable = new ArrayBuffer(64, { maxByteLength: 128 });
  const view = new Uint8Array(resizable);
  resizable.resize(2);
  for (const chunk of [detached, view]) {
    const { error } = await beside(
      give(
        plain({
          body: {
            getReader: () => ({
              done: 0,
              async read() {
                return this.done++ ? { done: true } : { done: false, value: chunk };
              },
            }),
          },
        }),
      ),
    );
    assert.ok(
      isComfyControlError(error, "connection_failed") ||
        /found (the end of the body|`\\u\{0\}\\u\{0\}`) at byte 0/.test(error.message),
      String(error),
    );
  }
});

test("the same Response twice: the second call says that it was read already", async () => {
  const response = answer();
  const fetch = async () => response;
  const options = { fetch, baseUrl: origin(), maxRetries: 0 };
  assert.equal((await listManagedRunners(options)).total, 0);
  const { error } = await beside(() => listManagedRunners(options));
  assert.equal(error.code, "connection_failed");
  assert.match(error.cause.message, /locked|disturbed|read before/i);
  // And to two calls at once.
  const other = answer();
  const both = await Promise.allSettled(
    [1, 2].map(() => listManagedRunners({ ...options, fetch: async () => other })),
  );
  assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
});

test("the same Response for every attempt: the second one fails at once", async (t) => {
  t.mock.method(Math, "random", () => 0);
  const response = refusal(503);
  const { fetch, requests } = memory(() => response);
  const error = await thrown(listManagedRunners({ fetch, baseUrl: origin() }));
  assert.deepEqual([error.code, requests.length], ["connection_failed", 2]);
});

test("a fetch that settles at once, as a thenable, twice, or both ways", async () => {
  const good = { status: 200, headers: new Headers(), arrayBuffer: () => bytes().buffer };
  const THENABLES = [
    { then: (resolve) => resolve(good) },
    { then: (resolve, reject) => (resolve(good), reject(new Error("too late")), resolve(refusal(500))) },
    { then: (resolve) => resolve({ then: (again) => again(good) }) },
    Object.assign(() => {}, { then: (resolve) => resolve(good) }),
  ];
  for (const thenable of THENABLES) assert.equal((await beside(give(thenable))).value.total, 0);
  const { error } = await beside(give({ then: (_, reject) => (reject("at once"), throws()) }));
  assert.deepEqual([error.code, error.cause], ["connection_failed", "at once"]);
});

test("a fetch that never settles ends with the time-out or the signal, and leaves no timer and no listener", async () => {
  const before = timers();
  const { signal } = new AbortController();
  const never = () => new Promise(() => {});
  const error = await thrown(listManagedRunners(offline({ fetch: never, timeout: 20, signal })));
  assert.equal(error.code, "timeout");
  const controller = new AbortController();
  const aborted = listManagedRunners(offline({ fetch: never, signal: controller.signal }));
  aborted.catch(() => {});
  controller.abort("enough");
  assert.deepEqual(await ended(aborted), { error: "enough" });
  assert.deepEqual([timers(), listeners(signal), listeners(controller.signal)], [before, 0, 0]);
});

for (const [when, turns] of [
  ["at once", 0],
  ["a moment later", 1],
  ["later", 3],
]) {
  test(`a fetch that aborts its own call ${when} ends it with the reason, and its answer is cancelled`, async () => {
    const controller = new AbortController();
    let seen;
    let cancelled = false;
    const body = new ReadableStream(
      { pull: (stream) => stream.enqueue(new Uint8Array(65_536)), cancel: () => void (cancelled = true) },
      { highWaterMark: 0 },
    );
    const fetch = async (_, init) => {
      seen = init.signal;
      for (let turn = 0; turn < turns; turn += 1) await null;
      controller.abort("from inside");
      return new Response(body);
    };
    const { error } = await beside(() => listManagedRunners(offline({ fetch, signal: controller.signal })));
    assert.equal(error, "from inside");
    await poll(() => seen.aborted && cancelled, "the request is cancelled", 500);
  });
}

test("an answer after the abort is thrown away, whatever it is", async () => {
  for (const late of [
    answer,
    plain,
    trapped,
    revoked,
    () => Promise.reject(new Error("late")),
    () => undefined,
  ]) {
    const controller = new AbortController();
    let settle;
    const call = listManagedRunners(
      offline({ fetch: () => new Promise((resolve) => (settle = resolve)), signal: controller.signal }),
    );
    call.catch(() => {});
    await poll(() => settle);
    controller.abort("enough");
    assert.deepEqual(await ended(call), { error: "enough" });
    settle(late());
  }
});

test("a fetch may use its own client, thirty deep, abort others and read the limit", async () => {
  const base = origin();
  const controller = new AbortController();
  const other = listManagedRunners({
    fetch: () => new Promise(() => {}),
    baseUrl: origin(),
    signal: controller.signal,
  });
  other.catch(() => {});
  const client = new ComfyControl({
    baseUrl: base,
    fetch: (url) => {
      controller.abort("by somebody's fetch");
      const page = Number(new URL(url).searchParams.get("page"));
      assert.ok(client.rateLimit.remaining >= 0);
      return page < 30
        ? client
            .listManagedRunners({ page: page + 1 })
            .then(({ total }) => answer({ runners: [], total: total + 1 }))
        : answer();
    },
  });
  assert.equal((await client.listManagedRunners()).total, 29);
  assert.deepEqual(await ended(other), { error: "by somebody's fetch" });
});

test("a fetch that changes what it was given changes no other request", async () => {
  const seen = [];
  const fetch = async (url, init) => {
    seen.push([url, { ...init.headers }]);
    for (const name of Object.keys(init.headers)) delete init.headers[name];
    init.headers.authorization = "Bearer other";
    try {
      Object.assign(init, { method: "DELETE", headers: null, signal: null });
    } catch {
      // `signal` is an accessor.
    }
    return seen.length < 3 ? refusal(503, { "retry-after": "0" }) : answer();
  };
  await listManagedRunners({ fetch, baseUrl: origin(), token: "cfc_own" });
  assert.equal(new Set(seen.map((one) => JSON.stringify(one))).size, 1);
  assert.equal(seen[0][1].authorization, "Bearer cfc_own");
});

test("a fetch that counts on a call to be over sees every call settle once", async () => {
  let settled = 0;
  const calls = Array.from({ length: 50 }, (_, n) =>
    listManagedRunners(
      offline({ rateLimit: false, fetch: n % 2 ? throws : () => answer({ runners: [RUNNER], total: n }) }),
    ).finally(() => (settled += 1)),
  );
  const results = await Promise.allSettled(calls);
  assert.equal(settled, 50);
  assert.ok(
    results.every(({ status, value, reason }, n) =>
      n % 2 ? status === "rejected" && reason.code === "connection_failed" : value.total === n,
    ),
  );
});

closing();
