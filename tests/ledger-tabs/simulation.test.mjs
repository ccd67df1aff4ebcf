// Invariants of a shared limit: a thousand processes on one ledger, in virtual time.

import assert from "node:assert/strict";
import { test } from "node:test";

import * as core from "../../js/ledger/core.js";
import { mostInWindow, simulate } from "./support/simulation.mjs";

const WINDOW = 10_000;
const LIMIT = 40;

const SCENES = {
  "a thousand processes that all go well": { processes: 1_000, calls: 2 },
  "a thousand processes, a third of which crash, with late askers and pauses of the server": {
    processes: 1_000,
    calls: 2,
    crashes: 0.3,
    stalls: 0.05,
    pauses: 5,
  },
  "a thousand processes and a clock that is set back five times": {
    processes: 1_000,
    calls: 1,
    stalls: 0.05,
    clockSteps: 5,
  },
  "thirty processes with much to do": { processes: 30, calls: 40, crashes: 0.3, stalls: 0.1, pauses: 5 },
  "two processes at a time, all day": { processes: 200, calls: 4, arriveWithinMs: 1_000_000, crashes: 0.2 },
};

for (const [name, options] of Object.entries(SCENES)) {
  for (const seed of options.processes < 1_000 ? [1, 2, 3] : [1]) {
    test(`${name} (seed ${seed})`, () => {
      const seen = simulate({ seed, ...options });
      assert.ok(seen.mostInWindow <= LIMIT, `${seen.mostInWindow} arrivals in one window`);
      assert.equal(seen.unfinished, 0, "everybody who lives is served");
      // A call waits no longer than the calls ahead of it need, plus the pauses, the slots of crashed processes, and
      // the time by which it asked late.
      const extra = ((options.pauses ?? 0) + (options.crashes ? 2 : 0)) * WINDOW;
      for (const { askedAt, grantedAt, ahead, lateMs } of seen.calls) {
        const fair = 1.25 * (ahead / LIMIT + 2) * WINDOW + extra + lateMs;
        assert.ok(grantedAt - askedAt <= fair, `waited ${grantedAt - askedAt} ms behind ${ahead}`);
      }
    });
  }
}

test("the whole limit is used: the last call starts soon after the earliest possible time", () => {
  const { lastGrantAt, expectedMs } = simulate({ seed: 3, processes: 1_000, calls: 2 });
  // A request holds its slot for its own duration, one second here, plus one window.
  assert.ok(lastGrantAt <= 1.2 * expectedMs, `${lastGrantAt} ms of ${expectedMs}`);
});

test("a waiter asks about once per window", () => {
  const { polls, calls } = simulate({ seed: 4, processes: 1_000, calls: 1 });
  const windows = calls.reduce((sum, { askedAt, grantedAt }) => sum + (grantedAt - askedAt) / WINDOW, 0);
  assert.ok(polls <= 1.5 * windows + 2 * calls.length, `${polls} askings in ${Math.round(windows)} windows`);
});

test("the simulation detects wrong rules", () => {
  const wrong = {
    "a slot comes free when its request starts": {
      acquire: (state, now, lease) => {
        const { state: next, result } = core.acquire(state, now, lease);
        return result.granted
          ? { ...core.settle(next, now, lease.id, { answered: true }), result }
          : { state: next, result };
      },
      settle: (state) => ({ state }),
    },
    "a slot comes free a second early": {
      acquire: (state, now, lease) => core.acquire(state, now, { ...lease, windowMs: WINDOW - 1_000 }),
    },
    "a lease lapses while its request is under way": {
      acquire: (state, now, lease) => core.acquire(state, now, { ...lease, leaseMs: 100 }),
      settle: (state) => ({ state }),
    },
  };
  for (const [name, rules] of Object.entries(wrong)) {
    const most = [1, 2, 3].map(
      (seed) => simulate({ seed, processes: 100, calls: 10, core: { ...core, ...rules } }).mostInWindow,
    );
    assert.ok(Math.max(...most) > LIMIT, `${name}: ${most}`);
  }
});

test("mostInWindow counts as the server does", () => {
  assert.equal(mostInWindow([0, 10_000], WINDOW), 1);
  assert.equal(mostInWindow([9_999, 0], WINDOW), 2);
});
