// A custom `fetch` may be any function, and do anything at all.

import assert from "node:assert/strict";
import { test } from "node:test";
import vm from "node:vm";

// Made by hand: odd functions and odd responses are what this file is about.
import { answer, EMPTY, memory, origin, refusal, RUNNER } from "./support/memory.mjs";
import { ComfyControl, isComfyControlError, listManagedRunners } from "./support/package.mjs";
import { noUnhandledRejections, thrown } from "./support/watch.mjs";

const closing = noUnhandledRejections();
const call = (fetch, options) => listManagedRunners({ fetch, baseUrl: origin(), maxRetries: 0, ...options });
const PAGE = JSON.stringify({ runners: [RUNNER], total: 1 });
const bytes = (text = PAGE) => new TextEncoder().encode(text);

/** An object with only those members of a `Response` that the client needs. */
const plain = (fields) => ({
  status: 200,
  headers: { get: () => null },
  arrayBuffer: async () => bytes().buffer,
  ...fields,
});
const stream = (...chunks) =>
  new ReadableStream({
    start: (controller) => (chunks.forEach((chunk) => controller.enqueue(chunk)), controller.close()),
  });
class Subclass extends Response {}
const realm = vm.createContext({ bytes, stream });

const GOOD = {
  "an async function": async () => answer(PAGE),
  "a sync function": () => answer(PAGE),
  "a thenable": () => ({ then: (resolve) => resolve(answer(PAGE)) }),
  "a class's method that needs no this": class {
    static fetch() {
      return answer(PAGE);
    }
  }.fetch,
  "a Response's subclass": () => new Subclass(PAGE),
  "a Response of another realm": () =>
    vm.runInContext(
      "({ status: 200, headers: new Map([['content-type', 'x']]), arrayBuffer: async () => bytes().buffer })",
      realm,
    ),
  "bytes of another realm": () =>
    plain({ arrayBuffer: () => vm.runInContext("new Uint8Array(bytes()).buffer", realm) }),
  "a stream with chunks of another realm": () =>
    plain({ body: stream(vm.runInContext("new Uint8Array(bytes())", realm)) }),
  "a plain mock": () => plain(),
  "a frozen mock": () => Object.freeze(plain()),
  "a mock without a prototype": () => Object.assign(Object.create(null), plain()),
  "a mock whose arrayBuffer is sync": () => plain({ arrayBuffer: () => bytes().buffer }),
  "a mock whose body is null": () => plain({ body: null }),
  "a mock whose body is no stream": () => plain({ body: PAGE }),
  "a body in single bytes": () => new Response(stream(...[...bytes()].map((byte) => Uint8Array.of(byte)))),
  "a body with empty chunks": () => new Response(stream(new Uint8Array(), bytes(), new Uint8Array())),
  "a mock without headers": () => plain({ headers: undefined }),
  "a mock whose headers lie": () => plain({ headers: { get: () => 7 } }),
};
for (const [what, fetch] of Object.entries(GOOD)) {
  test(`fetch may give: ${what}`, async () => {
    const page = await call(fetch);
    assert.deepEqual([page.total, page.runners[0].name], [1, RUNNER.name]);
  });
}

test("fetch is called as fetch(url, init), with a text, a plain object and nothing as this", async () => {
  let seen;
  await call(function (...args) {
    seen = [
      this,
      args.length,
      typeof args[0],
      Object.getPrototypeOf(args[1]) === Object.prototype,
      args[1].signal instanceof AbortSignal,
    ];
    return answer(EMPTY);
  });
  assert.deepEqual(seen, [undefined, 2, "string", true, true]);
});

test("without a fetch of its own, a call uses the global one as it is at that moment", async (t) => {
  t.mock.method(globalThis, "fetch", async () => answer(PAGE));
  assert.equal((await listManagedRunners({ baseUrl: origin() })).total, 1);
  globalThis.fetch.mock.restore();
  const real = globalThis.fetch;
  globalThis.fetch = undefined;
  const error = await thrown(listManagedRunners({ baseUrl: origin() })).finally(
    () => (globalThis.fetch = real),
  );
  assert.equal(error.code, "unsupported");
  assert.match(error.message, /fetch/);
});

const hostile = new Proxy(
  () => {},
  Object.fromEntries(
    ["get", "has", "apply", "getPrototypeOf", "ownKeys", "getOwnPropertyDescriptor"].map((trap) => [
      trap,
      () => {
        throw new Error(trap);
      },
    ]),
  ),
);
const THROWN = [
  undefined,
  null,
  false,
  0,
  NaN,
  7n,
  "",
  "down",
  Symbol("down"),
  {},
  [],
  () => {},
  Object.freeze({}),
  Object.create(null),
  Object.freeze(new Error("frozen")),
  new TypeError("fetch failed", { cause: { code: "ECONNRESET" } }),
  new DOMException("x", "AbortError"),
  { message: { toString: () => assert.fail("told") } },
  {
    get message() {
      throw 1;
    },
  },
  hostile,
];

test("whatever fetch throws or rejects with is the cause of a connection_failed", async () => {
  for (const value of THROWN) {
    for (const fetch of [
      () => {
        throw value;
      },
      () => Promise.reject(value),
    ]) {
      const error = await thrown(call(fetch));
      assert.ok(isComfyControlError(error, "connection_failed"));
      assert.ok("cause" in error && Object.is(error.cause, value));
      assert.match(
        error.message,
        /^GET \/v1\/managed-runner failed: .+ \(comfycontrol\/connection_failed\)$/,
      );
      assert.equal(error.status, undefined);
    }
  }
  const { message } = await thrown(call(() => Promise.reject(THROWN[15])));
  assert.match(message, /failed: fetch failed \(ECONNRESET\) \(/);
});

test("whatever the body throws is the cause, too", async () => {
  for (const value of THROWN) {
    const bodies = [
      plain({
        arrayBuffer: () => {
          throw value;
        },
      }),
      plain({ arrayBuffer: () => Promise.reject(value) }),
      new Response(new ReadableStream({ pull: () => Promise.reject(value) })),
    ];
    for (const body of bodies) {
      const error = await thrown(call(() => body));
      assert.equal(error.code, "connection_failed");
      assert.ok(Object.is(error.cause, value));
    }
  }
});

const JUNK = {
  nothing: undefined,
  null: null,
  "a number": 200,
  "a text": PAGE,
  "an object": {},
  "a list": [answer()],
  bytes: bytes(),
  "a promise of nothing": Promise.resolve(),
  "a class": Response,
  "a mock without a status": plain({ status: undefined }),
  "a mock whose status is a text": plain({ status: "200" }),
  "a mock without arrayBuffer": plain({ arrayBuffer: undefined }),
  "a stream of texts": plain({ body: stream("x") }),
  "a stream of nothing": plain({ body: stream(undefined) }),
  "something that throws at every touch": hostile,
  "a mock whose body throws": Object.defineProperty(plain(), "body", {
    get() {
      throw new Error("body");
    },
  }),
};
for (const [what, junk] of Object.entries(JUNK)) {
  test(`fetch that gives ${what} ends in connection_failed with a cause`, async () => {
    const error = await thrown(call(() => junk));
    assert.ok(isComfyControlError(error, "connection_failed"), String(error));
    assert.ok(error.cause instanceof Error);
  });
}

test("odd bodies and statuses end in an error with a code, never in a trap", async () => {
  const odd = [
    plain({ arrayBuffer: () => undefined }),
    plain({ arrayBuffer: () => "text" }),
    plain({ arrayBuffer: () => -1 }),
    plain({ arrayBuffer: () => ({ length: 2 }) }),
    plain({ body: {}, arrayBuffer: () => null }),
    ...[NaN, -1, 0, 1e9, 1.5, Infinity].map((status) => plain({ status })),
    plain({
      status: 404,
      headers: {
        get() {
          throw 1;
        },
      },
    }),
    plain({ status: 429, headers: { get: () => ({}) } }),
  ];
  for (const response of odd) {
    const error = await thrown(call(() => response));
    assert.ok(isComfyControlError(error) && error.code !== "internal", String(error));
  }
});

test("an answer that comes after the call was aborted or timed out is thrown away, and its body cancelled", async () => {
  const late = [];
  let cancelled = 0;
  const settle = {
    response: (resolve) => resolve(new Response(new ReadableStream({ cancel: () => void (cancelled += 1) }))),
    junk: (resolve) => resolve(hostile),
    error: (_, reject) => reject(new Error("late")),
    nothing: (resolve) => resolve(),
  };
  for (const how of Object.values(settle)) {
    const fetch = () => new Promise((resolve, reject) => late.push(() => how(resolve, reject)));
    const controller = new AbortController();
    const aborted = thrown(call(fetch, { signal: controller.signal }));
    const timedOut = thrown(call(fetch, { timeout: 1 }));
    assert.equal((await timedOut).code, "timeout");
    controller.abort("enough");
    assert.equal(await aborted, "enough");
  }
  assert.equal(late.length, 8);
  for (const settleNow of late) settleNow();
  for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(cancelled, 2);
});

test("a body whose cancel throws, or whose read comes late, leaves nothing behind", async () => {
  const bodies = [
    {
      cancel: () => {
        throw new Error("cancel");
      },
    },
    { cancel: () => Promise.reject(new Error("cancel")) },
    { pull: () => new Promise((_, reject) => setImmediate(reject, new Error("late"))) },
  ];
  for (const source of bodies)
    assert.ok(
      isComfyControlError(
        await thrown(call(async () => new Response(new ReadableStream(source)), { timeout: 2 })),
      ),
    );
  let late;
  const lateBytes = plain({ arrayBuffer: () => new Promise((_, reject) => (late = reject)) });
  assert.equal((await thrown(call(() => lateBytes, { timeout: 1 }))).code, "timeout");
  late(new Error("late"));
});

test("a client can be used from within its own fetch", async () => {
  const client = new ComfyControl({
    baseUrl: origin(),
    fetch: async (url) =>
      url.includes("page=1&")
        ? answer({ runners: [], total: (await client.listManagedRunners({ page: 2 })).total })
        : answer({ runners: [], total: 9 }),
  });
  assert.equal((await client.listManagedRunners()).total, 9);
  assert.equal((await thrown(call(memory(() => refusal(404)).fetch))).code, "not_found");
});

closing();
