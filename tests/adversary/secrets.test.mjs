// The token is in nothing that can be seen: not in errors and what they carry, events, issues, consoles, warnings,
// inspections, stacks or serialised forms, whatever the server gives back and whatever goes wrong.
//
// One exception: what a caller's own `fetch`, token function, listener or signal throws is the caller's object, and is
// handed back as it is.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { inspect, promisify } from "node:util";

import { answer, memory, origin, refusal, RUNNER } from "../package/support/memory.mjs";
import {
  ComfyControl,
  getManagedRunner,
  isComfyControlError,
  listManagedRunners,
  responseOf,
} from "../package/support/package.mjs";
import { noUnhandledRejections, thrown } from "../package/support/watch.mjs";
import { broken, echoes } from "./support/echoes.mjs";
import { rawServer } from "./support/raw.mjs";
import { reveals, SECRET, shown } from "./support/secrets.mjs";

const closing = noUnhandledRejections();
const keeps = (value, what) => assert.deepEqual(reveals(shown(value)), [], what);
const warnings = [];
const note = (warning) => warnings.push(warning);
process.on("warning", note);
after(() => process.off("warning", note));

test("the test would notice", () => {
  for (const leak of [
    SECRET,
    new Error(SECRET),
    new Error("x", { cause: { deep: [SECRET] } }),
    Object.defineProperty({}, "hidden", { value: SECRET }),
    { [Symbol(SECRET)]: 1 },
    new Map([[1, SECRET]]),
    { text: Buffer.from(`Bearer ${SECRET}`).toString("base64") },
    Buffer.from(SECRET),
    encodeURIComponent(SECRET),
    JSON.stringify(SECRET),
    SECRET.slice(4, 9),
  ])
    assert.notDeepEqual(reveals(shown(leak)), []);
  assert.deepEqual(reveals(shown({ token: "[token]", text: "cfc_" })), []);
});

suite("what a server gives back", () => {
  for (const [what, [code, echo]] of Object.entries(echoes(SECRET))) {
    test(`as ${what}`, async () => {
      for (const token of [SECRET, () => SECRET, async () => SECRET]) {
        const seen = [];
        const record = (value) => seen.push(value);
        const options = {
          fetch: memory(echo).fetch,
          baseUrl: origin(),
          token,
          maxRetries: 0,
          onEvent: record,
        };
        const client = new ComfyControl(options);
        const lenient = new ComfyControl({ ...options, onInvalidRunner: record });
        const iterator = client.iterateManagedRunners({ onProgress: record });
        const watch = client.watchManagedRunners();
        const calls = [
          listManagedRunners(options),
          client.listManagedRunners(),
          lenient.listManagedRunners(),
          client.getManagedRunner(RUNNER.id),
          getManagedRunner(RUNNER.id, options),
          client.collectManagedRunners(),
          iterator.next(),
          watch.next(),
        ];
        const results = await Promise.allSettled(calls);
        await watch.return();
        const first = results[0].reason;
        assert.ok(code ? isComfyControlError(first, code) : first === undefined, String(first?.code));
        seen.push(
          ...results,
          ...results.map(({ value, reason }) => responseOf(value ?? reason)),
          ...calls,
          client,
          lenient,
          iterator,
          watch,
          iterator.report,
          iterator.checkpoint,
          client.rateLimit,
        );
        assert.ok(seen.length > 20);
        for (const value of seen) keeps(value, what);
      }
    });
  }

  test("as a token that was asked for earlier in the same call", async () => {
    let asked = 0;
    const token = () => ((asked += 1) === 1 ? SECRET : "cfc_another");
    keeps(
      await thrown(
        listManagedRunners({
          fetch: memory(
            () => refusal(401),
            () => refusal(401, {}, `Invalid token ${SECRET}`),
          ).fetch,
          baseUrl: origin(),
          token,
        }),
      ),
    );
  });

  test("after retries, a cooldown and a fresh token", async (t) => {
    t.mock.method(Math, "random", () => 0);
    const seen = [];
    const { fetch } = memory(
      () => refusal(401, {}, SECRET),
      () => refusal(503, { "retry-after": "0", "x-token": SECRET }, SECRET),
      () => refusal(429, { "retry-after": "0" }, SECRET),
      () => refusal(500, {}, SECRET),
    );
    seen.push(
      await thrown(
        listManagedRunners({
          fetch,
          baseUrl: origin(),
          token: () => SECRET,
          onEvent: (event) => seen.push(event),
        }),
      ),
    );
    assert.ok(["request", "response", "retry"].every((kind) => seen.some(({ type }) => type === kind)));
    for (const value of seen) keeps(value);
  });

  test("while the list never holds still", async () => {
    let total = 100;
    const fetch = async () =>
      answer(
        {
          runners: Array.from({ length: 10 }, () => ({ ...RUNNER, id: crypto.randomUUID() })),
          total: (total += 10),
        },
        { headers: { "x-token": SECRET } },
      );
    const error = await thrown(
      new ComfyControl({ fetch, baseUrl: origin(), token: SECRET, rateLimit: false }).collectManagedRunners({
        perPage: 10,
      }),
    );
    assert.equal(error.code, "list_changed");
    keeps(error);
  });
});

suite("what goes wrong without a server's help", () => {
  const fetch = memory().fetch;
  const CASES = {
    "a token with a space": ["invalid_options", () => listManagedRunners({ fetch, token: `${SECRET} ` })],
    "a token with a line end": [
      "invalid_options",
      () => listManagedRunners({ fetch, token: `${SECRET}\r\nx: y` }),
    ],
    "a token with an umlaut": [
      "invalid_options",
      async () => new ComfyControl({ fetch, token: `ü${SECRET}` }),
    ],
    "a token in an array": ["invalid_options", () => listManagedRunners({ fetch, token: [SECRET] })],
    "a token in an object": [
      "invalid_options",
      () => listManagedRunners({ fetch, token: { toString: () => SECRET } }),
    ],
    "a boxed token": ["invalid_options", () => listManagedRunners({ fetch, token: new String(SECRET) })],
    "a token as a symbol": ["invalid_options", () => listManagedRunners({ fetch, token: Symbol(SECRET) })],
    "a function that gives a token with a space": [
      "invalid_options",
      () => listManagedRunners({ fetch, token: () => `${SECRET} ` }),
    ],
    "a function that gives a token in an array": [
      "invalid_options",
      () => listManagedRunners({ fetch, token: async () => [SECRET] }),
    ],
    "another option that is wrong": [
      "invalid_options",
      () => listManagedRunners({ fetch, token: SECRET, page: 0 }),
    ],
    "an option nobody knows": [
      "invalid_options",
      () => listManagedRunners({ fetch, token: SECRET, apiKey: SECRET }),
    ],
    "plain http": [
      "invalid_options",
      () => listManagedRunners({ fetch, token: SECRET, baseUrl: "http://x.example" }),
    ],
    "a token in a base URL's query": [
      "invalid_options",
      () => listManagedRunners({ fetch, baseUrl: `https://x.example/?token=${SECRET}` }),
    ],
    "a token in a base URL's fragment": [
      "invalid_options",
      () => listManagedRunners({ fetch, baseUrl: `https://x.example/#${SECRET}` }),
    ],
    "a token as a base URL's password": [
      "invalid_options",
      () => listManagedRunners({ fetch, baseUrl: "https://me:Sup3rS3cret@x.example" }),
    ],
    "a time-out": [
      "timeout",
      () =>
        listManagedRunners({
          fetch: () => new Promise(() => {}),
          baseUrl: origin(),
          token: SECRET,
          timeout: 5,
          maxRetries: 0,
        }),
    ],
    "a token function's time-out": [
      "timeout",
      () =>
        listManagedRunners({
          fetch,
          baseUrl: origin(),
          token: () => new Promise(() => {}),
          timeout: 5,
          maxRetries: 0,
        }),
    ],
    "no answer at all": [
      "connection_failed",
      () => listManagedRunners({ fetch: () => undefined, baseUrl: origin(), token: SECRET, maxRetries: 0 }),
    ],
    "a checkpoint that is a token": [
      "invalid_options",
      async () => new ComfyControl({ fetch, token: SECRET }).iterateManagedRunners({ resumeFrom: SECRET }),
    ],
  };
  for (const [what, [code, run]] of Object.entries(CASES)) {
    test(what, async () => {
      const error = await thrown(run());
      assert.equal(error.code, code);
      keeps(error);
    });
  }

  const WRONG_PLACES = {
    "a token instead of options": [() => listManagedRunners("cfc_Sup3rS3cret")],
    "a token instead of a client's options": [async () => new ComfyControl("cfc_Sup3rS3cret")],
    "a token instead of an id": [() => getManagedRunner("cfc_Sup3rS3cret", { fetch })],
    "a token as the base URL": [() => listManagedRunners({ fetch, baseUrl: "cfc_Sup3rS3cret" })],
    "a token as an option's name": [() => listManagedRunners({ fetch, cfc_Sup3rS3cret: true })],
    "a long password in a base URL": [
      () => listManagedRunners({ fetch, baseUrl: `https://me:${"Sup3rS3cret".repeat(9)}@x.example` }),
    ],
    "a password with a slash in a base URL": [
      () => listManagedRunners({ fetch, baseUrl: "https://me:Sup3r/S3cret@x.example y" }),
    ],
    "a password in a base URL without slashes": [
      () => listManagedRunners({ fetch, baseUrl: "https:me:Sup3rS3cret@x.example" }),
    ],
  };
  for (const [what, [run]] of Object.entries(WRONG_PLACES)) {
    test(`in the wrong place: ${what}`, async () => keeps(await thrown(run())));
  }
});

test("events show no token that is in the base URL, too", async () => {
  const events = [];
  const token = "cfc_Sup3rS3cret";
  const onEvent = (event) => events.push(event.path);
  await listManagedRunners({ baseUrl: `${origin()}/${token}`, token, fetch: memory().fetch, onEvent });
  assert.deepEqual(events, ["/[token]/v1/managed-runner", "/[token]/v1/managed-runner"]);
});

test("the global fetch does not find the host of a redirect, which has the token in it", async (t) => {
  const host = `${SECRET.toLowerCase()}.invalid`;
  t.mock.method(globalThis, "fetch", async () => {
    const one = Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), {
      code: "ENOTFOUND",
      hostname: host,
    });
    const cause = new AggregateError([one], host, { cause: one });
    throw new TypeError("fetch failed", { cause });
  });
  const error = await thrown(listManagedRunners({ baseUrl: origin(), token: SECRET, maxRetries: 0 }));
  assert.equal(error.code, "connection_failed");
  assert.match(error.message, /fetch failed/);
  assert.doesNotMatch(inspect(error, { depth: 9, showHidden: true }), new RegExp(SECRET, "i"));
  keeps(error);
});

test("the replaced global fetch throws what cannot be read: the call fails at once, and nothing else", async (t) => {
  const unreadable = Object.defineProperty(new TypeError("fetch failed"), "cause", {
    get: () => {
      throw new Error("no");
    },
  });
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  for (const thrownValue of [unreadable, revoked.proxy, "text", undefined]) {
    const fetch = t.mock.method(globalThis, "fetch", () => Promise.reject(thrownValue));
    const error = await thrown(listManagedRunners({ baseUrl: origin(), token: SECRET, maxRetries: 0 }));
    fetch.mock.restore();
    assert.equal(error.code, "connection_failed");
  }
});

suite("what a caller's own functions throw", () => {
  const leak = () => new Error(`Bearer ${SECRET}`, { cause: { headers: SECRET } });

  test("is the cause as it is, and nothing else of the error has it", async () => {
    for (const make of [
      leak,
      () => SECRET,
      () => ({ message: SECRET, code: SECRET }),
      () => Object.assign(new TypeError("x"), { cause: leak() }),
    ]) {
      const given = make();
      for (const fetch of [
        () => Promise.reject(given),
        () => {
          throw given;
        },
        async () => new Response(new ReadableStream({ pull: (stream) => stream.error(given) })),
      ]) {
        const seen = [];
        const error = await thrown(
          listManagedRunners({
            fetch,
            baseUrl: origin(),
            token: SECRET,
            maxRetries: 0,
            onEvent: (event) => seen.push(event),
          }),
        );
        assert.ok(Object.is(error.cause, given));
        Object.defineProperty(error, "cause", { value: undefined });
        for (const value of [error, ...seen]) keeps(value);
      }
    }
    const given = leak();
    const error = await thrown(
      listManagedRunners({
        fetch: memory().fetch,
        baseUrl: origin(),
        token: () => {
          throw given;
        },
      }),
    );
    assert.equal(error.cause, given);
    Object.defineProperty(error, "cause", { value: undefined });
    keeps(error);
  });

  test("is reported as it is where it is a listener's, and nothing is added to it", async (t) => {
    const consoled = [];
    for (const method of ["log", "info", "warn", "error", "debug", "trace"])
      t.mock.method(console, method, (...args) => consoled.push(...args));
    const own = new Error("a listener's own");
    const options = {
      fetch: memory(() => refusal(401, {}, SECRET)).fetch,
      baseUrl: origin(),
      token: SECRET,
      onEvent: () => {
        throw own;
      },
    };
    keeps(await thrown(listManagedRunners(options)));
    assert.deepEqual(consoled, [own]);
    keeps(consoled);
  });
});

suite("what the runtime's own fetch throws", () => {
  for (const [what, bytes] of Object.entries(broken(SECRET))) {
    test(`after a server gave the token back as ${what}`, async () => {
      const server = await rawServer((socket) => socket.end(bytes, "latin1"));
      const error = await thrown(
        listManagedRunners({ baseUrl: server.url, token: SECRET, maxRetries: 0, timeout: 5000 }),
      );
      assert.match(server.heads[0], /Sup3r/, "the server knows it");
      assert.equal(error.code, "connection_failed");
      keeps(error);
    });
  }
});

test("a process that fails in all these ways, and at last by a rejection nobody handles, prints nothing of the token", async () => {
  const program = fileURLToPath(new URL("support/failing.mjs", import.meta.url));
  const env = { ...process.env, COMFYCONTROL_TOKEN: SECRET };
  for (const flags of [
    ["--trace-warnings"],
    ["--trace-uncaught", "--unhandled-rejections=strict"],
    ["--unhandled-rejections=warn"],
  ]) {
    const { code, stdout, stderr } = await promisify(execFile)(process.execPath, [...flags, program], {
      env,
      maxBuffer: 2 ** 26,
    }).then(
      (result) => ({ code: 0, ...result }),
      (error) => error,
    );
    assert.equal(code, flags.at(-1).endsWith("warn") ? 0 : 1);
    assert.match(stdout, /^\d+ failures\n$/m);
    assert.match(stderr, /comfycontrol\/unauthorized/);
    assert.deepEqual(reveals(stdout + stderr), []);
  }
});

test("nothing of all this made a warning of the process that has it", () => {
  for (const warning of warnings) keeps(warning);
});

closing();
