// The rules in memory pass the conformance suite: in virtual time, and over a slow store.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { createLedger } from "../../js/ledger/index.js";
import { ledgerConformance } from "../../js/testing/ledger-conformance.js";

function inMemory({ states = new Map(), now, delay = (run) => run() } = {}) {
  return createLedger({
    now,
    update: (key, change) =>
      delay(() => {
        const { state, result } = change(states.get(key));
        states.set(key, state);
        return result;
      }),
  });
}

/** A clock that jumps to the next timer when no other code can run. */
function virtualTime() {
  let time = 0;
  const waiting = [];
  let isRunning = false;
  const drive = () => {
    waiting.sort((a, b) => a.at - b.at);
    const next = waiting.shift();
    if (!next) return void (isRunning = false);
    time = Math.max(time, next.at);
    next.resolve();
    setImmediate(drive);
  };
  return {
    now: () => time,
    wait: (ms) =>
      new Promise((resolve) => {
        waiting.push({ at: time + ms, resolve });
        if (!isRunning) setImmediate(drive);
        isRunning = true;
      }),
  };
}

suite("the rules, in virtual time", () => {
  const clock = virtualTime();
  for (const { name, run } of ledgerConformance({ windowMs: 10_000, ...clock })) {
    test(name, () => {
      const states = new Map();
      return run(() => inMemory({ states, now: clock.now }));
    });
  }
});

suite("the rules, over a slow store", { concurrency: true }, () => {
  const states = new Map();
  const soon = () => new Promise((resolve) => void setTimeout(resolve, 5 * Math.random()));
  const delay = async (run) => {
    await soon();
    const result = run();
    await soon();
    return result;
  };
  for (const { name, run } of ledgerConformance()) test(name, () => run(() => inMemory({ states, delay })));
});

suite("the suite fails for wrong ledgers", { concurrency: true }, () => {
  const wrong = {
    "all keys share one limit": (ledger) => ({
      ...ledger,
      acquire: (key, lease) => ledger.acquire("one", lease),
    }),
    "every request is granted": () => ({
      acquire: () => ({ granted: true, epoch: 0 }),
      settle() {},
      abandon() {},
      freeze() {},
    }),
    "`freeze` does nothing": (ledger) => ({ ...ledger, freeze() {} }),
    "`settle` does nothing": (ledger) => ({ ...ledger, settle() {} }),
    "`abandon` does nothing": (ledger) => ({ ...ledger, abandon() {} }),
    "every request counts as answered": (ledger) => ({
      ...ledger,
      settle: (key, id) => ledger.settle(key, id, { answered: true }),
    }),
    "the window has half the length": (ledger) => ({
      ...ledger,
      acquire: (key, lease) => ledger.acquire(key, { ...lease, windowMs: lease.windowMs / 2 }),
    }),
    "a turn is not a `LedgerTurn`": (ledger) => ({ ...ledger, acquire: () => true }),
  };
  for (const [name, change] of Object.entries(wrong)) {
    test(name, async () => {
      const clock = virtualTime();
      const states = new Map();
      const failures = [];
      for (const { name, run } of ledgerConformance({ windowMs: 10_000, ...clock })) {
        const makeLedger = () => change(inMemory({ states, now: clock.now }));
        await run(makeLedger).catch(() => failures.push(name));
      }
      assert.notEqual(failures.length, 0);
    });
  }
});
