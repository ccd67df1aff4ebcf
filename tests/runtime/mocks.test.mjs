// Mocks of a `Response` as test suites write them, and a response that is returned twice.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { Response as NodeFetchResponse } from "node-fetch";

import { answer, memory, origin, RUNNER } from "../package/support/memory.mjs";
import {
  ComfyControl,
  getManagedRunner,
  isComfyControlError,
  listManagedRunners,
} from "../package/support/package.mjs";
import { noUnhandledRejections, thrown } from "../package/support/watch.mjs";

const closing = noUnhandledRejections();
const PAGE = { runners: [RUNNER], total: 1 };
const call = (fetch, options) => listManagedRunners({ fetch, baseUrl: origin(), ...options });

/** Typical mocks, which differ in how their body can be read. */
const MOCKS = {
  "{ ok, status, json }": { ok: true, status: 200, json: async () => PAGE },
  "{ ok, status, text }": { ok: true, status: 200, text: async () => JSON.stringify(PAGE) },
  "{ ok, status, json } with json at once": { ok: true, status: 200, json: () => PAGE },
  "{ status, json }": { status: 200, json: async () => PAGE },
  "{ ok, status, headers, json }": {
    ok: true,
    status: 200,
    headers: new Headers({ "content-type": "application/json" }),
    json: async () => PAGE,
  },
  "{ ok, status, headers, json } with a Map for headers": {
    ok: true,
    status: 200,
    headers: new Map([["content-type", "application/json"]]),
    json: async () => PAGE,
  },
  "{ ok, status, text, json }": {
    ok: true,
    status: 200,
    text: async () => JSON.stringify(PAGE),
    json: () => assert.fail("text is nearer to the bytes"),
  },
  "{ ok, status, arrayBuffer }": {
    ok: true,
    status: 200,
    arrayBuffer: async () => new TextEncoder().encode(JSON.stringify(PAGE)).buffer,
  },
  "{ ok, status, arrayBuffer } with a typed array": {
    ok: true,
    status: 200,
    arrayBuffer: async () => new TextEncoder().encode(JSON.stringify(PAGE)),
  },
};

suite("a mock may be", () => {
  for (const [what, mock] of Object.entries(MOCKS)) {
    test(what, async () => {
      const page = await call(async () => mock, { maxRetries: 0 });
      assert.deepEqual([page.total, page.runners[0].name], [1, RUNNER.name]);
    });
  }

  test("one object for every call, where its body can be read again", async () => {
    const mock = MOCKS["{ ok, status, json }"];
    const client = new ComfyControl({ fetch: async () => mock, baseUrl: origin() });
    for (let i = 0; i < 3; i += 1) assert.equal((await client.listManagedRunners()).total, 1);
    assert.equal((await client.collectManagedRunners()).runners.length, 1);
    assert.deepEqual(PAGE, { runners: [RUNNER], total: 1 }, "what the mock gives stays as it was");
  });

  test("frozen, of one runner", async () => {
    const runner = await getManagedRunner(RUNNER.id, {
      fetch: async () =>
        Object.freeze({ ok: true, status: 200, json: async () => Object.freeze({ ...RUNNER }) }),
      baseUrl: origin(),
    });
    assert.equal(runner.name, RUNNER.name);
  });
});

test("a Response that counts as read once its body was looked at, as SvelteKit's on Cloudflare", async () => {
  const fetch = async () => {
    const response = answer(PAGE);
    let read = false;
    return new Proxy(response, {
      get(target, name) {
        if (name === "bodyUsed") return read;
        const value = Reflect.get(target, name, target);
        if (name === "body") read = true;
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  };
  assert.equal((await call(fetch, { maxRetries: 0 })).total, 1);
});

suite("a mock of a failure", () => {
  test("says its status and message", async () => {
    for (const body of [
      { json: async () => ({ status: 404, message: "requested entity not found" }) },
      { text: async () => '{"status":404,"message":"requested entity not found"}' },
    ]) {
      const error = await thrown(call(async () => ({ ok: false, status: 404, ...body })));
      assert.deepEqual([error.code, error.status], ["not_found", 404]);
      assert.match(error.message, /requested entity not found/);
    }
  });

  test("needs no body at all", async () => {
    for (const [status, code] of [
      [401, "unauthorized"],
      [403, "forbidden"],
      [500, "server_error"],
    ]) {
      assert.equal((await thrown(call(async () => ({ ok: false, status }), { maxRetries: 0 }))).code, code);
    }
  });

  test("is tried again where the status is worth it", async () => {
    const { fetch, requests } = memory(
      () => ({ ok: false, status: 503, json: async () => ({}) }),
      () => ({ ok: true, status: 200, json: async () => PAGE }),
    );
    assert.equal((await call(fetch)).total, 1);
    assert.equal(requests.length, 2);
  });
});

suite("what json() gives is checked as any answer is", () => {
  const CASES = [
    [{ runners: [{ ...RUNNER, created_at: 7 }], total: 1 }, /runners\[0\]\.created_at/],
    [{ runners: "none", total: 1 }, /runners/],
    [{ total: 1 }, /runners/],
    [[], /object/],
    [null, /object/],
    [undefined, /./],
    [() => {}, /./],
  ];
  for (const [body, message] of CASES) {
    test(typeof body === "function" ? "a function" : String(JSON.stringify(body)).slice(0, 60), async () => {
      const error = await thrown(
        call(async () => ({ ok: true, status: 200, json: async () => body }), { maxRetries: 0 }),
      );
      assert.ok(isComfyControlError(error, "invalid_response"), `${error.code}: ${error.message}`);
      assert.match(error.message, message);
    });
  }

  test("an object that cannot be written as JSON ends in a code", async () => {
    const round = {};
    round.round = round;
    for (const body of [round, { runners: [], total: 1n }]) {
      const error = await thrown(
        call(async () => ({ ok: true, status: 200, json: async () => body }), { maxRetries: 0 }),
      );
      assert.ok(isComfyControlError(error) && error.code !== "internal", String(error));
    }
  });

  test("a json() that throws is the cause", async () => {
    const cause = new SyntaxError("Unexpected token < in JSON");
    for (const json of [
      () => Promise.reject(cause),
      () => {
        throw cause;
      },
    ]) {
      const error = await thrown(call(async () => ({ ok: true, status: 200, json }), { maxRetries: 0 }));
      assert.ok(isComfyControlError(error) && error.code !== "internal");
      assert.equal(error.cause, cause);
    }
  });
});

suite("a Response that is handed out twice", () => {
  const twice = () => {
    const response = answer(PAGE);
    return memory(() => response);
  };

  test("fails at once the second time, is not retried, and says so", async () => {
    const { fetch, requests } = twice();
    const options = { baseUrl: origin(), maxRetries: 2 };
    assert.equal((await call(fetch, options)).total, 1);
    const events = [];
    const error = await thrown(call(fetch, { ...options, onEvent: ({ type }) => events.push(type) }));
    assert.ok(isComfyControlError(error) && error.code !== "internal", String(error));
    assert.equal(error.retryable, false);
    assert.match(
      error.message,
      /read (already|before)|already (been )?read|already used|used already|consumed/i,
    );
    assert.match(error.message, /Response/i);
    assert.equal(requests.length, 2, "one request a call");
    assert.ok(!events.includes("retry"), events.join());
  });

  test("the same for one that somebody else read, or is reading", async () => {
    const used = answer(PAGE);
    await used.text();
    const locked = answer(PAGE);
    locked.body.getReader();
    for (const response of [used, locked]) {
      const { fetch, requests } = memory(() => response);
      const error = await thrown(call(fetch));
      assert.equal(error.retryable, false);
      assert.equal(requests.length, 1);
    }
  });

  test("the same for node-fetch's, which has no stream of the web", async () => {
    const response = new NodeFetchResponse(JSON.stringify(PAGE));
    const { fetch, requests } = memory(() => response);
    const options = { baseUrl: origin(), maxRetries: 2 };
    assert.equal((await call(fetch, options)).total, 1);
    const error = await thrown(call(fetch, options));
    assert.equal(error.retryable, false);
    assert.match(error.message, /read before/);
    assert.equal(requests.length, 2, "one request a call");
  });

  test("an enumeration fails at once, too", async () => {
    const { fetch, requests } = twice();
    const client = new ComfyControl({ fetch, baseUrl: origin() });
    await client.listManagedRunners();
    const error = await thrown(client.collectManagedRunners());
    assert.equal(error.retryable, false);
    assert.equal(requests.length, 2);
  });
});

closing();
