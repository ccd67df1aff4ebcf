// Every failure has the one error class, a stable code, members, and a message with method and path.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";

import { startEmulator, TOKEN } from "./support/emulator.mjs";
// Hand-made answers for another realm and copy, and where one exact text is what counts.
import { answer, memory, origin, refusal, RUNNER } from "./support/memory.mjs";
import {
  ComfyControl,
  ComfyControlError,
  isComfyControlError,
  listManagedRunners,
  secondCopy,
} from "./support/package.mjs";
import { anotherRealm } from "./support/realm.mjs";
import { createEmulator } from "./support/testing.mjs";
import { thrown } from "./support/watch.mjs";

const emulator = await startEmulator();
const PATH = "/v1/managed-runner";
const UNKNOWN = "00000000-0000-4000-8000-000000000000";

/** A client whose failed attempts are final. */
const client = (options) =>
  new ComfyControl({ baseUrl: emulator.url, token: TOKEN, maxRetries: 0, rateLimit: false, ...options });
const list = (options, call) => thrown(client(options).listManagedRunners(call));

/** Code → how to make the emulator cause it, and the error's message and members. */
const CODES = {
  invalid_options: {
    call: () => list({}, { perPage: 101 }),
    message: "perPage: expected an integer from 1 to 100, got 101",
    retryable: false,
  },
  bad_request: {
    fault: { status: 400, message: "name cannot be empty" },
    status: 400,
    message: `GET ${PATH} answered 400: name cannot be empty`,
    retryable: false,
  },
  unauthorized: {
    call: () => list({ token: "cfc_wrong" }),
    status: 401,
    message: `GET ${PATH} answered 401: Invalid token`,
    retryable: false,
  },
  forbidden: {
    call: async () => {
      await emulator.set({ tier: "free" });
      return list().finally(() => emulator.set({ tier: "pro" }));
    },
    status: 403,
    message: `GET ${PATH} answered 403: Managed runners require Pro or Plus tier (managed runners come with the plus, pro and enterprise tiers)`,
    retryable: false,
  },
  not_found: {
    call: () => thrown(client().getManagedRunner(UNKNOWN)),
    status: 404,
    message: `GET ${PATH}/${UNKNOWN} answered 404: requested entity not found`,
    retryable: false,
  },
  rate_limited: {
    fault: { status: 429, message: "slow down", retryAfter: 30 },
    status: 429,
    message: `GET ${PATH} answered 429: slow down`,
    retryable: true,
    retryAt: 30_000,
  },
  server_error: {
    fault: { status: 500, message: "internal error" },
    status: 500,
    message: `GET ${PATH} answered 500: internal error`,
    retryable: true,
  },
  connection_failed: {
    fault: { cut: "before-headers" },
    message: `GET ${PATH} failed: fetch failed (UND_ERR_SOCKET)`,
    retryable: true,
    cause: TypeError,
  },
  timeout: {
    fault: { stall: "before-headers" },
    options: { timeout: 60 },
    message: `GET ${PATH} gave no complete answer within 60 ms`,
    retryable: true,
  },
  invalid_response: {
    fault: { body: '{"runners":[],"total":"3"}' },
    status: 200,
    message: `GET ${PATH} answered 200 with an unexpected total: expected an integer from 0 to 9007199254740991, found "3" at byte 22 (content type application/json)`,
    retryable: false,
  },
};

for (const [code, { call, fault, options, status, message, retryable, retryAt, cause }] of Object.entries(
  CODES,
)) {
  test(`${code}, as the server brings it about`, async () => {
    if (fault) await emulator.faults(fault);
    const before = Date.now();
    const error = await (call?.() ?? list(options, { page: 2 }));
    assert.ok(error instanceof ComfyControlError && error instanceof Error);
    assert.ok(isComfyControlError(error, code));
    assert.deepEqual(
      [error.name, error.code, error.status, error.retryable],
      ["ComfyControlError", code, status, retryable],
    );
    assert.equal(error.message, `${message} (comfycontrol/${code})`);
    assert.doesNotMatch(error.message, /page=|cfc_/);
    if (retryAt === undefined) assert.ok(!("retryAt" in error));
    else
      assert.ok(
        error.retryAt >= before + retryAt - 1 && error.retryAt <= Date.now() + retryAt,
        String(error.retryAt - before),
      );
    if (cause) assert.ok(error.cause instanceof cause);
    else assert.ok(!("cause" in error));
  });
}

test("list_changed: a list that never holds still, with what was found so far", async () => {
  const api = createEmulator({ runners: 100 });
  api.changeWhile({ every: 1 }, () => {
    for (let added = 0; added < 10; added += 1) api.add();
  });
  const restless = new ComfyControl({ ...api.clientOptions, rateLimit: false });
  const error = await thrown(restless.collectManagedRunners({ perPage: 10 }));
  assert.ok(isComfyControlError(error, "list_changed"), String(error));
  assert.deepEqual(
    [error.retryable, error.report.complete, typeof error.checkpoint],
    [true, false, "string"],
  );
  assert.match(
    error.message,
    /^the list changed faster than it could be read: \d+ runners were found in \d+ requests \(comfycontrol\/list_changed\)$/,
  );
  assert.ok(error.runners.length > 0);
});

test("internal: a trap in one call is an error of that call, and the next call works", async () => {
  const { fetch } = memory();
  const options = { fetch, baseUrl: origin() };
  const mended = Math.random;
  // The only function of the host that the package calls unguarded. A defect of the package ends in the same way.
  Math.random = () => {
    throw new Error("a defect");
  };
  try {
    const error = await thrown(listManagedRunners({ ...options, fetch: memory(() => refusal(500)).fetch }));
    assert.ok(isComfyControlError(error, "internal"));
    assert.match(error.message, /later calls work again/);
    assert.equal(error.cause.message, "a defect");
  } finally {
    Math.random = mended;
  }
  assert.equal((await listManagedRunners(options)).total, 0);
});

test("other statuses have the code of their class, whatever their body", async () => {
  const cases = [
    [402, "bad_request"],
    [405, "bad_request"],
    [408, "bad_request"],
    [410, "bad_request"],
    [422, "bad_request"],
    [451, "bad_request"],
    [501, "server_error"],
    [502, "server_error"],
    [503, "server_error"],
    [504, "server_error"],
    [520, "server_error"],
    [526, "server_error"],
    [599, "server_error"],
  ];
  const bodies = [
    { html: true },
    { empty: true },
    { body: "{" },
    { body: '{"message":7}' },
    { body: "[]" },
    { body: [255, 254] },
  ];
  for (const [index, [status, code]] of cases.entries()) {
    await emulator.faults({ status, ...bodies[index % bodies.length] });
    const error = await list();
    assert.deepEqual([error.code, error.status], [code, status]);
    assert.match(error.message, new RegExp(`^GET ${PATH} answered ${status} \\(comfycontrol`));
  }
  assert.equal((await (await emulator.faults({ status: 408 }), list())).retryable, true);
});

test("a status that is neither good nor an error is an invalid_response", async () => {
  for (const status of [304, 301]) {
    const error = await thrown(
      listManagedRunners({
        baseUrl: origin(),
        fetch: () => ({ status, headers: new Headers(), arrayBuffer: async () => new ArrayBuffer(0) }),
      }),
    );
    assert.deepEqual([error.code, error.status], ["invalid_response", status]);
    assert.match(error.message, new RegExp(`answered ${status}, expected 200`));
  }
});

test("the server's message is cut to a readable length and cannot garble a terminal", async () => {
  const error = await thrown(
    listManagedRunners({
      baseUrl: origin(),
      fetch: async () => refusal(400, {}, `\u001b[31m\n${"x".repeat(5000)}`),
    }),
  );
  assert.ok(error.message.length < 400);
  assert.doesNotMatch(error.message, /[\u0000-\u001f]/);
});

test("a refused connection tells its cause", async () => {
  const error = await list({ baseUrl: "http://127.0.0.1:1" });
  assert.match(error.message, /^GET \/v1\/managed-runner failed: .*(ECONNREFUSED|bad port)/);
  assert.ok(error.cause instanceof TypeError);
});

test("errors survive structuredClone", async () => {
  for (const [code, { call, fault, options, retryable }] of Object.entries(CODES)) {
    if (fault) await emulator.faults(fault);
    const error = await (call?.() ?? list(options, { page: 2 }));
    const clone = structuredClone(error);
    assert.ok(isComfyControlError(clone));
    assert.ok(isComfyControlError(clone, code));
    assert.ok(!isComfyControlError(clone, "no_such_code"));
    assert.deepEqual([clone.code, clone.retryable, clone.message], [code, retryable, error.message]);
  }
});

test("isComfyControlError knows errors of another copy and of another realm", async () => {
  const copy = secondCopy();
  assert.notEqual(copy.ComfyControlError, ComfyControlError);
  const theirs = await thrown(copy.listManagedRunners({ page: 0 }));
  assert.ok(!(theirs instanceof ComfyControlError));
  assert.ok(isComfyControlError(theirs, "invalid_options"));
  assert.ok(copy.isComfyControlError(await list({}, { page: 0 }), "invalid_options"));

  const other = anotherRealm();
  for (const foreign of [
    await thrown(other.listManagedRunners({ page: 0 })),
    await thrown(
      other.listManagedRunners({ fetch: async () => refusal(503), maxRetries: 0, baseUrl: origin() }),
    ),
  ]) {
    assert.ok(!(foreign instanceof Error));
    assert.ok(isComfyControlError(foreign, foreign.status ? "server_error" : "invalid_options"));
  }
  assert.ok(other.isComfyControlError(await list({}, { page: 0 }), "invalid_options"));
  assert.equal((await other.listManagedRunners({ fetch: async () => answer(), baseUrl: origin() })).total, 0);
});

test("isComfyControlError takes nothing else for an error, and never throws", () => {
  const hostile = new Proxy(
    {},
    { get: () => assert.fail("touched"), getPrototypeOf: () => assert.fail("touched") },
  );
  const others = [
    undefined,
    null,
    0,
    "",
    "x (comfycontrol/timeout)",
    {},
    [],
    () => {},
    Symbol("x"),
    new Error("x"),
    new TypeError("timeout"),
    { code: "timeout", message: "x (comfycontrol/timeout)" },
    new DOMException("x", "AbortError"),
    Object.create(null),
    hostile,
  ];
  for (const value of others) assert.equal(isComfyControlError(value), false);
});

test("console.log(error) reads well: the sentence, the caller's line, the facts once", async () => {
  await emulator.faults({ body: '{"runners":[7],"total":1}' });
  async function dashboard() {
    return await client().listManagedRunners();
  }
  const [head, ...rest] = inspect(await thrown(dashboard()), { breakLength: 100 }).split("\n");
  assert.equal(
    head,
    `ComfyControlError: GET ${PATH} answered 200 with an unexpected runners[0]: expected an object, found 7 at byte 12 (content type application/json) (comfycontrol/invalid_response)`,
  );
  const stack = rest.filter((line) => line.startsWith("    at "));
  assert.match(stack.join("\n"), /dashboard/);
  assert.doesNotMatch(stack.join("\n"), /wasm/);
  assert.match(stack.at(-1), / \{$/);
  const facts = ["{", ...rest.slice(stack.length)].join("\n");
  assert.equal(
    facts,
    `{
  code: 'invalid_response',
  status: 200,
  retryable: false,
  path: 'runners[0]',
  issues: [ { path: 'runners[0]', expected: 'an object', found: '7', offset: 12 } ]
}`,
  );
});

test("an error can be extended and serialised as any other", async () => {
  const error = await list({}, { page: 0 });
  assert.ok(Object.isExtensible(error));
  assert.deepEqual(JSON.parse(JSON.stringify(error)), {
    name: "ComfyControlError",
    message: error.message,
    code: "invalid_options",
    retryable: false,
  });
  assert.equal(String(error), `ComfyControlError: ${error.message}`);
  assert.equal(Object.prototype.toString.call(error), "[object Error]");
  assert.equal((await answer().json()).total, 0);
});

test("as JSON an error shows its facts, and neither runners, checkpoint nor cause", async () => {
  const cause = new Error("the host's own words");
  const { fetch } = memory(
    () => answer({ runners: [RUNNER], total: 2 }),
    () => Promise.reject(cause),
  );
  const options = { fetch, baseUrl: origin(), maxRetries: 0 };
  const error = await thrown(new ComfyControl(options).collectManagedRunners({ perPage: 1 }));
  assert.equal(error.cause, cause);
  assert.deepEqual([error.runners.length, typeof error.checkpoint], [1, "string"]);
  const json = JSON.parse(JSON.stringify({ error })).error;
  assert.deepEqual(Object.keys(json), ["name", "message", "code", "retryable", "report"]);
  assert.deepEqual([json.name, json.code, json.message], [error.name, error.code, error.message]);
});

test("an error knows the id that the server gave the request", async () => {
  const ids = [
    [{ "x-request-id": "req_1", "cf-ray": "8f3" }, "req_1"],
    [{ "request-id": "req_2" }, "req_2"],
    [{ "cf-ray": "8f3-AMS" }, "8f3-AMS"],
    [{ "x-amzn-requestid": "a-1" }, "a-1"],
    [{}, undefined],
    [{ "x-request-id": "a".repeat(500) }, `${"a".repeat(200)}…`],
    [{ "x-request-id": "of cfc_Sup3rS3cret" }, "of [token]"],
  ];
  for (const [headers, requestId] of ids) {
    for (const make of [() => refusal(400, headers), () => answer("{", { headers })]) {
      const error = await thrown(
        listManagedRunners({
          fetch: memory(make).fetch,
          token: "cfc_Sup3rS3cret",
          baseUrl: origin(),
          maxRetries: 0,
        }),
      );
      assert.equal(error.requestId, requestId);
      assert.equal(JSON.parse(JSON.stringify(error)).requestId, requestId);
    }
  }
});
