// What every shared ledger must do, as named cases for any test runner. The cases wait in real time, for short times,
// unless the caller passes another `wait`. Each case uses a key of its own, so that cases can run at the same time.

/** The rounding error of a clock that counts whole milliseconds. */
const ROUNDING_MS = 2;
const ABORTED_GRACE_MS = 1_000;
const LATE_GRACE_MS = 1_000;
const LONGEST_COOLDOWN_MS = 60_000;

let created = 0;

/** @type {typeof import("./index.js").ledgerConformance} */
export function ledgerConformance({ windowMs = 400, wait = sleep, now = () => performance.now() } = {}) {
  return Object.entries(CASES).map(([name, check]) => ({
    name,
    async run(makeLedger) {
      const key = `https://conformance-${unique()}.invalid`;
      const process = async () => new Process(await makeLedger(), { key, windowMs, wait, now });
      await check({ process, windowMs, wait, now });
    },
  }));
}

/** A process that uses its ledger as the client does. */
class Process {
  constructor(ledger, { key, windowMs, wait, now }) {
    this.ledger = ledger;
    this.key = key;
    this.windowMs = windowMs;
    this.wait = wait;
    this.now = now;
  }

  newId() {
    return `${this.key}#${unique()}`;
  }

  async ask(id, { requests = 1, leaseMs = 10 * this.windowMs, key = this.key } = {}) {
    const turn = await this.ledger.acquire(key, { id, requests, windowMs: this.windowMs, leaseMs });
    checkTurn(turn);
    return turn;
  }

  /** Asks whenever the ledger says so, until it has a slot. Returns the turn, and how often it asked. */
  async start(id, options) {
    for (let asked = 1; asked <= 100; asked += 1) {
      const turn = await this.ask(id, options);
      if (turn.granted) return { turn, asked };
      expect("retryInMs" in turn, `a turn in the end, and not ${JSON.stringify(turn)}`);
      await this.wait(Math.max(1, Math.ceil(turn.retryInMs)));
    }
    throw new Error("expected a slot within 100 askings");
  }

  /** Takes a free slot: at once, or soon if the ledger is busy or has just started. */
  async take(id, what, options) {
    const askedAt = this.now();
    const { turn } = await this.start(id, options);
    atMost(this.now() - askedAt, 5 * this.windowMs, `time until ${what} is granted`);
    return turn;
  }

  /** Waits for a slot. Returns the time since `since`. */
  async timeToStart(id, since, options) {
    await this.start(id, options);
    return this.now() - since;
  }

  async settle(id, answered = true) {
    await this.ledger.settle(this.key, id, { answered });
  }

  async abandon(id) {
    await this.ledger.abandon(this.key, id);
  }

  async freeze(forMs, epoch) {
    await this.ledger.freeze(this.key, { forMs, epoch });
  }
}

const CASES = {
  async "grants all processes together as many slots as the limit allows"({ process }) {
    const [one, other] = [await process(), await process()];
    const limit = { requests: 3 };
    await one.take(one.newId(), "the first slot", limit);
    await other.take(other.newId(), "the second slot", limit);
    await one.take(one.newId(), "the third slot", limit);
    for (const process of [one, other]) {
      const turn = await process.ask(process.newId(), limit);
      expect(
        !turn.granted && turn.reason === "rate_limit",
        `no fourth slot, and not ${JSON.stringify(turn)}`,
      );
    }
  },

  async "grants no more slots if many processes ask at once"({ process }) {
    const processes = await Promise.all(Array.from({ length: 5 }, process));
    const limit = { requests: 7 };
    // A ledger that has just started may pause everybody for one window.
    await processes[0].take(processes[0].newId(), "the first slot", limit);
    const askers = processes.flatMap((process) => Array.from({ length: 8 }, () => process));
    const turns = await Promise.all(askers.map((process) => process.ask(process.newId(), limit)));
    equal(turns.filter(({ granted }) => granted).length, 6, "further slots granted");
  },

  async "counts each key separately"({ process }) {
    const one = await process();
    await one.take(one.newId(), "a slot");
    await one.take(one.newId(), "a slot for another key", { key: `${one.key}:8443` });
  },

  async "grants no second slot to a request that asks again after its grant"({ process }) {
    const one = await process();
    const limit = { requests: 2 };
    const id = one.newId();
    await one.take(id, "a slot", limit);
    await one.take(id, "the same slot, whose grant may not have been heard of,", limit);
    await one.take(one.newId(), "the second slot", limit);
  },

  async "grants a request that has the only slot the same slot if it asks again"({ process }) {
    const one = await process();
    const id = one.newId();
    await one.take(id, "the only slot");
    expect((await one.ask(id)).granted, "the same slot again");
    expect(!(await one.ask(one.newId())).granted, "no slot for another request");
  },

  async "holds a slot while its request is under way"({ process, windowMs, wait }) {
    const [one, other] = [await process(), await process()];
    await one.take(one.newId(), "a slot");
    await wait(1.5 * windowMs);
    const turn = await other.ask(other.newId());
    expect(!turn.granted, "no slot while another request holds the only one");
  },

  async "frees a slot one window after the end of its request"({ process, windowMs, now }) {
    const [one, other] = [await process(), await process()];
    const id = one.newId();
    await one.take(id, "a slot");
    const endedAt = now();
    await one.settle(id);
    const time = await other.timeToStart(other.newId(), endedAt);
    atLeast(time, windowMs, "time from the end to the next start");
    atMost(time, windowMs + LATE_GRACE_MS, "time from the end to the next start");
  },

  async "frees the slot of a request without an answer one second later"({ process, windowMs, now }) {
    const one = await process();
    const id = one.newId();
    await one.take(id, "a slot");
    const endedAt = now();
    await one.settle(id, false);
    const time = await one.timeToStart(one.newId(), endedAt);
    atLeast(time, windowMs + ABORTED_GRACE_MS, "time from the end to the next start");
  },

  async "frees the slot of a crashed process one window after its lease"({ process, windowMs, now }) {
    const [one, other] = [await process(), await process()];
    const grantedAt = now();
    await one.take(one.newId(), "a slot", { leaseMs: 500 });
    const time = await other.timeToStart(other.newId(), grantedAt);
    atLeast(time, 500 + windowMs, "time from the grant to the next start");
  },

  async "tells a waiter when to ask again"({ process }) {
    const one = await process();
    const id = one.newId();
    await one.take(id, "a slot");
    await one.settle(id);
    const waiter = one.newId();
    const turn = await one.ask(waiter);
    atLeast(turn.startInMs, turn.retryInMs, "startInMs");
    await one.wait(Math.ceil(turn.retryInMs));
    const { asked } = await one.start(waiter);
    atMost(asked, 5, "further askings");
  },

  async "serves waiters in the order in which they first asked"({ process, wait, windowMs }) {
    const one = await process();
    const [running, first, second] = [one.newId(), one.newId(), one.newId()];
    await one.take(running, "a slot");
    expect(!(await one.ask(first)).granted, "the first to wait");
    expect(!(await one.ask(second)).granted, "the second to wait");
    await one.settle(running);
    // The first one asks once more, so that it has not lapsed.
    await one.ask(first);
    await wait(windowMs + 10);
    expect(!(await one.ask(second)).granted, "the second to wait for the first");
    expect((await one.ask(first)).granted, "the slot for the first");
  },

  async "does not wait for a waiter that no longer asks"({ process, windowMs, now }) {
    const [one, crashed] = [await process(), await process()];
    const running = one.newId();
    await one.take(running, "a slot");
    const endedAt = now();
    await one.settle(running);
    await crashed.ask(crashed.newId());
    const time = await one.timeToStart(one.newId(), endedAt);
    atMost(time, 3 * windowMs + 2 * LATE_GRACE_MS, "time until the one behind is served");
  },

  async "removes a waiter that abandons from the queue"({ process, windowMs, now }) {
    const one = await process();
    const [running, first, second] = [one.newId(), one.newId(), one.newId()];
    await one.take(running, "a slot");
    const endedAt = now();
    await one.settle(running);
    await one.ask(first);
    await one.ask(second);
    await one.abandon(first);
    const time = await one.timeToStart(second, endedAt);
    atMost(time, windowMs + LATE_GRACE_MS / 2, "time until the one behind is served");
  },

  async "frees the slot of a request that abandons it"({ process }) {
    const [one, other] = [await process(), await process()];
    const id = one.newId();
    await one.take(id, "a slot");
    await one.abandon(id);
    await other.take(other.newId(), "the slot, for which nothing was started,");
  },

  async "ignores the end of an unknown request"({ process }) {
    const one = await process();
    await one.abandon(one.newId());
    await one.settle(one.newId());
    await one.take(one.newId(), "a slot", { requests: 2 });
  },

  async "grants no slot to any process during a freeze"({ process, windowMs, now }) {
    const [one, other] = [await process(), await process()];
    const { epoch } = await one.take(one.newId(), "a slot", { requests: 9 });
    const frozenAt = now();
    await one.freeze(2 * windowMs, epoch);
    const id = other.newId();
    const turn = await other.ask(id, { requests: 9 });
    expect(!turn.granted && turn.reason === "cooldown", `a cooldown, and not ${JSON.stringify(turn)}`);
    const after = await other.start(id, { requests: 9 });
    atLeast(now() - frozenAt, 2 * windowMs, "time from the freeze to the next start");
    expect(after.turn.epoch > epoch, `an epoch after ${epoch}, and not ${after.turn.epoch}`);
  },

  async "keeps a freeze if requests from before it end later"({ process, windowMs, now }) {
    const [one, other] = [await process(), await process()];
    const ids = [one.newId(), one.newId()];
    const limit = { requests: 9 };
    const { epoch } = await one.take(ids[0], "a slot", limit);
    await one.take(ids[1], "another slot", limit);
    const frozenAt = now();
    await one.freeze(2 * windowMs, epoch);
    await one.settle(ids[0]);
    await one.freeze(windowMs / 4, epoch);
    await one.settle(ids[1]);
    atLeast(await other.timeToStart(other.newId(), frozenAt, limit), 2 * windowMs, "time from the freeze");
  },

  async "keeps the later end of two freezes"({ process, windowMs, now }) {
    const one = await process();
    const { epoch } = await one.take(one.newId(), "a slot", { requests: 9 });
    const frozenAt = now();
    await one.freeze(windowMs / 2, epoch);
    await one.freeze(2 * windowMs, epoch + 1);
    atLeast(
      await one.timeToStart(one.newId(), frozenAt, { requests: 9 }),
      2 * windowMs,
      "time from the freeze",
    );
  },

  async "refuses at once during a freeze of more than a minute"({ process }) {
    const [one, other] = [await process(), await process()];
    const { epoch } = await one.take(one.newId(), "a slot", { requests: 9 });
    await one.freeze(2 * LONGEST_COOLDOWN_MS, epoch);
    const turn = await other.ask(other.newId(), { requests: 9 });
    expect(turn.refusedForMs > LONGEST_COOLDOWN_MS, `refusedForMs, and not ${JSON.stringify(turn)}`);
    atMost(turn.refusedForMs, 2 * LONGEST_COOLDOWN_MS, "refusedForMs");
  },

  async "keeps a crowd within the limit, and serves all of it"({ process, windowMs, wait, now }) {
    const limit = { requests: 5 };
    const arrivals = [];
    const call = async (process) => {
      const id = process.newId();
      await process.start(id, limit);
      // The server counts a request some time before its end.
      await wait(Math.random() * 20);
      arrivals.push(now());
      await wait(Math.random() * 20);
      await process.settle(id);
    };
    const processes = await Promise.all(Array.from({ length: 3 }, process));
    await Promise.all(processes.flatMap((process) => Array.from({ length: 8 }, () => call(process))));
    equal(arrivals.length, 24, "calls");
    arrivals.sort((a, b) => a - b);
    for (let last = 5; last < arrivals.length; last += 1) {
      atLeast(arrivals[last] - arrivals[last - 5], windowMs, "time in which the server sees six requests");
    }
  },
};

/** Checks that a turn is one of the three kinds of `LedgerTurn`. */
function checkTurn(turn) {
  const isDuration = (value) => typeof value === "number" && value >= 0 && value < Infinity;
  const isCount = (value) => value === undefined || (Number.isInteger(value) && value >= 1);
  const isGrant = turn?.granted === true && Number.isInteger(turn.epoch) && turn.epoch >= 0;
  const isWait =
    turn?.granted === false &&
    isDuration(turn.retryInMs) &&
    isDuration(turn.startInMs) &&
    (turn.reason === "rate_limit" || turn.reason === "cooldown");
  const isRefusal = turn?.granted === false && turn.refusedForMs > LONGEST_COOLDOWN_MS;
  expect(isGrant || isWait || isRefusal, `a LedgerTurn, and not ${JSON.stringify(turn)}`);
  expect(isCount(turn.processes), `processes: a number of at least 1, and not ${turn.processes}`);
}

function expect(condition, what) {
  if (!condition) throw new Error(`expected ${what}`);
}

function equal(found, expected, what) {
  expect(found === expected, `${what}: ${expected}, and not ${found}`);
}

function atLeast(found, least, what) {
  expect(found >= least - ROUNDING_MS, `${what}: at least ${least} ms, and not ${found}`);
}

function atMost(found, most, what) {
  expect(found <= most, `${what}: at most ${most}, and not ${found}`);
}

function unique() {
  return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}-${(created += 1)}`;
}

function sleep(ms) {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
