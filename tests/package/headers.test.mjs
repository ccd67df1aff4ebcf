// The options `headers` and `fetchOptions`, which add to each request.

import assert from "node:assert/strict";
import { test } from "node:test";

import { memory, origin } from "./support/memory.mjs";
import { ComfyControl, getManagedRunner, listManagedRunners } from "./support/package.mjs";
import { noUnhandledRejections, thrown } from "./support/watch.mjs";

const closing = noUnhandledRejections();

test("headers go with every request, and cannot replace those of the package", async () => {
  const forms = [
    { "X-Team": "render", Accept: "text/html" },
    [
      ["x-team", "render"],
      ["ACCEPT", "text/html"],
    ],
    new Map([["X-TEAM", "render"]]),
    new Headers({ "x-team": "render" }),
  ];
  for (const headers of forms) {
    const { fetch, requests } = memory();
    const client = new ComfyControl({ fetch, baseUrl: origin(), token: "cfc_a", headers });
    await client.listManagedRunners();
    assert.deepEqual(
      { ...requests[0].init.headers },
      {
        accept: "application/json",
        authorization: "Bearer cfc_a",
        "x-team": "render",
      },
    );
  }
});

test("fetchOptions go into the second argument of fetch, and cannot replace its other members", async () => {
  const { fetch, requests } = memory();
  const fetchOptions = { credentials: "include", cache: "no-store", next: { revalidate: 60 } };
  await listManagedRunners({ fetch, baseUrl: origin(), fetchOptions });
  const { headers, signal, ...rest } = requests[0].init;
  assert.deepEqual(rest, fetchOptions);
  assert.ok(headers && signal);
});

test("without these options, the second argument has only two members", async () => {
  const { fetch, requests } = memory();
  await listManagedRunners({ fetch, baseUrl: origin(), headers: undefined, fetchOptions: undefined });
  assert.deepEqual(Object.keys(requests[0].init), ["headers", "signal"]);
});

test("later changes of the given objects have no effect", async () => {
  const { fetch, requests } = memory();
  const headers = { "x-team": "render" };
  const fetchOptions = { cache: "no-store" };
  const client = new ComfyControl({ fetch, baseUrl: origin(), headers, fetchOptions });
  headers["x-team"] = "other";
  fetchOptions.cache = "reload";
  await client.listManagedRunners();
  assert.equal(requests[0].init.headers["x-team"], "render");
  assert.equal(requests[0].init.cache, "no-store");
});

const WRONG = [
  [{ headers: "x" }, 'headers: expected an object, got "x"'],
  [{ headers: { "a b": "c" } }, 'headers: expected names that HTTP allows, got "a b"'],
  [
    { headers: { Authorization: "Bearer cfc_Sup3r" } },
    "headers: expected no authorization, which is the option `token`, got one",
  ],
  [
    { headers: { "X-Key": "Sup3r\n" } },
    'headers["x-key"]: expected a string that a header can carry, got something else',
  ],
  [
    { headers: { "X-Key": 5 } },
    'headers["x-key"]: expected a string that a header can carry, got something else',
  ],
  [{ fetchOptions: 5 }, "fetchOptions: expected an object, got 5"],
  ...["method", "body", "headers", "signal"].map((name) => [
    { fetchOptions: { [name]: "POST" } },
    `fetchOptions: expected no ${name}, which is set for each request, got one`,
  ]),
];
for (const [options, message] of WRONG) {
  test(`refused: ${JSON.stringify(options)}`, async () => {
    const { fetch, requests } = memory();
    const error = await thrown(listManagedRunners({ fetch, baseUrl: origin(), ...options }));
    assert.equal(error.code, "invalid_options");
    assert.equal(error.message, `${message} (comfycontrol/invalid_options)`);
    assert.doesNotMatch(error.message, /Sup3r/);
    assert.equal(requests.length, 0);
    assert.throws(() => new ComfyControl({ fetch, ...options }), { code: "invalid_options" });
  });
}

test("a dispatcher of another undici version fails after one attempt, and the error suggests a fix", async () => {
  const cause = Object.assign(new Error("invalid onRequestStart method"), { code: "UND_ERR_INVALID_ARG" });
  const { fetch, requests } = memory(() => Promise.reject(new TypeError("fetch failed", { cause })));
  const error = await thrown(
    getManagedRunner("018f9c3e-0000-7000-8000-00000000000a", {
      fetch,
      baseUrl: origin(),
      fetchOptions: { dispatcher: {} },
    }),
  );
  assert.equal(error.code, "connection_failed");
  assert.equal(error.retryable, false);
  assert.match(error.message, /of another undici than this fetch: give the option `fetch`/);
  assert.equal(error.cause.cause.cause, cause);
  assert.equal(requests.length, 1);
});

closing();
