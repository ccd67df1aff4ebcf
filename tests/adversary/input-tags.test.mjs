// `matchRunners` and arrays that are not what they seem.

import assert from "node:assert/strict";
import { test } from "node:test";
import vm from "node:vm";

import { RUNNER } from "../package/support/memory.mjs";
import { isComfyControlError, matchRunners } from "../package/support/package.mjs";
import { noUnhandledRejections } from "../package/support/watch.mjs";
import { beside, revoked, trapped } from "./support/hostile.mjs";

const closing = noUnhandledRejections();
const TRAP = "src/wasm/tags.rs reads arrays of the caller without expecting a throw: the instance ends, with everybody's calls";
const hostile = new Proxy([], { get: () => assert.fail("touched") });
const HOSTILE = {
  "a revoked array of runners": [revoked([]), [], TRAP],
  "a revoked array of tags": [[RUNNER], revoked([]), TRAP],
  "runners that throw": [trapped([]), [], TRAP],
  "tags that throw": [[RUNNER], trapped([]), TRAP],
  "a length that throws": [hostile, [], TRAP],
  "a runner that throws": [[trapped()], []],
  "a runner whose tags throw": [[{ tags: trapped([]) }], ["x"], TRAP],
  "a runner whose tags are revoked": [[{ tags: revoked([]) }], ["x"], TRAP],
  "tags that cannot be searched": [[{ tags: Object.assign(["x"], { includes: () => assert.fail("called") }) }], ["x"], TRAP],
  "a length beyond all arrays": [new Proxy([], { get: (target, name) => (name === "length" ? 2 ** 53 : target[name]) }), []],
  "a required tag that is a symbol": [[RUNNER], [Symbol("x")]],
  "a required tag that is a boxed string": [[RUNNER], [new String("x")]],
};
for (const [what, [runners, tags, todo]] of Object.entries(HOSTILE)) {
  test(what, { todo }, async () => {
    const { error } = await beside(() => matchRunners(runners, tags));
    // What an array of the caller throws is the caller's own.
    if (isComfyControlError(error)) assert.equal(error.code, "invalid_options", `${error.message} ${error.cause}`);
  });
}

test("arrays of another realm, holes, repeats and a runner that is in its own tags", () => {
  const realm = vm.createContext();
  const runners = vm.runInContext("[{ tags: ['a', 'b'] }, { tags: [] }, { tags: ['b'] }]", realm);
  assert.deepEqual(matchRunners(runners, vm.runInContext("['a', 'a']", realm)), [runners[0], runners[1]]);
  assert.throws(() => matchRunners([, RUNNER], []), { code: "invalid_options" });
  const cyclic = { tags: ["a"] };
  cyclic.tags.push(cyclic);
  assert.deepEqual(matchRunners([cyclic], ["a"]), [cyclic]);
});

closing();
