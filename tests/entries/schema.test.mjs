// `managedRunnerSchema` and `managedRunnerPageSchema`: the rules of the reader for values of the caller.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { suite, test } from "node:test";

import { OLD_BROWSER } from "../runtime/support/old-browser.mjs";
import { answer, memory, origin } from "../package/support/memory.mjs";
import { ComfyControl, fakeRunners, folder, main, slim } from "./support/package.mjs";

const { managedRunnerSchema, managedRunnerPageSchema } = main;

const RUNNER = {
  id: "018f9c3e-0000-7000-8000-00000000000a",
  name: "rénder 😀",
  runnerType: "pro",
  status: "active",
  tags: ["gpu", "eu"],
  createdAt: "2024-01-15T10:30:00Z",
  updatedAt: "2024-01-16T10:30:00.5+02:00",
};
const PAGE = { runners: [RUNNER], total: 21, page: 2, perPage: 10, pageCount: 3, hasNextPage: true };

const validate = (schema, value) => schema["~standard"].validate(value);
const checkRunner = (value) => validate(managedRunnerSchema, value);
const checkPage = (value) => validate(managedRunnerPageSchema, value);

/** Issues in short: `runners.0.id: expected a UUID, found 3`. */
function issuesOf({ issues, ...rest }) {
  assert.deepEqual(rest, {});
  assert.ok(Array.isArray(issues) && issues.length > 0);
  return issues.map(({ message, path, ...others }) => {
    assert.deepEqual(others, {});
    return `${path.join(".")}: ${message}`;
  });
}

suite("valid values", () => {
  test("become a plain copy with the known members only", () => {
    const given = { ...RUNNER, more: 1 };
    const { value, issues } = checkRunner(given);
    assert.equal(issues, undefined);
    assert.deepEqual(value, RUNNER);
    assert.notEqual(value, given);
    assert.notEqual(value.tags, given.tags);
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
    const page = checkPage({ ...PAGE, runners: [given], more: 1 });
    assert.deepEqual(page, { value: PAGE });
  });

  test("are everything that the client itself returns", async () => {
    const runners = fakeRunners(250, { seed: 3 });
    for (const runner of runners) assert.deepEqual(checkRunner(runner).value, runner);
    const list = runners.map(({ runnerType, createdAt, updatedAt, ...rest }) => ({
      ...rest,
      runner_type: runnerType,
      created_at: createdAt,
      updated_at: updatedAt,
    }));
    for (const [page, perPage] of [
      [1, 100],
      [3, 100],
      [4, 100],
      [4294967295, 1],
    ]) {
      const start = (page - 1) * perPage;
      const { fetch } = memory(() => answer({ runners: list.slice(start, start + perPage), total: 250 }));
      const client = new ComfyControl({ fetch, baseUrl: origin() });
      const given = await client.listManagedRunners({ page, perPage });
      assert.deepEqual(checkPage(given), { value: given });
      assert.deepEqual(checkPage(structuredClone(given)), { value: given });
      assert.deepEqual(checkPage(JSON.parse(JSON.stringify(given))), { value: given });
    }
  });

  test("may have odd text: lone surrogates, zero characters, separators of lines", () => {
    for (const text of ["", "\ud800", "a\udfffb", "\0", "\u2028\u2029", '"\\', "x".repeat(100_000)]) {
      const runner = { ...RUNNER, name: text, tags: [text, text], status: text };
      assert.deepEqual(checkRunner(runner), { value: runner });
    }
  });

  test("may be frozen, without a prototype, or of another realm's array", () => {
    assert.deepEqual(checkRunner(Object.freeze({ ...RUNNER, tags: Object.freeze(["a"]) })).value.tags, ["a"]);
    assert.deepEqual(checkRunner(Object.assign(Object.create(null), RUNNER)), { value: RUNNER });
  });
});

suite("wrong values", () => {
  const missing = "nothing (the member is missing)";
  for (const [member, value, expected] of [
    ["id", "018f9c3e", 'id: expected a UUID, found "018f9c3e"'],
    ["id", undefined, `id: expected a UUID, found ${missing}`],
    ["id", 7, "id: expected a UUID, found 7"],
    ["name", null, "name: expected a string, found null"],
    ["name", ["a"], "name: expected a string, found an array"],
    ["name", new String("a"), "name: expected a string, found an object"],
    ["runnerType", true, "runnerType: expected a string, found true"],
    ["status", {}, "status: expected a string, found an object"],
    ["tags", "gpu", 'tags: expected an array, found "gpu"'],
    ["tags", { 0: "gpu", length: 1 }, "tags: expected an array, found an object"],
    ["tags", ["gpu", 3, "eu"], "tags.1: expected a string, found 3"],
    ["tags", ["gpu", , "eu"], "tags.1: expected a string, found undefined"],
    ["createdAt", new Date(0), "createdAt: expected an RFC 3339 date-time, found an object"],
    [
      "createdAt",
      "2024-02-30T00:00:00Z",
      'createdAt: expected an RFC 3339 date-time, found "2024-02-30T00:00:00Z"',
    ],
    ["updatedAt", 1705314600000, "updatedAt: expected an RFC 3339 date-time, found 1705314600000"],
    ["name", NaN, "name: expected a string, found NaN"],
    ["name", 10n, "name: expected a string, found 10n (a bigint)"],
    ["name", Symbol("x"), "name: expected a string, found a symbol"],
    ["name", () => {}, "name: expected a string, found a function"],
  ]) {
    test(expected, () => {
      assert.deepEqual(issuesOf(checkRunner({ ...RUNNER, [member]: value })), [expected]);
      const inPage = checkPage({ ...PAGE, runners: [RUNNER, { ...RUNNER, [member]: value }] });
      assert.deepEqual(issuesOf(inPage), [`runners.1.${expected}`]);
    });
  }

  for (const [value, found] of [
    [null, "null"],
    [undefined, "undefined"],
    ["x", '"x"'],
    [7, "7"],
    [[RUNNER], "an array"],
    [() => RUNNER, "a function"],
  ]) {
    test(`${found} is not an object`, () => {
      for (const check of [checkRunner, checkPage])
        assert.deepEqual(issuesOf(check(value)), [`: expected an object, found ${found}`]);
    });
  }

  const positive = "expected an integer from 1 to 4294967295";
  for (const [members, ...expected] of [
    [{ total: -1 }, "total: expected an integer from 0 to 9007199254740991, found -1"],
    [{ total: 2 ** 53 }, "total: expected an integer from 0 to 9007199254740991, found 9007199254740992"],
    [{ total: "21" }, 'total: expected an integer from 0 to 9007199254740991, found "21"'],
    [{ page: 0 }, `page: ${positive}, found 0`],
    [{ page: 1.5 }, `page: ${positive}, found 1.5`],
    [{ page: undefined }, `page: ${positive}, found ${missing}`],
    [{ perPage: 101 }, "perPage: expected an integer from 1 to 100, found 101"],
    [{ pageCount: 4 }, "pageCount: expected 3 (total / perPage, rounded up), found 4"],
    [{ pageCount: null }, "pageCount: expected 3 (total / perPage, rounded up), found null"],
    [{ hasNextPage: false }, "hasNextPage: expected true (page is less than pageCount), found false"],
    [{ hasNextPage: 1 }, "hasNextPage: expected true (page is less than pageCount), found 1"],
    [{ page: 3 }, "hasNextPage: expected false (page is not less than pageCount), found true"],
    [{ runners: {} }, "runners: expected an array, found an object"],
    [{ runners: undefined }, `runners: expected an array, found ${missing}`],
    [
      { total: null, page: "2", hasNextPage: 0 },
      "total: expected an integer from 0 to 9007199254740991, found null",
      `page: ${positive}, found "2"`,
      "hasNextPage: expected a boolean, found 0",
    ],
  ]) {
    test(expected.join("; "), () => assert.deepEqual(issuesOf(checkPage({ ...PAGE, ...members })), expected));
  }

  test("everything that is wrong is reported, in the order of the members", () => {
    const wrong = { ...RUNNER, id: 1, tags: [2, 3] };
    assert.deepEqual(issuesOf(checkPage({ runners: [wrong, RUNNER, 4], total: 3, page: 1, perPage: 0 })), [
      "runners.0.id: expected a UUID, found 1",
      "runners.0.tags.0: expected a string, found 2",
      "runners.2: expected an object, found 4",
      "perPage: expected an integer from 1 to 100, found 0",
      `pageCount: expected an integer from 0 to 9007199254740991, found ${missing}`,
      `hasNextPage: expected a boolean, found ${missing}`,
    ]);
  });

  test("are what the client refuses in an answer, with the same words", async () => {
    const contract = ({ runnerType, createdAt, updatedAt, ...rest }) => ({
      ...rest,
      runner_type: runnerType,
      created_at: createdAt,
      updated_at: updatedAt,
    });
    const values = [
      ...[null, 0, -1, 1e300, true, "", "x", [], ["x"], [[]], {}, RUNNER.id, RUNNER.id.toUpperCase()],
      ...["2024-01-15T10:30:60Z", "2016-12-31T23:59:60Z", "2024-01-15t10:30:00z", "2024-01-15 10:30:00Z"],
    ];
    const runners = Object.keys(RUNNER).flatMap((member) =>
      values.map((value) => ({ ...RUNNER, [member]: value })),
    );
    for (const runner of [...runners, null, 3, [], "x", {}]) {
      const issues = [];
      const isObject = typeof runner === "object" && runner !== null && !Array.isArray(runner);
      const { fetch } = memory(() => answer({ runners: [isObject ? contract(runner) : runner], total: 1 }));
      const onInvalidRunner = (issue) => issues.push(issue);
      const client = new ComfyControl({ fetch, baseUrl: origin(), onInvalidRunner });
      const { runners: read } = await client.listManagedRunners();
      const result = checkPage({ ...PAGE, runners: [runner] });
      const words = issues.map(({ expected, found }) => `expected ${expected}, found ${found}`);
      assert.deepEqual(
        (result.issues ?? []).map(({ message }) => message),
        words,
      );
      if (!result.issues) assert.deepEqual(result.value.runners, read);
    }
  });

  test("a token in a message is masked", () => {
    const [message] = issuesOf(checkRunner({ ...RUNNER, id: "cfc_0123456789abcdef0123456789abcdef" }));
    assert.doesNotMatch(message, /0123456789/);
    const page = issuesOf(checkPage({ ...PAGE, page: "cfc_0123456789abcdef0123456789abcdef" }));
    assert.doesNotMatch(page.join(), /0123456789/);
  });
});

suite("hostile values", () => {
  const thrower = (name) =>
    Object.defineProperty({ ...RUNNER }, name, { get: () => assert.fail("a getter") });

  test("a getter that throws is an issue", () => {
    const found = "found a value that throws when it is read";
    assert.deepEqual(issuesOf(checkRunner(thrower("name"))), [`name: expected a string, ${found}`]);
    assert.deepEqual(issuesOf(checkPage({ ...PAGE, runners: [thrower("id")] })), [
      `runners.0.id: expected a UUID, ${found}`,
    ]);
  });

  test("revoked proxies, and proxies whose traps throw, are an issue", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const throwing = new Proxy({}, { getOwnPropertyDescriptor: () => assert.fail("a trap") });
    for (const value of [proxy, throwing]) {
      for (const check of [checkRunner, checkPage]) assert.ok(check(value).issues.length >= 1);
      assert.equal(checkRunner({ ...RUNNER, tags: value }).issues.length, 1);
      assert.equal(checkPage({ ...PAGE, runners: [value] }).issues.length >= 1, true);
      assert.equal(checkPage({ ...PAGE, page: value }).issues.length, 1);
    }
  });

  test("an endless list ends with one issue", () => {
    const endless = new Proxy([], {
      get: (_, name) => (name === "length" ? Infinity : "x"),
      getOwnPropertyDescriptor: (target, name) =>
        name === "length"
          ? Reflect.getOwnPropertyDescriptor(target, name)
          : { configurable: true, enumerable: true, value: "x", writable: true },
    });
    const tooLong = ": expected a value of at most 8388608 characters of JSON, found more";
    assert.deepEqual(issuesOf(checkRunner({ ...RUNNER, tags: endless })), [tooLong]);
    assert.deepEqual(issuesOf(checkPage({ ...PAGE, runners: endless })), [tooLong]);
    assert.deepEqual(issuesOf(checkRunner({ ...RUNNER, name: "x".repeat(9_000_000) })), [tooLong]);
  });

  test("cycles, deep nesting and toJSON do no harm", () => {
    const cycle = { ...RUNNER };
    cycle.name = cycle;
    assert.deepEqual(issuesOf(checkRunner(cycle)), ["name: expected a string, found an object"]);
    let deep = "x";
    for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
    assert.deepEqual(issuesOf(checkRunner({ ...RUNNER, tags: deep })), [
      "tags.0: expected a string, found an array",
    ]);
    const disguised = { ...RUNNER, name: { toJSON: () => "x" } };
    assert.deepEqual(issuesOf(checkRunner(disguised)), ["name: expected a string, found an object"]);
  });

  test("inherited members do not count", () => {
    assert.equal(checkRunner(Object.create(RUNNER)).issues.length, 7);
    const page = Object.create(PAGE);
    assert.equal(checkPage(page).issues.length, 6);
  });

  test("each member is read once, and before anything is checked", () => {
    const reads = {};
    const counting = (object, prefix = "") =>
      new Proxy(object, {
        get(target, name, receiver) {
          reads[prefix + String(name)] = (reads[prefix + String(name)] ?? 0) + 1;
          return Reflect.get(target, name, receiver);
        },
      });
    const runner = counting({ ...RUNNER, tags: counting(["gpu"], "tags.") }, "runner.");
    const { value } = checkPage(counting({ ...PAGE, runners: counting([runner], "runners.") }));
    assert.deepEqual(value.runners, [{ ...RUNNER, tags: ["gpu"] }]);
    assert.deepEqual(
      Object.entries(reads).filter(([, count]) => count !== 1),
      [],
    );
    assert.equal(Object.keys(reads).length, 6 + 2 + 7 + 2);
  });

  test("at most a thousand issues of runners, and those of the page itself", () => {
    const runners = Array.from({ length: 20_000 }, () => ({ ...RUNNER, id: 1 }));
    assert.equal(checkPage({ ...PAGE, runners }).issues.length, 1000);
    const issues = issuesOf(checkPage({ ...PAGE, runners, total: "x", page: 0 }));
    assert.equal(issues.length, 1002);
    assert.match(issues[1000], /^total: .* found "x"$/);
    assert.match(issues[1001], /^page: .* found 0$/);
  });

  test("members that are missing count towards the longest JSON, so that empty runners cost little", () => {
    const runners = JSON.parse(`[${"{},".repeat(500_000)}{}]`);
    assert.match(
      issuesOf(checkPage({ ...PAGE, runners }))[0],
      /^: expected a value of at most 8388608 characters/,
    );
    assert.equal(checkPage({ ...PAGE, runners: runners.slice(0, 90_000) }).issues.length, 1000);
  });
});

suite("where it runs", () => {
  const child = (source) =>
    JSON.parse(
      execFileSync(process.execPath, ["--input-type=module", "-e", source], {
        cwd: folder,
        encoding: "utf8",
      }),
    );

  test("importing starts nothing; the first validation does", () => {
    const seen = child(`
      let started = 0;
      const { Instance } = WebAssembly;
      WebAssembly.Instance = class extends Instance { constructor(...given) { super(...given); started += 1; } };
      const { managedRunnerSchema: schema } = await import("comfycontrol-runners");
      const before = started;
      const { issues } = schema["~standard"].validate(3);
      console.log(JSON.stringify([before, started, issues.length]));
    `);
    assert.deepEqual(seen, [0, 1, 1]);
  });

  test("where WebAssembly starts only asynchronously, the first validation returns a promise", () => {
    const seen = child(`
      const { managedRunnerSchema: schema } = await import("comfycontrol-runners");
      ${OLD_BROWSER}
      const runner = ${JSON.stringify(RUNNER)};
      const first = schema["~standard"].validate(runner);
      // What is done with the value afterwards has no effect.
      runner.id = 3;
      const { value } = await first;
      const { issues } = schema["~standard"].validate(runner);
      console.log(JSON.stringify([first instanceof Promise, value.id, issues.length]));
    `);
    assert.deepEqual(seen, [true, RUNNER.id, 1]);
  });

  test("in CommonJS, and in ./slim once it has its module", () => {
    const seen = child(`
      import { createRequire } from "node:module";
      import { readFileSync } from "node:fs";
      const require = createRequire(import.meta.resolve("./entry.mjs"));
      const runner = ${JSON.stringify(RUNNER)};
      const slim = require("comfycontrol-runners/slim");
      const { validate } = slim.managedRunnerSchema["~standard"];
      let message;
      try { validate(runner); } catch (error) { message = error.message; }
      slim.initialize(readFileSync(require.resolve("comfycontrol-runners/core.wasm")));
      const { managedRunnerSchema } = require("comfycontrol-runners");
      const values = [validate(runner), managedRunnerSchema["~standard"].validate(runner)];
      console.log(JSON.stringify([message, values.map(({ value }) => value.id)]));
    `);
    assert.match(seen[0], /call `initialize` of comfycontrol-runners\/slim first/);
    assert.deepEqual(seen[1], [RUNNER.id, RUNNER.id]);
    assert.equal(typeof slim.managedRunnerPageSchema["~standard"].validate, "function");
  });

  test("without WebAssembly it throws `unsupported`, and later works", () => {
    const seen = child(`
      const { managedRunnerSchema: schema } = await import("comfycontrol-runners");
      const { WebAssembly } = globalThis;
      delete globalThis.WebAssembly;
      let code;
      try { schema["~standard"].validate(3); } catch (error) { code = error.code; }
      globalThis.WebAssembly = WebAssembly;
      console.log(JSON.stringify([code, schema["~standard"].validate(3).issues.length]));
    `);
    assert.deepEqual(seen, ["unsupported", 1]);
  });
});
