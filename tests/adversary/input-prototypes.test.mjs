// Polluted prototypes and frozen intrinsics: they change the result of no call, and make none fail.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { suite, test } from "node:test";
import { promisify } from "node:util";

import { answer, memory, origin, refusal, RUNNER } from "../package/support/memory.mjs";
import {
  ComfyControl,
  folder,
  isComfyControlError,
  listManagedRunners,
} from "../package/support/package.mjs";
import { anotherRealm } from "../package/support/realm.mjs";
import { noUnhandledRejections, thrown } from "../package/support/watch.mjs";
import { rawAnswer, rawServer } from "./support/raw.mjs";

const closing = noUnhandledRejections();

/** Runs `what` while `Object.prototype` has a member. Removes the member before any comparison. */
async function polluted(name, descriptor, what) {
  const own = Object.getOwnPropertyDescriptor(Object.prototype, name);
  Object.defineProperty(Object.prototype, name, { ...descriptor, configurable: true, enumerable: true });
  try {
    return await what();
  } finally {
    if (own) Object.defineProperty(Object.prototype, name, own);
    else delete Object.prototype[name];
  }
}

/** Answers that do not use the runtime's own `Response`, which pollution does change. */
const reply = (status, text) => async () => ({
  status,
  headers: { get: (name) => (name === "content-type" ? "application/json" : null) },
  body: null,
  arrayBuffer: async () => new TextEncoder().encode(text).buffer,
});
const PAGE = JSON.stringify({ runners: [RUNNER], total: 1 });

/** Makes a few calls. Returns what the caller and the server see of them. */
async function seen() {
  const { fetch, requests } = memory(reply(200, PAGE));
  const options = { fetch, baseUrl: "https://seen.example", rateLimit: false, maxRetries: 0 };
  const received = [];
  const client = new ComfyControl({
    ...options,
    onEvent: (event) =>
      received.push(Object.entries(event).filter(([key]) => key === "type" || key === "status")),
  });
  const page = await client.listManagedRunners({ perPage: 20 });
  const all = await client.collectManagedRunners();
  const errors = [
    await thrown(listManagedRunners({ ...options, fetch: reply(404, '{"status":404,"message":"no"}') })),
    await thrown(listManagedRunners({ ...options, fetch: reply(200, "{}") })),
    await thrown(listManagedRunners({ ...options, fetch: () => Promise.reject("down") })),
    await thrown(listManagedRunners({ ...options, perPage: 0 })),
  ];
  const sent = requests.map(({ url, init }) => [url, Object.entries(init.headers), Object.keys(init)]);
  const facts = errors.map((error) =>
    ["message", "cause", "code", "status", "retryable", "retryAt", "path", "issues"].map(
      (key) => Object.getOwnPropertyDescriptor(error, key)?.value,
    ),
  );
  const known = errors.map((error) => isComfyControlError(structuredClone(error), error.code));
  return { page, all, received, sent, facts, known };
}

suite("a polluted Object.prototype changes nothing", () => {
  const before = seen();
  const signal = AbortSignal.abort("polluted");
  const POLLUTION = {
    page: [0, 9, "x"],
    perPage: [0, 1],
    timeout: [0, 1],
    maxRetries: [-1, 9],
    signal: [signal, 7],
    token: ["cfc_polluted", 7],
    baseUrl: ["https://polluted.example"],
    fetch: [() => assert.fail("called"), 7],
    rateLimit: [{ requests: 0 }],
    requests: [0],
    windowMs: [0],
    onEvent: [() => assert.fail("called"), 7],
    onInvalidRunner: [() => assert.fail("called")],
    concurrency: [0],
    consistency: ["x"],
    resumeFrom: ["x"],
    onProgress: [7],
    interval: [0],
    per_page: [7],
    "": [7],
    0: [7],
    1: [7],
    2: [7],
    length: [7],
    then: [7, null, {}],
    status: [500],
    headers: [7],
    body: [7],
    arrayBuffer: [7],
    aborted: [true],
    reason: [7],
    cause: [7],
    code: ["timeout"],
    retryable: [7],
    retryAt: [7],
    path: [7],
    issues: [7],
    message: [7],
    name: ["polluted"],
    type: [7],
    done: [true],
    value: [7],
    authorization: ["Bearer polluted"],
    accept: [7],
    toJSON: [() => "polluted"],
    id: [7],
    tags: [7],
    runners: [7],
    total: [7],
    cnt: [1],
    free: [7],
    over: [7],
  };
  for (const [name, values] of Object.entries(POLLUTION)) {
    test(`by "${name}"`, async () => {
      const expected = await before;
      for (const value of values)
        assert.deepEqual(await polluted(name, { value, writable: true }, seen), expected);
    });
  }

  test("by accessors that take what is assigned, and give nothing", async () => {
    const expected = await before;
    for (const name of [
      "page",
      "signal",
      "token",
      "then",
      "fetch",
      "aborted",
      "authorization",
      "arrayBuffer",
    ]) {
      assert.deepEqual(await polluted(name, { get() {}, set() {} }, seen), expected, name);
    }
  });
});

test("a polluted Object.prototype does not change what the runtime's own fetch sends", async () => {
  const server = await rawServer((socket) => socket.write(rawAnswer()));
  const call = () =>
    listManagedRunners({ baseUrl: server.url, token: "cfc_own", maxRetries: 0, rateLimit: false });
  // Names that fetch itself reads (`method`, `body`) are for the runtime to guard.
  for (const [name, value] of Object.entries({
    authorization: "Bearer polluted",
    Authorization: "Bearer polluted",
    accept: "polluted",
    token: "cfc_polluted",
    baseUrl: "https://polluted.example",
    page: 9,
    per_page: 9,
    perPage: 9,
    timeout: 1,
    url: "https://polluted.example",
  })) {
    await polluted(name, { value, writable: true }, call).catch((error) =>
      assert.fail(`${name}: ${error.message}`),
    );
  }
  const heads = new Set(server.heads);
  assert.equal(heads.size, 1, [...heads].join("\n"));
  assert.match(
    server.heads[0],
    /^GET \/v1\/managed-runner\?page=1&per_page=10 HTTP\/1.1\r\n[^]*authorization: Bearer cfc_own/,
  );
});

/** Code for a child process: freezes all intrinsics of the language. */
const FREEZE = `
  const seen = new Set();
  const freeze = (value) => {
    if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return;
    seen.add(value);
    for (const { value: member, get, set } of Object.values(Object.getOwnPropertyDescriptors(value))) {
      [member, get, set].forEach(freeze);
    }
    freeze(Object.getPrototypeOf(value));
    if (value !== globalThis) Object.freeze(value);
  };
  const names =
    "Object Function Array Promise Error TypeError RangeError Map Set WeakMap WeakSet WeakRef Symbol String " +
    "Number Boolean BigInt RegExp Date Math JSON Reflect Proxy Uint8Array Int32Array ArrayBuffer DataView " +
    "FinalizationRegistry WebAssembly Intl Iterator";
  for (const name of names.split(" ")) freeze(globalThis[name]);
  freeze(Object.getPrototypeOf(async function* () {}));
`;
const CALLS = `
  const { ComfyControl, isComfyControlError, listManagedRunners, matchRunners } = client;
  const runner = ${JSON.stringify(RUNNER)};
  const reply = (status, value) => async () => ({
    status,
    headers: { get: () => null },
    body: null,
    arrayBuffer: async () => new TextEncoder().encode(JSON.stringify(value)).buffer,
  });
  const page = { fetch: reply(200, { runners: [runner], total: 1 }), baseUrl: "https://x.example" };
  const { total } = await listManagedRunners({ ...page, onEvent() {} });
  const { runners, report } = await new ComfyControl(page).collectManagedRunners({ onProgress() {} });
  const failure = (fetch, baseUrl) => listManagedRunners({ fetch, baseUrl, maxRetries: 0 }).catch((error) => error);
  const error = await failure(reply(404, { status: 404, message: "no" }), "https://refused.example");
  const broken = await failure(reply(200, {}), "https://broken.example");
  console.log(JSON.stringify([
    total,
    runners.length,
    report.unique,
    matchRunners(runners, []).length,
    isComfyControlError(error, "not_found"),
    broken.path,
    isComfyControlError(structuredClone(broken), "invalid_response"),
  ]));
`;
const GOOD = '[1,1,1,1,true,"runners",true]\n';

async function run(source) {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "-e", source],
    { cwd: folder },
  );
  assert.equal(stderr, "");
  return stdout;
}

/** Code that changes globals, before the package is loaded or after. */
const TAMPERED = {
  "frozen intrinsics": FREEZE,
  "a frozen global object":
    "fetch; AbortController; performance; crypto; TextDecoder; TextEncoder; Object.freeze(globalThis);",
  "both frozen": `fetch; AbortController; performance; crypto; TextDecoder; TextEncoder; ${FREEZE} Object.freeze(globalThis);`,
  "a Promise that is somebody's subclass": "globalThis.Promise = class Zone extends Promise {};",
  "a patched then":
    "const { then } = Promise.prototype; Promise.prototype.then = function (...args) { return then.apply(this, args); };",
  "a polluted descriptor": `
    for (const name of ["enumerable", "configurable"])
      Object.defineProperty(Object.prototype, name, { value: false, configurable: true });`,
  "prototypes with members that old libraries add": `
    Array.prototype.last = function () { return this.at(-1); };
    Object.prototype.isEmpty = false;
    Object.prototype.keys = function () { return Object.keys(this); };`,
  "an Array.prototype whose iterator is guarded":
    "const iterate = Array.prototype[Symbol.iterator]; Array.prototype[Symbol.iterator] = function () { return iterate.call(this); };",
  "an Error.prepareStackTrace that gives no text": "Error.prepareStackTrace = (_, sites) => sites;",
  "an Error.stackTraceLimit of 0": "Error.stackTraceLimit = 0;",
  "no Error.captureStackTrace": "delete Error.captureStackTrace;",
  "no FinalizationRegistry and no WeakRef":
    "delete globalThis.FinalizationRegistry; delete globalThis.WeakRef;",
  "no queueMicrotask": "delete globalThis.queueMicrotask;",
  "no process": "delete globalThis.process;",
};
for (const [what, tamper] of Object.entries(TAMPERED)) {
  test(`${what}, before the package is loaded and after`, async () => {
    const esm = 'const client = await import("comfycontrol-runners");';
    const cjs = `
      const { createRequire } = await import("node:module");
      const require = createRequire(process.cwd() + "/x.js");
      const load = () => require("./node_modules/comfycontrol-runners/dist/index.cjs");`;
    for (const source of [
      `{ ${tamper} } ${esm} ${CALLS}`,
      `${esm} { ${tamper} } ${CALLS}`,
      `${cjs} { ${tamper} } const client = load(); ${CALLS}`,
    ])
      assert.equal(await run(source), GOOD);
  });
}

test("another realm whose intrinsics are frozen is as good as any", async () => {
  const other = anotherRealm(FREEZE);
  assert.equal(
    (
      await other.listManagedRunners({
        fetch: async () => answer({ runners: [RUNNER], total: 1 }),
        baseUrl: origin(),
      })
    ).total,
    1,
  );
  const error = await thrown(
    other.listManagedRunners({ fetch: async () => refusal(404), baseUrl: origin() }),
  );
  assert.ok(isComfyControlError(error, "not_found"));
});

closing();
