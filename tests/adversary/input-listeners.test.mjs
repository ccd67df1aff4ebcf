// The caller's functions that run inside a call: whatever they do, this call and all others go on.

import assert from "node:assert/strict";
import { test } from "node:test";

// Hand-made answers where a runner is broken, and where the token of each request is looked at.
import { answer, memory, origin, refusal, RUNNER } from "../package/support/memory.mjs";
import { ComfyControl, isComfyControlError, listManagedRunners } from "../package/support/package.mjs";
import { createEmulator } from "../package/support/testing.mjs";
import { noUnhandledRejections, thrown } from "../package/support/watch.mjs";
import { beside, ended, offline, revoked, trapped } from "./support/hostile.mjs";

const closing = noUnhandledRejections();
const BAD = { ...RUNNER, id: "x" };
/** Options of a client over three pages of ten. */
const pages = () => createEmulator({ runners: 30 }).clientOptions;

/** Actions of a listener, each a function of the client. */
const DEEDS = {
  throws: () => {
    throw new Error("a listener's");
  },
  "throws something hostile": () => {
    throw trapped();
  },
  "is async and never settles": () => new Promise(() => {}),
  "gives a revoked proxy": () => revoked(),
  "gives a thenable that calls back at once, twice": () => ({
    then: (resolve, reject) => (resolve?.(1), reject?.(2)),
  }),
  "gives a thenable whose then throws": () => ({
    then: () => {
      throw 1;
    },
  }),
  "makes calls": (client) => void client.listManagedRunners().catch(() => {}),
  "makes clients": () => void new ComfyControl(offline()).rateLimit,
  "makes calls with bad options": (client) => void client.listManagedRunners({ page: 0 }).catch(() => {}),
  "reads the limit": (client) => client.rateLimit,
  "recurses until the stack ends": function recurse() {
    recurse();
  },
};

for (const [what, deed] of Object.entries(DEEDS)) {
  test(`onEvent, onInvalidRunner and onProgress that each ${what}`, async (t) => {
    t.mock.method(console, "error", () => {});
    let received = 0;
    let acting = true;
    const act = (client) => {
      received += 1;
      if (!acting) return undefined;
      // The listener also gets the events of calls that it starts, which would go on for ever.
      acting = !what.startsWith("makes");
      return deed(client);
    };
    const client = new ComfyControl({
      fetch: async () => answer({ runners: [RUNNER, BAD], total: 2 }),
      baseUrl: origin(),
      rateLimit: false,
      onEvent: () => act(client),
      onInvalidRunner: () => act(client),
    });
    const { value } = await beside(() => client.listManagedRunners());
    assert.equal(value.runners.length, 1);
    const paged = new ComfyControl({
      ...pages(),
      rateLimit: false,
      onEvent: () => act(client),
    });
    acting = true;
    const all = await beside(() =>
      paged.collectManagedRunners({ perPage: 10, onProgress: () => act(paged) }),
    );
    assert.deepEqual([all.value?.runners.length, all.value?.report.complete], [30, "unknown"]);
    assert.ok(received > 10);
    acting = true;
    const failing = await beside(() =>
      listManagedRunners({ fetch: () => refusal(404), baseUrl: origin(), onEvent: () => act(client) }),
    );
    assert.ok(isComfyControlError(failing.error, "not_found"));
  });
}

test("onProgress may use its own iteration: its report, its checkpoint, next, return, or abort it", async () => {
  const USES = {
    report: (iterator) => void iterator.report,
    checkpoint: (iterator) => void iterator.checkpoint,
    next: (iterator) => void iterator.next().catch(() => {}),
    pages: (iterator) =>
      void iterator
        .pages()
        .next()
        .catch(() => {}),
    return: (iterator) => void iterator.return(),
    throw: (iterator) => void iterator.throw(new Error("by a listener")).catch(() => {}),
  };
  for (const [what, use] of Object.entries(USES)) {
    const client = new ComfyControl({ ...pages(), rateLimit: false });
    const { error } = await beside(async () => {
      const iterator = client.iterateManagedRunners({ perPage: 10, onProgress: () => use(iterator) });
      for await (const runner of iterator) assert.ok(runner.name);
      assert.ok(iterator.report.unique <= 30);
    });
    assert.ok(
      error === undefined || (what === "throw" && error.message === "by a listener"),
      `${what}: ${String(error)} ${String(error?.cause)}`,
    );
  }
  const controller = new AbortController();
  const client = new ComfyControl(pages());
  const { error } = await beside(() =>
    client.collectManagedRunners({
      perPage: 10,
      signal: controller.signal,
      onProgress: () => controller.abort("by onProgress"),
    }),
  );
  assert.equal(error, "by onProgress");
});

test("onEvent that aborts its call at any of its events ends it with the reason", async () => {
  const failing = { request: 503, response: 503, retry: 503, wait: 503, cooldown: 429 };
  for (const [type, status] of Object.entries(failing)) {
    const controller = new AbortController();
    const api = createEmulator();
    api.failNext({ status, retryAfter: 30 });
    const { error } = await beside(() =>
      listManagedRunners({
        ...api.clientOptions,
        signal: controller.signal,
        onEvent: (event) => event.type === type && controller.abort(type),
      }),
    );
    assert.equal(error, type);
  }
});

test("a token function that throws, hangs, gives anything, aborts, or uses the client", async () => {
  const GIVES = [
    undefined,
    null,
    7,
    7n,
    Symbol("x"),
    {},
    [],
    new String("cfc_x"),
    "",
    "cfc x",
    "x\n",
    trapped(() => {}),
    Promise.resolve(7),
  ];
  for (const given of GIVES)
    assert.equal(
      (await beside(() => listManagedRunners(offline({ token: () => given })))).error.code,
      "invalid_options",
    );
  for (const deed of [
    DEEDS.throws,
    DEEDS["throws something hostile"],
    () => Promise.reject(undefined),
    () => revoked(),
    () => ({ then: DEEDS.throws }),
    DEEDS["recurses until the stack ends"],
  ]) {
    assert.equal(
      (await beside(() => listManagedRunners(offline({ token: deed })))).error.code,
      "invalid_options",
    );
  }
  assert.equal(
    (await beside(() => listManagedRunners(offline({ token: () => new Promise(() => {}), timeout: 20 }))))
      .error.code,
    "timeout",
  );
  const controller = new AbortController();
  const aborted = await beside(() =>
    listManagedRunners(
      offline({ signal: controller.signal, token: () => (controller.abort("by the token"), "cfc_x") }),
    ),
  );
  assert.equal(aborted.error, "by the token");
  const plain = new ComfyControl(offline());
  const nested = new ComfyControl(
    offline({ token: async () => `cfc_${(await plain.listManagedRunners()).total}` }),
  );
  assert.equal((await beside(() => nested.listManagedRunners())).value.total, 0);
});

test("a token function that gives another token each time is asked before each request, and once more after a 401", async () => {
  let asked = 0;
  const { fetch, requests } = memory(
    () => refusal(401),
    () => refusal(503, { "retry-after": "0" }),
    () => answer(),
  );
  await listManagedRunners({ fetch, baseUrl: origin(), token: () => `cfc_${(asked += 1)}` });
  assert.deepEqual(
    requests.map(({ init }) => init.headers.authorization),
    ["Bearer cfc_1", "Bearer cfc_2", "Bearer cfc_3"],
  );
  const refused = memory(() => refusal(401));
  assert.equal(
    (await thrown(listManagedRunners({ fetch: refused.fetch, baseUrl: origin(), token: () => "cfc_x" })))
      .code,
    "unauthorized",
  );
  assert.equal(refused.requests.length, 2);
});

test("a watching caller's reaction may end the watch, start another one or throw", async () => {
  const client = new ComfyControl({ ...pages(), rateLimit: false });
  for await (const change of client.watchManagedRunners({ perPage: 10 })) {
    assert.equal(change.runners.length, 30);
    const other = client.watchManagedRunners({ perPage: 10 });
    assert.equal((await other.next()).value.runners.length, 30);
    await other.return();
    break;
  }
  const failed = (async () => {
    for await (const change of client.watchManagedRunners({ perPage: 10 }))
      throw new Error("by the loop", { cause: change });
  })();
  assert.match((await ended(failed)).error.message, /by the loop/);
});

closing();
