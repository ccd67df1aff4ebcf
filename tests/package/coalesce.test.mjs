// `coalesce`: identical calls under way at the same time share one request.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { answer, EMPTY, memory, origin, refusal, RUNNER } from "./support/memory.mjs";
import { ComfyControl, listManagedRunners, responseOf } from "./support/package.mjs";
import { listeners, noUnhandledRejections, poll, thrown, timers } from "./support/watch.mjs";

const closing = noUnhandledRejections();

/** A `fetch` whose answers the test gives, one after another, in any order. */
function held() {
  const requests = [];
  const fetch = (url, init) =>
    new Promise((resolve, reject) => {
      init.signal.addEventListener("abort", () => reject(init.signal.reason));
      requests.push({ url, init, isCancelled: () => init.signal.aborted, answer: resolve });
    });
  return { fetch, requests };
}
const clientOf = (fetch, options) => new ComfyControl({ fetch, baseUrl: origin(), ...options });
const PAGE = { runners: [RUNNER], total: 1 };
const started = (requests, count = 1) => poll(() => requests.length === count);

suite("sharing", () => {
  test("five identical calls make one request, and each has objects of its own", async () => {
    const { fetch, requests } = memory(() => answer(PAGE));
    const client = clientOf(fetch);
    const pages = await Promise.all(
      [1, 1, 1, 1, undefined].map((page) => client.listManagedRunners({ page })),
    );
    assert.equal(requests.length, 1);
    for (const page of pages) assert.deepEqual(page, pages[0]);
    assert.equal(new Set(pages).size, 5);
    assert.equal(new Set(pages.map(({ runners }) => runners)).size, 5);
    assert.equal(new Set(pages.map(({ runners }) => runners[0])).size, 5);
    for (const page of pages) assert.equal(responseOf(page).status, 200);
  });

  test("calls of getManagedRunner share, too", async () => {
    const { fetch, requests } = memory(() => answer(RUNNER));
    const client = clientOf(fetch);
    const [one, other] = await Promise.all([RUNNER.id, RUNNER.id].map((id) => client.getManagedRunner(id)));
    assert.deepEqual(one, other);
    assert.notEqual(one, other);
    assert.equal(requests.length, 1);
  });

  test("a later call joins a request under way, and the next one after the answer does not", async () => {
    const { fetch, requests } = held();
    const client = clientOf(fetch);
    const first = client.listManagedRunners();
    await started(requests);
    const second = client.listManagedRunners();
    requests[0].answer(answer(PAGE));
    assert.equal((await first).total, 1);
    assert.equal((await second).total, 1);
    const third = client.listManagedRunners();
    await started(requests, 2);
    requests[1].answer(answer(EMPTY));
    assert.equal((await third).total, 0);
  });

  test("free functions share if all their options are the same", async () => {
    const { fetch, requests } = held();
    const baseUrl = origin();
    const list = (options) => listManagedRunners({ fetch, baseUrl, token: "cfc_a", ...options });
    const calls = [list(), list(), list({ token: "cfc_b" }), list({ token: "cfc_b" })];
    await started(requests, 2);
    for (const request of requests) request.answer(answer(EMPTY));
    await Promise.all(calls);
    assert.deepEqual(
      requests.map(({ init }) => init.headers.authorization),
      ["Bearer cfc_a", "Bearer cfc_b"],
    );
  });

  test("clients with the same options share", async () => {
    const { fetch, requests } = memory(() => answer(EMPTY));
    const baseUrl = origin();
    const fetchOfAll = globalThis.fetch;
    globalThis.fetch = fetch;
    try {
      const clients = [1, 2].map(() => new ComfyControl({ baseUrl, token: "cfc_a" }));
      await Promise.all(clients.map((client) => client.listManagedRunners()));
    } finally {
      globalThis.fetch = fetchOfAll;
    }
    assert.equal(requests.length, 1);
  });

  const baseUrl = origin();
  const differences = {
    page: [{ page: 1 }, { page: 2 }],
    perPage: [{ perPage: 10 }, { perPage: 20 }],
    timeout: [{ timeout: 5_000 }, { timeout: 6_000 }],
    maxRetries: [{ maxRetries: 0 }, { maxRetries: 1 }],
    priority: [{ priority: "high" }, {}],
    token: [{ token: "cfc_a" }, {}],
    baseUrl: [{ baseUrl: `${baseUrl}/a` }, { baseUrl: `${baseUrl}/b` }],
    headers: [{ headers: { "x-a": "1" } }, {}],
    fetchOptions: [{ fetchOptions: { cache: "no-store" } }, {}],
    fetch: [{ fetch: "another" }, {}],
    rateLimit: [{ rateLimit: false }, {}],
    onEvent: [{ onEvent() {} }, {}],
    "onInvalidRunner, the validation mode": [{ onInvalidRunner() {} }, {}],
    coalesce: [{ coalesce: false }, { coalesce: false }],
    "coalesce of one of them": [{ coalesce: false }, {}],
  };
  for (const [what, pair] of Object.entries(differences)) {
    test(`two calls that differ in ${what} make two requests`, async () => {
      const { fetch, requests } = held();
      const other = (url, init) => fetch(url, init);
      const calls = pair.map((options) =>
        listManagedRunners({ baseUrl, ...options, fetch: options.fetch ? other : fetch }),
      );
      await started(requests, 2);
      for (const request of requests) request.answer(answer(EMPTY));
      await Promise.all(calls);
    });
  }

  test("`coalesce: false` of a client holds for its calls, and a call may say otherwise", async () => {
    const { fetch, requests } = memory(() => answer(EMPTY));
    const client = clientOf(fetch, { coalesce: false });
    await Promise.all([client.listManagedRunners(), client.listManagedRunners()]);
    assert.equal(requests.length, 2);
    const options = { coalesce: true };
    await Promise.all([client.listManagedRunners(options), client.listManagedRunners(options)]);
    assert.equal(requests.length, 3);
  });

  test("anything but a boolean is refused", async () => {
    const error = await thrown(listManagedRunners({ coalesce: "yes" }));
    assert.equal(error.code, "invalid_options");
    assert.match(error.message, /^coalesce: expected a boolean, got "yes"/);
  });

  test("a token function is called by each caller, and after a 401 once for all of them", async () => {
    const { fetch, requests } = memory(
      () => refusal(401),
      () => answer(EMPTY),
    );
    const asked = [];
    const client = clientOf(fetch, {
      token: async () => (asked.push(1), asked.length > 3 ? "cfc_2" : "cfc_1"),
    });
    await Promise.all([1, 2, 3].map(() => client.listManagedRunners()));
    assert.deepEqual(
      requests.map(({ init }) => init.headers.authorization),
      ["Bearer cfc_1", "Bearer cfc_2"],
    );
    assert.equal(asked.length, 4);
  });

  test("calls with different tokens share nothing: nobody gets the answer to another account", async () => {
    const { fetch, requests } = held();
    let token = "cfc_a";
    const client = clientOf(fetch, { token: () => token });
    const [one] = [client.listManagedRunners(), await started(requests)];
    token = "cfc_b";
    const other = client.listManagedRunners();
    await started(requests, 2);
    const tokens = requests.map(({ init }) => init.headers.authorization);
    assert.deepEqual(tokens, ["Bearer cfc_a", "Bearer cfc_b"]);
    requests[1].answer(answer({ runners: [], total: 0 }));
    assert.equal((await other).total, 0);
    requests[0].answer(answer(PAGE));
    assert.equal((await one).total, 1);
  });

  test("clients share if their token functions return the same token", async () => {
    const baseUrl = origin();
    const { fetch } = globalThis;
    const { fetch: own, requests } = memory(() => answer(EMPTY));
    globalThis.fetch = own;
    try {
      const token = () => "cfc_same";
      const clients = [1, 2].map(() => new ComfyControl({ baseUrl, token }));
      await Promise.all(clients.map((client) => client.listManagedRunners()));
    } finally {
      globalThis.fetch = fetch;
    }
    assert.equal(requests.length, 1);
  });

  test("a call does not join a request of a global fetch that was replaced", async () => {
    const { fetch } = globalThis;
    const options = { baseUrl: origin() };
    const old = held();
    globalThis.fetch = old.fetch;
    try {
      const pending = thrown(listManagedRunners({ ...options, totalTimeout: 100, maxRetries: 0 }));
      await started(old.requests);
      const { fetch: next, requests } = memory(() => answer(PAGE));
      globalThis.fetch = next;
      assert.equal((await listManagedRunners({ ...options, maxRetries: 0 })).total, 1);
      assert.equal(requests.length, 1);
      assert.equal((await pending).code, "timeout");
    } finally {
      globalThis.fetch = fetch;
    }
  });

  test("a shared request has its events once, and the retries of one call", async () => {
    const { fetch } = memory(
      () => refusal(503, { "retry-after": "0" }),
      () => answer(EMPTY),
    );
    const types = [];
    const client = clientOf(fetch, { onEvent: ({ type }) => types.push(type) });
    const pages = await Promise.all([1, 2, 3].map(() => client.listManagedRunners()));
    assert.deepEqual(types, ["request", "response", "retry", "wait", "request", "response"]);
    assert.deepEqual(
      pages.map((page) => responseOf(page).attempts),
      [2, 2, 2],
    );
  });

  test("each caller gets an error of its own", async () => {
    const { fetch, requests } = memory(() => refusal(404, { "x-request-id": "req_1" }));
    const client = clientOf(fetch);
    const errors = await Promise.all([1, 2, 3].map(() => thrown(client.listManagedRunners())));
    assert.equal(requests.length, 1);
    assert.equal(new Set(errors).size, 3);
    for (const error of errors) {
      assert.deepEqual([error.code, error.status, error.requestId], ["not_found", 404, "req_1"]);
      assert.equal(error.message, errors[0].message);
      assert.equal(responseOf(error).status, 404);
    }
  });

  test("what fetch threw is the cause for each of them", async () => {
    const reason = new TypeError("no route");
    const { fetch } = memory(() => Promise.reject(reason));
    const client = clientOf(fetch, { maxRetries: 0 });
    const errors = await Promise.all([1, 2].map(() => thrown(client.listManagedRunners())));
    assert.notEqual(errors[0], errors[1]);
    for (const error of errors) assert.equal(error.cause, reason);
  });
});

suite("leaving", () => {
  test("a caller that aborts leaves at once with its own reason; the others stay", async () => {
    const { fetch, requests } = held();
    const client = clientOf(fetch);
    const controllers = [0, 1, 2].map(() => new AbortController());
    const calls = controllers.map(({ signal }) => client.listManagedRunners({ signal }));
    await started(requests);
    for (const index of [0, 2]) {
      const left = thrown(calls[index]);
      controllers[index].abort(`reason ${index}`);
      assert.equal(await left, `reason ${index}`);
    }
    assert.ok(!requests[0].isCancelled());
    requests[0].answer(answer(PAGE));
    assert.equal((await calls[1]).total, 1);
    assert.equal(requests.length, 1);
    for (const { signal } of controllers) assert.equal(listeners(signal), 0);
  });

  test("the last caller that leaves cancels the request", async () => {
    const { fetch, requests } = held();
    const client = clientOf(fetch);
    const controllers = [0, 1].map(() => new AbortController());
    const calls = controllers.map(({ signal }) => thrown(client.listManagedRunners({ signal })));
    await started(requests);
    controllers[0].abort();
    await calls[0];
    assert.ok(!requests[0].isCancelled());
    controllers[1].abort();
    await calls[1];
    await poll(() => requests[0].isCancelled());
    assert.equal(client.rateLimit.queued, 0);
  });

  test("call, abort, call in one turn (React's StrictMode) make one request", async () => {
    const { fetch, requests } = held();
    const client = clientOf(fetch);
    const first = new AbortController();
    const left = thrown(client.listManagedRunners({ signal: first.signal }));
    first.abort();
    const stays = client.listManagedRunners({ signal: new AbortController().signal });
    assert.equal((await left).name, "AbortError");
    await started(requests);
    requests[0].answer(answer(PAGE));
    assert.equal((await stays).total, 1);
    assert.equal(requests.length, 1);
  });

  test("a call after the abort of the only other one, in the same turn, makes a request of its own", async () => {
    const { fetch, requests } = held();
    const client = clientOf(fetch);
    const controller = new AbortController();
    const left = thrown(client.listManagedRunners({ signal: controller.signal }));
    await started(requests);
    controller.abort("left");
    assert.ok(requests[0].isCancelled(), "at once");
    const next = client.listManagedRunners();
    assert.equal(await left, "left");
    await started(requests, 2);
    requests[1].answer(answer(PAGE));
    assert.equal((await next).total, 1);
  });

  test("a call after the aborts of all others, in the same turn, makes a request of its own", async () => {
    const { fetch, requests } = held();
    const client = clientOf(fetch);
    const { signal, abort } = (() => {
      const controller = new AbortController();
      return { signal: controller.signal, abort: () => controller.abort() };
    })();
    const left = [1, 2, 3].map(() => thrown(client.listManagedRunners({ signal })));
    await started(requests);
    abort();
    const call = client.listManagedRunners();
    await started(requests, 2);
    requests[1].answer(answer(PAGE));
    assert.equal((await call).total, 1);
    await Promise.all(left);
    assert.ok(requests[0].isCancelled());
  });

  test("a late answer to a request that everybody left touches no newer one", async () => {
    const requests = [];
    // A `fetch` that ignores its signal.
    const fetch = () => new Promise((answer) => requests.push(answer));
    const client = clientOf(fetch);
    const controller = new AbortController();
    const left = thrown(client.listManagedRunners({ signal: controller.signal }));
    await started(requests);
    controller.abort();
    await left;
    const newer = client.listManagedRunners();
    await started(requests, 2);
    requests[0](answer(PAGE));
    for (let turns = 0; turns < 5; turns += 1) await new Promise(setImmediate);
    const joined = client.listManagedRunners();
    requests[1](answer(EMPTY));
    assert.deepEqual([(await newer).total, (await joined).total], [0, 0]);
    assert.equal(requests.length, 2);
  });

  test("each caller has its own totalTimeout", async () => {
    const { fetch, requests } = held();
    const client = clientOf(fetch);
    const patient = client.listManagedRunners();
    const hasty = thrown(client.listManagedRunners({ totalTimeout: 20 }));
    const { code, message } = await hasty;
    assert.equal(code, "timeout");
    assert.match(message, /20 ms/);
    requests[0].answer(answer(PAGE));
    assert.equal((await patient).total, 1);
    assert.equal(requests.length, 1);
  });

  test("whoever leaves and whenever: the others get the answer, and nothing is left behind", async () => {
    const before = timers();
    let seed = 1;
    const random = (below) => (seed = (seed * 16807) % 2147483647) % below;
    for (let round = 0; round < 200; round += 1) {
      const { fetch, requests } = held();
      const client = clientOf(fetch, { maxRetries: 1 });
      const callers = Array.from({ length: 2 + random(4) }, () => {
        const controller = new AbortController();
        const call = client.listManagedRunners({ signal: controller.signal });
        return { controller, end: call.then(({ total }) => total, String), leaves: false };
      });
      const steps = random(8);
      for (let step = 0; step < steps; step += 1) {
        const caller = callers[random(callers.length)];
        // One of them stays.
        if (random(2) && callers.some((other) => other !== caller && !other.leaves)) {
          caller.leaves = true;
          caller.controller.abort("left");
        }
        for (let turns = random(4); turns > 0; turns -= 1) await null;
      }
      await started(requests);
      requests[0].answer(answer(PAGE));
      const ends = await Promise.all(callers.map(({ end }) => end));
      assert.deepEqual(
        ends,
        callers.map(({ leaves }) => (leaves ? "left" : 1)),
      );
      for (const { controller } of callers) assert.equal(listeners(controller.signal), 0);
    }
    assert.equal(timers(), before);
  });
});

closing();
