// Calls the client at the very end of the stack, and at every depth before it. `stack.test.mjs` runs it.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { inspect } from "node:util";

import { virtualClock } from "../../package/support/clock.mjs";
import { server } from "./list.mjs";
import { origin } from "../../package/support/memory.mjs";
import {
  ComfyControl,
  isComfyControlError,
  listManagedRunners,
  matchRunners,
} from "../../package/support/package.mjs";
import { listeners, noUnhandledRejections } from "../../package/support/watch.mjs";
import { started } from "./instances.mjs";

const closing = noUnhandledRejections();

/**
 * Calls `use()` with only so much stack left as `spare` calls of a small function take, minus some words. Returns its
 * result, or what it threw.
 */
function atTheEnd(spare, words, use) {
  let back = 0;
  let outcome;
  // Each unused argument takes one word of the stack.
  const padding = Array(words).fill(0);
  const run = () => use();
  const dive = () => {
    try {
      dive();
    } catch (end) {
      if ((back += 1) < spare) throw end;
      if (outcome) return;
      try {
        outcome = { given: run(...padding) };
      } catch (thrown) {
        outcome = { thrown };
      }
    }
  };
  dive();
  return outcome;
}

const STEP = 12;

suite("at the end of the stack", () => {
  const clock = virtualClock();
  const { fetch } = server(clock, { rows: 30, limit: false });
  const given = { fetch, baseUrl: origin(), onEvent() {}, token: () => "cfc_x" };
  const client = new ComfyControl(given);
  const { signal } = new AbortController();

  const uses = {
    "listManagedRunners of a client": [
      () => client.listManagedRunners({ signal }),
      ({ total }) => total === 30,
    ],
    listManagedRunners: [() => listManagedRunners({ ...given, signal }), ({ total }) => total === 30],
    collectManagedRunners: [
      () => client.collectManagedRunners({ perPage: 10, signal }),
      ({ runners }) => runners.length === 30,
    ],
    iterateManagedRunners: [() => client.iterateManagedRunners(), (made) => made.report.unique === 0],
    "an iterator's next": [
      (iterator) => iterator.next(),
      ({ value }) => value.id.length === 36,
      () => client.iterateManagedRunners({ signal }),
    ],
    watchManagedRunners: [() => client.watchManagedRunners(), (made) => typeof made.next === "function"],
    "a watch's next": [
      (iterator) => iterator.next(),
      ({ value }) => value.runners.length === 30,
      () => client.watchManagedRunners({ signal }),
    ],
    "the constructor": [() => new ComfyControl(given), (made) => made.rateLimit.queued >= 0],
    matchRunners: [() => matchRunners([], ["gpu"]), (runners) => runners.length === 0],
    rateLimit: [() => client.rateLimit, ({ queued }) => queued >= 0],
  };
  const count = {};

  for (const [name, [use, right, before]] of Object.entries(uses)) {
    /** The result at this depth: "right", or how it failed. */
    async function outcome(spare, words) {
      const object = before?.();
      const { given, thrown } = atTheEnd(spare, words, () => use(object));
      const settled = thrown
        ? { how: "thrown", error: thrown }
        : await clock
            .until(
              Promise.resolve(given).then(
                (value) => (value?.value?.error ? { how: "reported", error: value.value.error } : { value }),
                (error) => ({ how: "rejected", error }),
              ),
            )
            .catch(() => undefined);
      if (!settled) return "unsettled";
      const { how, error, value } = settled;
      if (!how) assert.ok(right(value), inspect(value));
      else {
        // The stack ended in the caller's own code, before or at the start of the call.
        const own = error instanceof RangeError && /call stack/.test(error.message);
        assert.ok(own || isComfyControlError(error, "internal"), inspect(error));
        assert.doesNotMatch(`${error.message}\n${error.stack}`, /recursive use|unreachable/);
      }
      await object?.return();
      assert.equal((await clock.until(client.listManagedRunners())).total, 30);
      // No call waits any more, and all slots come free.
      await clock.pass(20_000);
      const { queued, remaining } = client.rateLimit;
      assert.deepEqual([queued, remaining], [0, 40], how ? `${how}: ${inspect(error)}` : "right");
      return how ? `${error.code ?? error.name} ${how}` : "right";
    }

    test(`${name}: succeeds, or says why not, and everything works`, async () => {
      const one = (count[name] = {});
      // Increase the stack in large steps until there is more than enough. Then go back a few words at a time, until no
      // call can start.
      let spare = 1;
      while ((await outcome(spare, 0)) !== "right") spare += STEP;
      // V8 optimizes functions that are called often; then they need less stack.
      while (spare > STEP && (await outcome(spare - STEP, 16)) === "right") spare -= STEP;
      for (let nothing = 0; spare > 0 && nothing < 20; spare -= 1) {
        for (let words = 0; words <= 16; words += 8) {
          const how = await outcome(spare, words);
          one[how] = (one[how] ?? 0) + 1;
          nothing = how === "RangeError thrown" ? nothing + 1 : 0;
        }
      }
      assert.equal(clock.timers(), 0);
    });
  }

  test("no promise is left unsettled", () => {
    assert.ok(
      Object.values(count).every(({ unsettled }) => !unsettled),
      JSON.stringify(count),
    );
  });

  test("no listener is left", () => {
    assert.equal(listeners(signal), 0);
  });

  test("and what is said of it was said", (t) => {
    t.diagnostic(`${JSON.stringify(count)}, ${started()} instances`);
    assert.ok(
      Object.values(count).some((one) => one["internal rejected"] > 0 || one["internal thrown"] > 0),
      "the end of the stack was never inside the module",
    );
  });
});

closing();
