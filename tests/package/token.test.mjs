// Where the token comes from and where it goes. It appears nowhere else.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { inspect, promisify } from "node:util";

import { startEmulator, TOKEN } from "./support/emulator.mjs";
// Made by hand where the headers are looked at, which the emulator does not record.
import { answer, memory, origin, refusal, RUNNER } from "./support/memory.mjs";
import { ComfyControl, entry, getManagedRunner, listManagedRunners } from "./support/package.mjs";
import { noUnhandledRejections, thrown } from "./support/watch.mjs";

const closing = noUnhandledRejections();
const bearer = ({ init }) => init.headers.authorization;

test("a string, a function or an async function gives the token, asked before every request", async () => {
  let asked = 0;
  for (const token of ["cfc_1", () => `cfc_${(asked += 1)}`, async () => `cfc_${(asked += 1)}`]) {
    asked = 0;
    const { fetch, requests } = memory();
    const client = new ComfyControl({ baseUrl: origin(), fetch, token });
    await client.listManagedRunners();
    await client.listManagedRunners();
    assert.deepEqual(requests.map(bearer), [
      "Bearer cfc_1",
      typeof token === "string" ? "Bearer cfc_1" : "Bearer cfc_2",
    ]);
  }
});

test("a request has no header but Accept and Authorization, and the latter only with a token", async () => {
  const { fetch, requests } = memory();
  await listManagedRunners({ baseUrl: origin(), fetch });
  await listManagedRunners({ baseUrl: origin(), fetch, token: TOKEN });
  assert.deepEqual(
    requests.map(({ init }) => init.headers),
    [{ accept: "application/json" }, { accept: "application/json", authorization: "Bearer cfc_demo" }],
  );
  assert.deepEqual(Object.keys(requests[1].init).sort(), ["headers", "signal"]);
});

test("a token function is asked once more after a 401, and the call repeated once", async () => {
  const emulator = await startEmulator();
  const tokens = ["cfc_expired", TOKEN];
  const client = new ComfyControl({ baseUrl: emulator.url, token: () => tokens.shift() });
  assert.equal((await client.listManagedRunners()).total, 250);
  assert.equal((await emulator.stats()).requests, 2);

  const cases = [
    ["cfc_wrong", 1],
    [() => "cfc_wrong", 2],
    [async () => "cfc_expired", 2],
  ];
  for (const [token, count] of cases) {
    await emulator.fresh();
    assert.equal((await thrown(listManagedRunners({ baseUrl: emulator.url, token }))).code, "unauthorized");
    assert.equal((await emulator.stats()).requests, count);
  }
});

test("a token function that throws, gives no string, or never settles ends in an error of its own", async () => {
  const { fetch, requests } = memory();
  const options = { baseUrl: origin(), fetch, timeout: 30 };
  const cause = { anything: true };
  for (const token of [
    () => {
      throw cause;
    },
    () => Promise.reject(cause),
  ]) {
    const error = await thrown(listManagedRunners({ ...options, token }));
    assert.deepEqual(
      [error.code, error.message, error.cause],
      [
        "invalid_options",
        "token: expected a function that returns a token, got one that throws (comfycontrol/invalid_options)",
        cause,
      ],
    );
  }
  for (const [given, words] of [
    [undefined, "undefined"],
    [null, "null"],
    [7, "7"],
    [{}, "an object"],
    ["", "an empty string"],
  ]) {
    const error = await thrown(listManagedRunners({ ...options, token: () => given }));
    assert.equal(error.code, "invalid_options");
    assert.ok(error.message.includes(`got ${words} (`), error.message);
  }
  const error = await thrown(listManagedRunners({ ...options, token: () => new Promise(() => {}) }));
  assert.deepEqual(
    [error.code, error.message],
    ["timeout", "token: the function returned no token within 30 ms (comfycontrol/timeout)"],
  );
  assert.equal(requests.length, 0);
});

test("a token is sent over https and to loopback hosts only", async () => {
  const token = "cfc_Sup3rS3cret";
  for (const host of [
    "api.example",
    "127.0.0.1.example",
    "localhost.example",
    "10.0.0.1",
    "[::2]",
    "128.0.0.1",
    "0.0.0.0",
  ]) {
    const { fetch, requests } = memory();
    for (const given of [token, () => token]) {
      const error = await thrown(listManagedRunners({ baseUrl: `http://${host}`, fetch, token: given }));
      assert.equal(error.code, "invalid_options");
      assert.match(error.message, /^baseUrl: expected https, since a token is never sent over plain http/);
    }
    assert.throws(() => new ComfyControl({ baseUrl: `http://${host}`, token }), { code: "invalid_options" });
    assert.equal(requests.length, 0);
    await listManagedRunners({ baseUrl: `http://${host}`, fetch });
    assert.equal(bearer(requests[0]), undefined);
  }
  for (const host of [
    "localhost",
    "LOCALHOST:1",
    "dashboard.localhost",
    "127.0.0.1:8787",
    "127.9.9.9",
    "[::1]:80",
  ]) {
    const { fetch, requests } = memory();
    await listManagedRunners({ baseUrl: `http://${host}`, fetch, token });
    assert.equal(bearer(requests[0]), `Bearer ${token}`);
  }
});

test("a token that a header cannot carry is refused without being printed", async () => {
  for (const odd of [" ", "\n", "\r\nx: y", "\t", "ü", "\u0000", "\u007f", "😀", "\ud800"]) {
    for (const token of [`cfc_Sup3r${odd}S3cret`, () => `cfc_Sup3r${odd}S3cret`]) {
      const error = await thrown(listManagedRunners({ baseUrl: origin(), fetch: memory().fetch, token }));
      assert.equal(
        error.message,
        "token: expected only visible ASCII characters, since a header can carry no others, got one with another character at position 10 (comfycontrol/invalid_options)",
      );
      assert.doesNotMatch(inspect(error, { depth: 9, showHidden: true }), /Sup3r|S3cret/);
    }
  }
});

/** The environment, `[what it does, variables, options, what is sent or the message]`. */
const ENVIRONMENTS = [
  [
    "gives token and base URL",
    { COMFYCONTROL_TOKEN: "cfc_env", COMFYCONTROL_BASE_URL: "https://env.example/x/" },
    {},
    "https://env.example/x/v1/managed-runner Bearer cfc_env",
  ],
  [
    "may be empty: the documented address without a token",
    { COMFYCONTROL_TOKEN: "", COMFYCONTROL_BASE_URL: "" },
    {},
    "https://api.comfycontrol.app/v1/managed-runner undefined",
  ],
  [
    "is outdone by options",
    { COMFYCONTROL_TOKEN: "cfc_env", COMFYCONTROL_BASE_URL: "https://env.example" },
    { token: "cfc_own", baseUrl: "https://own.example" },
    "https://own.example/v1/managed-runner Bearer cfc_own",
  ],
  [
    "is named where it is wrong, and a token not shown",
    { COMFYCONTROL_TOKEN: "cfc env" },
    {},
    "COMFYCONTROL_TOKEN: expected only visible ASCII characters, since a header can carry no others, got one with another character at position 4 (comfycontrol/invalid_options)",
  ],
  [
    "is named where the base URL is wrong",
    { COMFYCONTROL_BASE_URL: "api.example" },
    {},
    'COMFYCONTROL_BASE_URL: expected an http(s) URL, or a path such as "/api", got "api.example" (comfycontrol/invalid_options)',
  ],
];

/** What a call with these options sends, or the message it fails with. */
async function sent(options) {
  const { fetch, requests } = memory();
  const failed = await listManagedRunners({ fetch, ...options }).then(
    () => undefined,
    (error) => error.message,
  );
  return failed ?? `${requests[0].url.replace(/\?.*/, "")} ${bearer(requests[0])}`;
}

for (const [what, env, options, expected] of ENVIRONMENTS) {
  test(`the environment ${what}`, async () => {
    Object.assign(process.env, env);
    const call = sent(options);
    for (const name of Object.keys(env)) delete process.env[name];
    assert.equal(await call, expected);
  });
}

test("an environment that the runtime does not have, or refuses to show, is no error", async (t) => {
  const documented = "https://api.comfycontrol.app/v1/managed-runner undefined";
  const real = process;
  const refusing = {
    get env() {
      throw new Error("NotCapable: Requires env access");
    },
  };
  for (const value of [undefined, {}, { env: undefined }, refusing]) {
    t.after(() =>
      Object.defineProperty(globalThis, "process", { value: real, configurable: true, writable: true }),
    );
    Object.defineProperty(globalThis, "process", { value, configurable: true });
    // Options are read at once.
    const call = sent({});
    Object.defineProperty(globalThis, "process", { value: real, configurable: true, writable: true });
    assert.equal(await call, documented);
  }
});

test("the environment of a fresh process reaches its first call", async () => {
  const script = `import { listManagedRunners } from ${JSON.stringify(entry)};
    const fetch = async (url, { headers }) => {
      console.log(url.split("?")[0], headers.authorization);
      return new Response('{"runners":[],"total":0}');
    };
    await listManagedRunners({ fetch });`;
  const env = { ...process.env, COMFYCONTROL_TOKEN: "cfc_env", COMFYCONTROL_BASE_URL: "https://env.example" };
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
    env,
  });
  assert.equal(stdout, "https://env.example/v1/managed-runner Bearer cfc_env\n");
});

test("a relative base URL belongs to the page, with or without a token; without a page it says why it cannot", async () => {
  assert.equal(
    await sent({ baseUrl: "/api" }),
    "/api/v1/managed-runner undefined",
    "with a fetch of one's own",
  );
  for (const [href, token, expected] of [
    ["https://dashboard.example/x?y", undefined, "https://dashboard.example/api/v1/managed-runner undefined"],
    [
      "http://dashboard.example:8080/",
      undefined,
      "http://dashboard.example:8080/api/v1/managed-runner undefined",
    ],
    [
      "https://dashboard.example/",
      "cfc_own",
      "https://dashboard.example/api/v1/managed-runner Bearer cfc_own",
    ],
  ]) {
    globalThis.location = new URL(href);
    const call = sent({ baseUrl: "/api/", token });
    delete globalThis.location;
    assert.equal(await call, expected);
  }
});

test("the token is in no error, event, issue, inspection or serialisation, even if the server echoes it", async () => {
  // Long, and with characters that JSON escapes.
  const SECRETS = [
    "cfc_Sup3rS3cretT0ken",
    `cfc_${"Sup3rS3cretT0ken".repeat(12)}`,
    'cfc_"Sup3r\\S3cret/T0ken"',
  ];
  const everything = [];
  for (const secret of SECRETS) {
    const text = `${"x".repeat(290)}${secret}`;
    const echoes = [
      () => refusal(401, {}, `Invalid token ${secret}`),
      () => refusal(400, {}, text),
      () => refusal(429, { "retry-after": "9999", "content-type": secret }, `${secret}${secret}`),
      () => refusal(500, {}, `${secret}/${secret}`),
      () => answer({ runners: [], total: secret }),
      () =>
        answer({
          runners: [
            { ...RUNNER, id: `id of ${secret}` },
            { ...RUNNER, created_at: secret },
          ],
          total: 2,
        }),
      () => answer(`<html>Bearer ${secret}`, { headers: { "content-type": `text/html; ${secret}` } }),
      () => Promise.reject(new TypeError(`bad header Bearer ${secret}`)),
      () => Promise.reject(`bad header Bearer ${secret}`),
      () => {
        throw Object.assign(new Error("x"), { cause: new Error(text) });
      },
    ];
    for (const echo of echoes) {
      const note = (value) => void everything.push(value);
      for (const token of [secret, () => secret]) {
        const options = { baseUrl: origin(), fetch: memory(echo).fetch, token, maxRetries: 0, onEvent: note };
        const client = new ComfyControl(options);
        everything.push(client);
        for (const call of [
          listManagedRunners(options),
          client.getManagedRunner(RUNNER.id),
          new ComfyControl({ ...options, onInvalidRunner: note }).listManagedRunners(),
          getManagedRunner(RUNNER.id, { ...options, signal: AbortSignal.abort(new Error("x")) }),
        ]) {
          // If the caller's own `fetch` throws the token, it becomes the error's cause unchanged.
          note(
            await call.catch((error) =>
              "cause" in error ? Object.defineProperty(error, "cause", { value: undefined }) : error,
            ),
          );
        }
      }
    }
  }
  assert.ok(everything.length > 400);
  for (const value of everything) {
    const clone = value instanceof ComfyControl ? undefined : structuredClone(value);
    const shown = [
      inspect(value, { depth: 9, showHidden: true }),
      JSON.stringify(value),
      String(value),
      String(value?.stack),
      inspect(clone),
      JSON.stringify(Object.getOwnPropertyDescriptors(value ?? {})),
    ].join("\n");
    assert.ok(!shown.includes("Sup3r"), shown.slice(0, 2000));
  }
});

test("a client shows its name and nothing else", () => {
  const client = new ComfyControl({ token: "cfc_Sup3rS3cret", baseUrl: "https://x.example" });
  assert.equal(inspect(client), "ComfyControl {}");
  assert.equal(JSON.stringify(client), "{}");
  assert.deepEqual(Object.keys(client), []);
  assert.doesNotMatch(inspect(client, { showHidden: true, depth: 9 }), /Sup3r/);
});

closing();
