// Options are checked before any request. Every error names the option, what was expected and what was given.

import assert from "node:assert/strict";
import { test } from "node:test";

// Made by hand where the URL that `fetch` was given is looked at.
import { memory, origin, RUNNER } from "./support/memory.mjs";
import {
  ComfyControl,
  getManagedRunner,
  isComfyControlError,
  listManagedRunners,
  matchRunners,
} from "./support/package.mjs";
import { createEmulator, fakeRunner } from "./support/testing.mjs";
import { thrown } from "./support/watch.mjs";

const PAGE = "an integer from 1 to 4294967295";
const MS = "a whole number of milliseconds from 1 to 2147483647";

/** Options of a free function, and the expected message. */
const BAD = [
  [{ page: 0 }, `page: expected ${PAGE}, got 0`],
  [{ page: -1 }, `page: expected ${PAGE}, got -1`],
  [{ page: 1.5 }, `page: expected ${PAGE}, got 1.5`],
  [{ page: NaN }, `page: expected ${PAGE}, got NaN`],
  [{ page: Infinity }, `page: expected ${PAGE}, got Infinity`],
  [{ page: 2 ** 32 }, `page: expected ${PAGE}, got 4294967296`],
  [{ page: "2" }, `page: expected ${PAGE}, got "2"`],
  [{ page: null }, `page: expected ${PAGE}, got null`],
  [{ page: [2] }, `page: expected ${PAGE}, got an array`],
  [{ page: { valueOf: () => 2 } }, `page: expected ${PAGE}, got an object`],
  [{ page: 2n }, `page: expected ${PAGE}, got 2n (a bigint)`],
  [{ page: Symbol("2") }, `page: expected ${PAGE}, got a symbol`],
  [{ page: true }, `page: expected ${PAGE}, got true`],
  [{ page: Promise.resolve(2) }, `page: expected ${PAGE}, got a promise`],
  [{ perPage: 0 }, "perPage: expected an integer from 1 to 100, got 0"],
  [{ perPage: 101 }, "perPage: expected an integer from 1 to 100, got 101"],
  [{ timeout: 0 }, `timeout: expected ${MS}, got 0`],
  [{ timeout: 2 ** 31 }, `timeout: expected ${MS}, got 2147483648`],
  [{ maxRetries: -1 }, "maxRetries: expected an integer from 0 to 10, got -1"],
  [{ maxRetries: 11 }, "maxRetries: expected an integer from 0 to 10, got 11"],
  [{ signal: new AbortController() }, "signal: expected an AbortSignal, got an object"],
  [{ signal: null }, "signal: expected an AbortSignal, got null"],
  [{ fetch: "fetch" }, 'fetch: expected a function, got "fetch"'],
  [{ onEvent: {} }, "onEvent: expected a function, got an object"],
  [{ onInvalidRunner: 1 }, "onInvalidRunner: expected a function, got 1"],
  [{ token: 7 }, "token: expected a string or a function, got 7"],
  [{ token: "" }, "token: expected a token, got an empty string"],
  [{ rateLimit: true }, "rateLimit: expected { requests, windowMs } or false, got true"],
  [{ rateLimit: {} }, "rateLimit.requests: expected an integer from 1 to 1000000, got undefined"],
  [
    { rateLimit: { requests: 0, windowMs: 1 } },
    "rateLimit.requests: expected an integer from 1 to 1000000, got 0",
  ],
  [
    { rateLimit: { requests: 1, windowMs: 0 } },
    "rateLimit.windowMs: expected a whole number of milliseconds from 1 to 86400000, got 0",
  ],
  [{ rateLimit: { requests: 1, window: 1 } }, 'unknown option "window"; did you mean "windowMs"?'],
  [{ baseUrl: 7 }, "baseUrl: expected a string, got 7"],
  [{ baseUrl: "" }, 'baseUrl: expected an http(s) URL, or a path such as "/api", got ""'],
  [
    { baseUrl: "ftp://example.org" },
    'baseUrl: expected an http(s) URL, or a path such as "/api", got "ftp://example.org"',
  ],
  [{ baseUrl: "https://" }, 'baseUrl: expected an http(s) URL, or a path such as "/api", got "https://"'],
  [
    { baseUrl: "https://a b" },
    'baseUrl: expected an http(s) URL, or a path such as "/api", got "https://a b"',
  ],
  [
    { baseUrl: "https://example.org/?key=secret" },
    'baseUrl: expected a URL without query and fragment, got "https://example.org/…"',
  ],
  [
    { baseUrl: "https://me:secret@example.org" },
    'baseUrl: expected a URL without user name and password, got "https://…@example.org"',
  ],
  [{ per_page: 10 }, 'unknown option "per_page"; did you mean "perPage"?'],
  [{ Page: 1 }, 'unknown option "Page"; did you mean "page"?'],
  [{ limit: 10 }, 'unknown option "limit"; did you mean "perPage"?'],
  [{ apiKey: "x" }, 'unknown option "apiKey"; did you mean "token"?'],
  [{ basUrl: "x" }, 'unknown option "basUrl"; did you mean "baseUrl"?'],
  [
    { colour: 1 },
    'unknown option "colour"; known options are signal, timeout, maxRetries, coalesce, totalTimeout, priority, page, perPage, token, allowInsecureToken, baseUrl, fetch, headers, fetchOptions, rateLimit, onEvent, onInvalidRunner',
  ],
  [null, "options: expected an object, got null"],
  [[], "options: expected an object, got an array"],
  ["page=2", 'options: expected an object, got "page=2"'],
  [2, "options: expected an object, got 2"],
  [() => ({}), "options: expected an object, got a function"],
];

test("a bad option is refused before any request, in words", async () => {
  const api = createEmulator();
  for (const [options, message] of BAD) {
    const plain = typeof options === "object" && options !== null && !Array.isArray(options);
    const given = plain ? { fetch: api.fetch, baseUrl: api.baseUrl, ...options } : options;
    const error = await thrown(listManagedRunners(given));
    assert.ok(isComfyControlError(error, "invalid_options"), message);
    assert.equal(error.message, `${message} (comfycontrol/invalid_options)`);
    assert.equal(error.retryable, false);
    assert.equal(error.status, undefined);
  }
  assert.equal(api.requests.length, 0);
});

test("a getter that throws is named, and what it threw is the cause", async () => {
  const reason = new Error("no");
  const options = {
    get perPage() {
      throw reason;
    },
  };
  const error = await thrown(listManagedRunners(options));
  assert.equal(
    error.message,
    "perPage: expected a value, got a getter that throws (comfycontrol/invalid_options)",
  );
  assert.equal(error.cause, reason);
});

test("an object that throws at every touch is refused, too", async () => {
  const trap = () => {
    throw "touched";
  };
  const handler = Object.fromEntries(
    ["get", "has", "ownKeys", "getPrototypeOf", "getOwnPropertyDescriptor"].map((name) => [name, trap]),
  );
  for (const options of [
    new Proxy({}, handler),
    { rateLimit: new Proxy({}, handler) },
    { signal: new Proxy({}, handler) },
  ]) {
    assert.equal((await thrown(listManagedRunners(options))).code, "invalid_options");
  }
});

test("every option is read once, and later changes to it change nothing", async () => {
  let reads = 0;
  const { fetch, requests } = memory();
  const options = {
    fetch,
    baseUrl: origin(),
    get page() {
      return (reads += 1);
    },
  };
  const call = listManagedRunners(options);
  options.fetch = undefined;
  await call;
  assert.equal(reads, 1);
  assert.match(requests[0].url, /\?page=1&per_page=10$/);

  const rateLimit = { requests: 7, windowMs: 1000 };
  const client = new ComfyControl({ baseUrl: origin(), fetch, rateLimit });
  rateLimit.requests = 1;
  assert.equal(client.rateLimit.limit, 7);
});

test("undefined counts as not given, and nothing is taken from Object.prototype", async () => {
  const { fetch, requests } = memory();
  Object.prototype.page = 9;
  try {
    await listManagedRunners({
      fetch,
      baseUrl: origin(),
      perPage: undefined,
      token: undefined,
      signal: undefined,
    });
  } finally {
    delete Object.prototype.page;
  }
  assert.match(requests[0].url, /\?page=1&per_page=10$/);
});

test("the URL has the base's path, the page and its size, and nothing else", async () => {
  const cases = [
    [
      "https://HOST.example",
      { page: 3, perPage: 100 },
      "https://host.example/v1/managed-runner?page=3&per_page=100",
    ],
    [
      "https://host.example:8443/a/B/",
      {},
      "https://host.example:8443/a/B/v1/managed-runner?page=1&per_page=10",
    ],
    ["http://[::1]:8787", {}, "http://[::1]:8787/v1/managed-runner?page=1&per_page=10"],
  ];
  for (const [baseUrl, options, url] of cases) {
    const { fetch, requests } = memory();
    await listManagedRunners({ baseUrl, fetch, ...options });
    assert.equal(requests[0].url, url);
  }
});

test("a client's constructor checks at once, and its methods take the call's options only", async () => {
  assert.throws(() => new ComfyControl({ timeout: 0 }), { code: "invalid_options" });
  assert.throws(() => new ComfyControl({ page: 1 }), {
    code: "invalid_options",
    message: /unknown option "page"/,
  });
  const client = new ComfyControl({ ...createEmulator().clientOptions });
  assert.match((await thrown(client.listManagedRunners({ token: "x" }))).message, /^unknown option "token"/);
  assert.match(
    (await thrown(client.getManagedRunner(RUNNER.id, { page: 1 }))).message,
    /^unknown option "page"/,
  );
});

test("a call's own timeout and maxRetries win over the client's", async () => {
  const api = createEmulator();
  api.failNext({ status: 500, times: Infinity });
  const client = new ComfyControl({ ...api.clientOptions, maxRetries: 3 });
  await thrown(client.listManagedRunners({ maxRetries: 0 }));
  assert.equal(api.requests.length, 1);
});

test("an id is a UUID, in either case", async () => {
  const runner = fakeRunner();
  const api = createEmulator({ runners: [runner] });
  for (const id of ["7", "", undefined, null, {}, `${runner.id}/x`, "../managed-runner"]) {
    assert.match(
      (await thrown(getManagedRunner(id, api.clientOptions))).message,
      /^id: expected a UUID, got /,
    );
  }
  assert.equal(api.requests.length, 0);
  assert.deepEqual(await getManagedRunner(runner.id.toUpperCase(), api.clientOptions), runner);
  assert.equal(api.requests[0].id, runner.id.toUpperCase());
});

test("matchRunners: runners that carry all the tags, and those without any; case-sensitive, in order", () => {
  const runners = [["gpu", "eu"], ["gpu"], [], ["GPU", "EU"], ["eu", "gpu", "x"]].map((tags, index) => ({
    ...RUNNER,
    name: String(index),
    tags,
  }));
  const names = (...tags) =>
    matchRunners(runners, tags)
      .map(({ name }) => name)
      .join("");
  assert.equal(names("gpu", "eu"), "024");
  assert.equal(names("EU"), "23");
  assert.equal(names("nowhere"), "2");
  assert.equal(names(), "01234");
  assert.equal(names("eu", "eu"), "024");
  assert.equal(matchRunners(runners, ["eu"])[0], runners[0], "the same objects");
  assert.deepEqual(matchRunners([], ["eu"]), []);
});

test("matchRunners refuses anything but arrays of runners and of strings", () => {
  const cases = [
    [undefined, [], "runners: expected an array, got undefined"],
    [[], "eu", 'requiredTags: expected an array, got "eu"'],
    [[], ["eu", 7], "requiredTags[1]: expected a string, got 7"],
    [[RUNNER, {}], [], "runners[1].tags: expected an array, got undefined"],
    [[null], [], "runners[0].tags: expected an array, got undefined"],
  ];
  for (const [runners, tags, message] of cases) {
    assert.throws(() => matchRunners(runners, tags), {
      code: "invalid_options",
      message: `${message} (comfycontrol/invalid_options)`,
    });
  }
});
