// `matchRunners` with unusual arrays.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import vm from "node:vm";

import { RUNNER } from "../package/support/memory.mjs";
import { entry, isComfyControlError, matchRunners } from "../package/support/package.mjs";
import { noUnhandledRejections } from "../package/support/watch.mjs";
import { beside, revoked, trapped } from "./support/hostile.mjs";

const closing = noUnhandledRejections();
const hostile = new Proxy([], { get: () => assert.fail("touched") });
const HOSTILE = {
  "a revoked array of runners": [revoked([]), []],
  "a revoked array of tags": [[RUNNER], revoked([])],
  "runners that throw": [trapped([]), []],
  "tags that throw": [[RUNNER], trapped([])],
  "a length that throws": [hostile, []],
  "a runner that throws": [[trapped()], []],
  "a runner whose tags throw": [[{ tags: trapped([]) }], ["x"]],
  "a runner whose tags are revoked": [[{ tags: revoked([]) }], ["x"]],
  "tags that cannot be searched": [
    [{ tags: Object.assign(["x"], { includes: () => assert.fail("called") }) }],
    ["x"],
  ],
  "a required tag that is a symbol": [[RUNNER], [Symbol("x")]],
  "a required tag that is a boxed string": [[RUNNER], [new String("x")]],
};
for (const [what, [runners, tags]] of Object.entries(HOSTILE)) {
  test(what, async () => {
    const { error } = await beside(() => matchRunners(runners, tags));
    // What the caller's own array throws is the cause.
    if (isComfyControlError(error))
      assert.equal(error.code, "invalid_options", `${error.message} ${error.cause}`);
  });
}

test("arrays of another realm, and repeats", () => {
  const realm = vm.createContext();
  const runners = vm.runInContext("[{ tags: ['a', 'b'] }, { tags: [] }, { tags: ['b'] }]", realm);
  assert.deepEqual(
    [...matchRunners(runners, vm.runInContext("['a', 'a']", realm))],
    [runners[0], runners[1]],
  );
});

test("tags that are no strings are refused, also of a runner that is in its own tags", () => {
  const cyclic = { tags: ["a"] };
  cyclic.tags.push(cyclic);
  for (const [runner, place] of [
    [cyclic, "tags\\[1\\]: expected a string, got an object"],
    [{ tags: [1] }, "tags\\[0\\]: expected a string, got 1"],
  ]) {
    const message = new RegExp(`^runners\\[0\\]\\.${place}`);
    assert.throws(() => matchRunners([runner], ["a"]), { code: "invalid_options", message });
  }
});

test("lone surrogates are different tags", () => {
  const runner = { tags: ["\ud800"] };
  assert.deepEqual(matchRunners([runner], ["\ud801"]), []);
  assert.deepEqual(matchRunners([runner], ["\ud800"]), [runner]);
});

test("a hole is no runner and no tag", () => {
  for (const [runners, tags] of [
    [[, RUNNER], []],
    [[RUNNER], [, "gpu"]],
    [new Array(1e6), []],
  ])
    assert.throws(() => matchRunners(runners, tags), { code: "invalid_options" });
});

test("what comes of it is a plain array, whatever kind was given", () => {
  class Fleet extends Array {}
  for (const runners of [Fleet.of(RUNNER), vm.runInNewContext("[{ tags: [] }]")])
    assert.equal(Object.getPrototypeOf(matchRunners(runners, [])), Array.prototype);
});

test("an array without end is left at once", async () => {
  const script = `import { matchRunners } from ${JSON.stringify(entry)};
    const get = (target, name) => (name === "length" ? 2 ** 53 - 1 : target[name]);
    try {
      matchRunners(new Proxy([], { get }), []);
    } catch ({ code }) {
      console.log(code);
    }`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
    timeout: 2000,
  });
  assert.equal(stdout, "invalid_options\n");
});

closing();
