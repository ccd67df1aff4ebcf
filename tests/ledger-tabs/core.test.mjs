// Each rule of a shared rate limit, in virtual time.

import assert from "node:assert/strict";
import { test } from "node:test";

import { acquire, abandon, freeze, settle, stateAfterLoss } from "../../js/ledger/core.js";

const WINDOW = 10_000;

/** A ledger whose time the test sets. It stores its state as JSON between calls. */
function makeLedger({ requests = 2, windowMs = WINDOW, leaseMs = 11_000 } = {}) {
  let stored;
  const run = (step) => {
    const before = stored && JSON.parse(stored);
    const { state, result } = step(before);
    if (before) assert.deepEqual(before, JSON.parse(stored), "a state is never changed");
    assert.deepEqual(JSON.parse(JSON.stringify(state)), state, "a state is what JSON keeps");
    stored = JSON.stringify(state);
    return result;
  };
  const ledger = {
    now: 1_000_000,
    ask: (id, more) =>
      run((state) => acquire(state, ledger.now, { id, requests, windowMs, leaseMs, ...more })),
    settle: (id, answered = true) => run((state) => settle(state, ledger.now, id, { answered })),
    abandon: (id) => run((state) => abandon(state, ledger.now, id)),
    freeze: (forMs, epoch) => run((state) => freeze(state, ledger.now, { forMs, epoch })),
    get state() {
      return JSON.parse(stored);
    },
    /** Asks for a slot. Returns how long the request must wait, 0 if it may start. */
    wait: (id, more) => {
      const turn = ledger.ask(id, more);
      return turn.granted ? 0 : (turn.startInMs ?? turn.refusedForMs);
    },
  };
  return ledger;
}

test("grants as many slots as the limit allows, and then says when the next one comes free", () => {
  const ledger = makeLedger();
  assert.deepEqual(ledger.ask("a"), { granted: true, epoch: 0 });
  ledger.settle("a");
  ledger.now += 1_000;
  assert.deepEqual(ledger.ask("b"), { granted: true, epoch: 0 });
  ledger.now += 1_000;
  assert.deepEqual(ledger.ask("c"), {
    granted: false,
    retryInMs: 8_000,
    startInMs: 8_000,
    reason: "rate_limit",
  });
  ledger.now += 8_000;
  assert.equal(ledger.ask("c").granted, true);
});

test("a request holds a slot from its grant until one window after its end", () => {
  const ledger = makeLedger({ requests: 1 });
  ledger.ask("a");
  ledger.now += 5_000;
  ledger.settle("a");
  ledger.now += WINDOW - 1;
  assert.equal(ledger.wait("b"), 1);
  ledger.now += 1;
  assert.equal(ledger.wait("b"), 0);
});

test("a request without an answer holds its slot for one second longer", () => {
  const ledger = makeLedger({ requests: 1 });
  ledger.ask("a");
  ledger.settle("a", false);
  assert.equal(ledger.wait("b"), WINDOW + 1_000);
});

test("a request that is never settled ends with its lease", () => {
  const ledger = makeLedger({ requests: 1, leaseMs: 3_000 });
  ledger.ask("a");
  ledger.now += 3_000 + WINDOW - 1;
  assert.equal(ledger.wait("b"), 1);
  ledger.now += 1;
  assert.equal(ledger.wait("b"), 0);
});

test("if a request ends twice, only the later end counts", () => {
  const ledger = makeLedger({ requests: 2, leaseMs: 1_000 });
  ledger.ask("a");
  ledger.now += 1_500; // its lease is over
  ledger.settle("a");
  ledger.settle("a");
  assert.equal(ledger.wait("b"), 0);
  assert.equal(ledger.wait("c"), WINDOW);
});

test("a request that asks again after its grant keeps its slot", () => {
  const ledger = makeLedger({ requests: 2 });
  assert.equal(ledger.ask("a").granted, true);
  assert.equal(ledger.ask("a").granted, true);
  assert.equal(ledger.wait("b"), 0);
  assert.ok(ledger.wait("c") > 0);
});

test("serves waiters in the order in which they first asked", () => {
  const ledger = makeLedger({ requests: 1 });
  ledger.ask("a");
  ledger.settle("a");
  assert.equal(ledger.wait("b"), WINDOW);
  assert.equal(ledger.wait("c"), 2 * WINDOW);
  ledger.now += WINDOW;
  assert.ok(ledger.wait("c") > 0, "b is before it");
  assert.equal(ledger.wait("b"), 0);
});

test("a waiter that does not ask again lapses a second late, and gets its position back", () => {
  const ledger = makeLedger({ requests: 1 });
  ledger.ask("a");
  ledger.settle("a");
  for (const id of ["b", "c", "d"]) ledger.ask(id);
  ledger.now += WINDOW + 999;
  assert.ok(ledger.wait("c") > 0, "b may still come");
  ledger.now += 1;
  assert.equal(ledger.wait("c"), 0);
  ledger.settle("c");
  assert.equal(ledger.wait("b"), WINDOW, "before d");
  assert.equal(ledger.wait("d"), 2 * WINDOW);
});

test("forgets a waiter that never comes back", () => {
  const ledger = makeLedger({ requests: 1 });
  ledger.ask("a");
  ledger.ask("b");
  ledger.now += 200_000;
  ledger.ask("c");
  assert.deepEqual(ledger.state.queue, []);
});

test("`abandon` leaves the queue, or gives back an unused slot", () => {
  const ledger = makeLedger({ requests: 1 });
  ledger.ask("a");
  ledger.ask("b");
  ledger.abandon("b");
  ledger.abandon("a");
  assert.equal(ledger.wait("c"), 0);
  assert.deepEqual(ledger.state.queue, []);
});

test("a freeze pauses all processes, and the later end of two freezes counts", () => {
  const ledger = makeLedger();
  const { epoch } = ledger.ask("a");
  ledger.settle("a");
  ledger.freeze(5_000, epoch);
  ledger.freeze(1_000, epoch);
  assert.deepEqual(ledger.ask("b"), {
    granted: false,
    retryInMs: 5_000,
    startInMs: 5_000,
    reason: "cooldown",
  });
  ledger.now += 5_000;
  assert.deepEqual(ledger.ask("b"), { granted: true, epoch: 1 });
});

test("a 429 to a request from before a freeze does not increase the epoch", () => {
  const ledger = makeLedger();
  for (let time = 0; time < 3; time += 1) ledger.freeze(100, 0);
  assert.equal(ledger.state.epoch, 1);
  ledger.freeze(100, 1);
  assert.equal(ledger.state.epoch, 2);
});

test("during a freeze of more than a minute, waiters are refused and leave", () => {
  const ledger = makeLedger();
  ledger.freeze(60_001, 0);
  assert.deepEqual(ledger.ask("a"), { granted: false, refusedForMs: 60_001 });
  assert.deepEqual(ledger.state.queue, []);
  ledger.now += 1;
  assert.equal(ledger.ask("a").reason, "cooldown");
});

test("after a lost grant, a request does not start during a freeze", () => {
  const ledger = makeLedger({ requests: 1 });
  ledger.ask("a");
  ledger.freeze(1_000, 0);
  assert.equal(ledger.ask("a").reason, "cooldown");
  ledger.now += 1_000;
  assert.equal(ledger.ask("a").granted, true);
});

test("processes with different limits each keep to their own", () => {
  const ledger = makeLedger();
  for (const id of ["a", "b", "c"]) {
    ledger.ask(id, { requests: 3 });
    ledger.settle(id);
  }
  assert.equal(ledger.wait("d", { requests: 2 }), WINDOW);
  assert.equal(ledger.wait("e", { requests: 40, windowMs: 1_000 }), 0);
});

test("counts the processes that asked within the last minute", () => {
  const ledger = makeLedger();
  assert.equal(ledger.ask("a", { process: "one" }).processes, 1);
  assert.equal(ledger.ask("b", { process: "two" }).processes, 2);
  ledger.now += 30_000;
  assert.equal(ledger.ask("c", { process: "two" }).processes, 2);
  ledger.now += 30_000;
  assert.equal(ledger.ask("d", { process: "two" }).processes, 1);
});

test("a clock that is set back frees no slot and delays no call", () => {
  const ledger = makeLedger({ requests: 1 });
  ledger.ask("a");
  ledger.settle("a");
  ledger.now -= 3_600_000;
  assert.equal(ledger.wait("b"), WINDOW);
  ledger.now += WINDOW - 1;
  assert.equal(ledger.wait("b"), 1);
  ledger.now += 1;
  assert.equal(ledger.wait("b"), 0);
});

test("after a loss of the state, nothing starts for one window, and requests from before still end", () => {
  const asked = { id: "b", requests: 1, windowMs: WINDOW, leaseMs: 11_000 };
  const lost = stateAfterLoss(5_000, WINDOW);
  const { state } = settle(lost, 6_000, "a", { answered: true });
  assert.equal(acquire(state, 6_000, asked).result.reason, "cooldown");
  assert.equal(acquire(state, 5_000 + WINDOW, asked).result.startInMs, 1_000, "the slot of a");
  assert.equal(acquire(state, 6_000 + WINDOW, asked).result.granted, true);
});

test("a state of another version counts as empty", () => {
  const { result } = acquire({ version: 0, queue: "?" }, 5, {
    id: "a",
    requests: 1,
    windowMs: 1,
    leaseMs: 1,
  });
  assert.equal(result.granted, true);
});
