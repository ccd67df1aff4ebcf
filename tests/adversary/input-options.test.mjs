// Options in every form that JavaScript allows: read by name, each once, and refused with a message. Other calls go on.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import vm from "node:vm";

import { answer, memory, origin, RUNNER } from "../package/support/memory.mjs";
import {
  ComfyControl,
  getManagedRunner,
  listManagedRunners,
  matchRunners,
} from "../package/support/package.mjs";
import { noUnhandledRejections } from "../package/support/watch.mjs";
import { fails, offline, revoked, trapped } from "./support/hostile.mjs";

const closing = noUnhandledRejections();
const CLIENT = [
  "token",
  "allowInsecureToken",
  "baseUrl",
  "timeout",
  "maxRetries",
  "coalesce",
  "fetch",
  "headers",
  "fetchOptions",
  "rateLimit",
  "onEvent",
  "onInvalidRunner",
];
const CALL = ["signal", "timeout", "maxRetries", "coalesce", "totalTimeout", "priority"];
/** Functions that take options, with the names of their options. `fetch` counts the requests. */
const TAKERS = {
  listManagedRunners: [
    [...new Set([...CALL, "page", "perPage", ...CLIENT])],
    (options) => listManagedRunners(options),
  ],
  getManagedRunner: [[...new Set([...CALL, ...CLIENT])], (options) => getManagedRunner(RUNNER.id, options)],
  "new ComfyControl": [CLIENT, async (options) => new ComfyControl(options)],
  "client.listManagedRunners": [
    [...CALL, "page", "perPage"],
    (options, client) => client.listManagedRunners(options),
  ],
  "client.getManagedRunner": [CALL, (options, client) => client.getManagedRunner(RUNNER.id, options)],
  "client.collectManagedRunners": [
    [...CALL, "perPage", "concurrency", "limit", "consistency", "resumeFrom", "onProgress"],
    (options, client) => client.collectManagedRunners(options),
  ],
  "client.watchManagedRunners": [
    [...CALL, "perPage", "interval", "background", "everyReading"],
    async (options, client) => {
      const changes = client.watchManagedRunners(options);
      await changes.next();
      await changes.return();
    },
  ],
};
const VALUES = {
  page: 1,
  perPage: 10,
  timeout: 500,
  maxRetries: 1,
  coalesce: false,
  totalTimeout: 5000,
  priority: "high",
  headers: { "x-team": "render" },
  fetchOptions: { cache: "no-store" },
  limit: 10,
  background: false,
  concurrency: 2,
  consistency: "detect",
  interval: 1000,
  everyReading: false,
  token: "cfc_x",
  allowInsecureToken: false,
  rateLimit: { requests: 5, windowMs: 50 },
  onEvent() {},
  onInvalidRunner() {},
  onProgress() {},
};
/** Answers every request. */
const fetch = async (url) => answer(url.includes("?") ? { runners: [RUNNER], total: 1 } : RUNNER);
const values = () => ({ ...VALUES, fetch, baseUrl: origin(), signal: new AbortController().signal });

for (const [name, [names, call]] of Object.entries(TAKERS)) {
  test(`${name} reads each of its options once, in whatever order, and never again`, async () => {
    const given = values();
    const reads = {};
    const target = Object.fromEntries(names.map((option) => [option, given[option]]));
    const handler = {
      get: (object, option, receiver) => (
        (reads[option] = (reads[option] ?? 0) + 1),
        Reflect.get(object, option, receiver)
      ),
    };
    await call(new Proxy(target, handler), new ComfyControl({ fetch, baseUrl: origin() }));
    assert.deepEqual(reads, Object.fromEntries(names.map((option) => [option, 1])));
  });

  test(`${name} names an option that cannot be read, whichever it is, and sends nothing`, async () => {
    const { fetch, requests } = memory();
    const client = new ComfyControl({ fetch, baseUrl: origin() });
    for (const option of names) {
      const thrown = new Error(`the getter of ${option}`);
      const options = Object.defineProperty(
        { ...(names.includes("fetch") && { fetch, baseUrl: origin() }) },
        option,
        {
          enumerable: true,
          get() {
            throw thrown;
          },
        },
      );
      const error = await fails(
        "invalid_options",
        () => call(options, client),
        new RegExp(`^${option}: expected a value, got a getter that throws \\(`),
      );
      assert.equal(error.cause, thrown);
    }
    assert.equal(requests.length, 0);
  });

  test(`${name} refuses an option that throws at every touch, whichever it is`, async () => {
    for (const option of names) {
      // A proxy of an object is accepted as an object; then reading its members throws.
      await fails(
        "invalid_options",
        () => call({ [option]: trapped() }, new ComfyControl(offline())),
        new RegExp(`^(${option}|options|requests): expected `),
      );
    }
  });

  test(`${name} refuses a revoked proxy, for options and for each option`, async () => {
    await fails("invalid_options", () => call(revoked(), new ComfyControl(offline())));
    for (const option of names) {
      await fails(
        "invalid_options",
        () => call({ [option]: revoked() }, new ComfyControl(offline())),
        new RegExp(`^${option}: expected `),
      );
    }
  });
}

suite("an options object of any make is read by its names", () => {
  class Settings {
    static defaults = 3;
    get page() {
      return Settings.defaults;
    }
    get perPage() {
      return 20;
    }
  }
  const realm = vm.createContext();
  const cyclic = Object.defineProperty({ page: 3, perPage: 20 }, "self", { get: () => cyclic });
  const MAKES = {
    "without a prototype": Object.assign(Object.create(null), { page: 3, perPage: 20 }),
    "an instance of a class with getters": new Settings(),
    "inheriting from another object": Object.create({ page: 3, perPage: 20 }),
    frozen: Object.freeze({ page: 3, perPage: 20 }),
    "of another realm": vm.runInContext("({ page: 3, perPage: 20 })", realm),
    "a proxy of another realm": vm.runInContext("new Proxy({ page: 3, perPage: 20 }, {})", realm),
    "a proxy that says it has nothing": new Proxy(
      { page: 3, perPage: 20 },
      { ownKeys: () => [], has: () => false },
    ),
    "a proxy that invents its values": new Proxy({}, { get: (_, name) => ({ page: 3, perPage: 20 })[name] }),
    "with symbols for keys": {
      page: 3,
      perPage: 20,
      [Symbol("page")]: 4,
      [Symbol.iterator]: 5,
      [Symbol.toPrimitive]: 6,
    },
    "with itself in it": cyclic,
    "with members that are not enumerable": Object.defineProperties(
      { page: 3, perPage: 20 },
      { per_page: { value: 1 } },
    ),
    "an Error": Object.assign(new Error("x"), { page: 3, perPage: 20 }),
    "a Map, whose entries are no options": Object.assign(new Map([["page", 9]]), { page: 3, perPage: 20 }),
  };
  for (const [what, options] of Object.entries(MAKES)) {
    test(what, async () => {
      const { fetch, requests } = memory();
      const client = new ComfyControl({ fetch, baseUrl: origin() });
      await client.listManagedRunners(options);
      assert.match(requests[0].url, /\?page=3&per_page=20$/);
    });
  }
});

/** Values that are nearly numbers. */
const NUMBERS = [
  NaN,
  Infinity,
  -Infinity,
  1.5,
  -1,
  2 ** 53,
  Number.MIN_VALUE,
  1n,
  new Number(1),
  Object(1n),
  "1",
  new String("1"),
  [1],
  [[1]],
  new Date(1),
  true,
  new Boolean(true),
  Symbol("1"),
  { valueOf: () => 1 },
  { [Symbol.toPrimitive]: () => 1 },
  () => 1,
];
test("nothing but a whole number in range is one", async () => {
  const client = new ComfyControl(offline());
  for (const value of NUMBERS) {
    for (const option of ["page", "perPage", "timeout", "maxRetries"])
      await fails(
        "invalid_options",
        () => client.listManagedRunners({ [option]: value }),
        new RegExp(`^${option}: expected `),
      );
    for (const option of ["concurrency"])
      await fails(
        "invalid_options",
        () => client.iterateManagedRunners({ [option]: value }),
        new RegExp(`^${option}: expected `),
      );
    await fails(
      "invalid_options",
      () => client.watchManagedRunners({ interval: value }),
      /^interval: expected /,
    );
    for (const option of ["requests", "windowMs"])
      await fails(
        "invalid_options",
        () => new ComfyControl({ rateLimit: { requests: 1, windowMs: 1, [option]: value } }),
        new RegExp(`^rateLimit.${option}: expected `),
      );
  }
  assert.equal((await client.listManagedRunners({ maxRetries: -0 })).total, 0, "-0 is 0");
});

/** Values of other kinds, for options that are no numbers. */
const ODD = [
  null,
  0,
  1n,
  Symbol("x"),
  [],
  [() => {}],
  new Proxy([], {}),
  new Date(),
  Object.create(null),
  "",
  new String("x"),
  true,
];
test("nothing but a function is a function, nothing but a string a text, nothing but a signal a signal", async () => {
  const client = new ComfyControl(offline());
  for (const value of ODD) {
    for (const option of ["fetch", "onEvent", "onInvalidRunner", "token", "baseUrl", "signal"])
      await fails(
        "invalid_options",
        () => listManagedRunners(offline({ [option]: value })),
        new RegExp(`^${option}: expected `),
      );
    for (const option of ["consistency", "resumeFrom", "onProgress", "signal"])
      await fails(
        "invalid_options",
        () => client.iterateManagedRunners({ [option]: value }),
        new RegExp(`^${option}: expected `),
      );
    await fails("invalid_options", () => getManagedRunner(value, offline()), /^id: expected a UUID, got /);
  }
});

test("texts of 10 MB are refused or used, shown shortened, and not kept", async () => {
  const huge = "x".repeat(10 * 2 ** 20);
  const client = new ComfyControl(offline());
  const REFUSED = [
    ...["page", "baseUrl", "fetch", "rateLimit", "signal", "onEvent", huge].map(
      (option) => () => listManagedRunners(offline({ [option]: huge })),
    ),
    () => listManagedRunners(offline({ token: `${huge} ` })),
    () => listManagedRunners(offline({ baseUrl: `https://${huge}:x` })),
    () => listManagedRunners(huge),
    () => client.iterateManagedRunners({ resumeFrom: huge }),
    () => client.iterateManagedRunners({ consistency: huge }),
    () => getManagedRunner(huge, offline()),
    () => matchRunners(huge, []),
  ];
  const size = () => process.memoryUsage().rss / 2 ** 20;
  for (const run of REFUSED) await fails("invalid_options", run);
  const before = size();
  for (const run of REFUSED.slice(0, 5)) await fails("invalid_options", run);
  assert.ok(size() - before < 120, `${size() - before} MiB more when some of it is done again`);
  const { fetch, requests } = memory();
  await listManagedRunners({ fetch, baseUrl: `https://x.example/${huge}`, token: huge });
  assert.equal(requests[0].init.headers.authorization.length, huge.length + 7);
  assert.ok(requests[0].url.startsWith(`https://x.example/${huge}/v1/`));
});

test("a hundred thousand unknown options give one short message", async () => {
  const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, index]));
  await fails("invalid_options", () => listManagedRunners(many), /^unknown option "k0"; known options are /);
});

test("names that are not identifiers, or that garble a terminal, are shown on one line", async () => {
  for (const name of [
    "",
    " ",
    "\n\u001b[31m",
    "\u0000",
    "page\u200b",
    "__proto__x",
    "constructor",
    "\ud800",
    "😀".repeat(500),
  ]) {
    const error = await fails(
      "invalid_options",
      () => listManagedRunners(offline({ [name]: 1 })),
      /^unknown option "/,
    );
    assert.doesNotMatch(error.message, /[\u0000-\u001f\u007f]/);
  }
  // As JSON.parse makes it: a member of its own.
  await fails(
    "invalid_options",
    () => listManagedRunners(JSON.parse('{"__proto__":{"page":2}}')),
    /^unknown option "__proto__"/,
  );
});

closing();
