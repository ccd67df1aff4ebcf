// A rate limit in a ledger of the caller: which of its methods the client calls, and what happens while it does not
// answer.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { virtualClock } from "./support/clock.mjs";
import { answer, memory, origin, refusal } from "./support/memory.mjs";
import { ComfyControl, listManagedRunners } from "./support/package.mjs";
import { noUnhandledRejections, thrown } from "./support/watch.mjs";

const closing = noUnhandledRejections();
const LIMIT = { requests: 4, windowMs: 10_000 };
/** How long after losing the ledger a process may start requests by its share. */
const ALONE = 10_000 + 2_500;
const WAIT = { granted: false, retryInMs: 100, startInMs: 300, reason: "rate_limit" };
const GRANT = { granted: true, epoch: 0 };

suite("with a clock of our own", () => {
  const clock = virtualClock();

  /** A ledger that returns these turns, and then repeats the last one. `log` records all calls. */
  function scripted(...turns) {
    const log = [];
    const ledger = {
      turns,
      acquire(...args) {
        log.push(["acquire", ...args]);
        const turn = ledger.turns.length > 1 ? ledger.turns.shift() : ledger.turns[0];
        return typeof turn === "function" ? turn() : turn;
      },
      settle: (...args) => void log.push(["settle", ...args]),
      abandon: (...args) => void log.push(["abandon", ...args]),
      freeze: (...args) => void log.push(["freeze", ...args]),
    };
    return { ledger, log, named: (name) => log.filter(([method]) => method === name) };
  }

  /** A client with a ledger. `starts` has the times of its requests. */
  function client(ledger, options = {}) {
    const starts = [];
    const events = [];
    const { fetch = async () => answer(), rateLimit = LIMIT, ...others } = options;
    const baseUrl = origin();
    const given = {
      baseUrl,
      coalesce: false,
      rateLimit: { ...rateLimit, ledger },
      fetch: (...args) => {
        starts.push(clock.now());
        return fetch(...args);
      },
      onEvent: (event) => events.push(event),
      ...others,
    };
    return { client: new ComfyControl(given), given, baseUrl, starts, events };
  }
  const silence = () => new Promise(() => {});
  const ledgerEvents = (events) =>
    events.filter(({ type }) => type === "ledger").map(({ state, requests }) => [state, requests]);

  test("each request calls `acquire` and `settle`, and nothing else", async () => {
    const { ledger, log } = scripted(GRANT);
    const { client: own, baseUrl } = client(ledger);
    await clock.until(own.listManagedRunners({ timeout: 3000 }));
    const { id } = log[0][2];
    assert.deepEqual(log, [
      ["acquire", baseUrl, { id, requests: 4, windowMs: 10_000, leaseMs: 4000 }],
      ["settle", baseUrl, id, { answered: true }],
    ]);
    assert.match(id, /^\d+\.\w+$/);
  });

  test("ids are unique, also across processes", async (t) => {
    const { ledger, named } = scripted(GRANT);
    const { given } = client(ledger);
    const calls = Array.from({ length: 50 }, () => listManagedRunners(given));
    await clock.until(Promise.all(calls));
    assert.equal(new Set(named("acquire").map(([, , { id }]) => id)).size, 50);
    t.mock.method(Math, "random", () => 0.5);
    await clock.until(Promise.all([listManagedRunners(given), listManagedRunners(given)]));
    assert.equal(new Set(named("settle").map(([, , id]) => id)).size, 52);
  });

  test("a waiter asks again with the same id after `retryInMs`, and reports how long it waits", async () => {
    const { ledger, named } = scripted(WAIT, { ...WAIT, retryInMs: 50 }, async () => GRANT);
    const { client: own, starts, events } = client(ledger);
    const before = clock.now();
    await clock.until(own.listManagedRunners());
    assert.deepEqual(starts, [before + 150]);
    assert.equal(new Set(named("acquire").map(([, , { id }]) => id)).size, 1);
    const waits = events.filter(({ type }) => type === "wait");
    assert.deepEqual(
      waits.map(({ reason, waitMs }) => [reason, Math.round(waitMs)]),
      [["rate_limit", 300]],
    );
  });

  test("`rateLimit` counts calls that wait for the ledger", async () => {
    const { ledger } = scripted({ ...WAIT, retryInMs: 20_000, startInMs: 20_000 }, GRANT);
    const { client: own } = client(ledger);
    const call = own.listManagedRunners();
    await clock.pass(15_000);
    assert.equal(own.rateLimit.queued, 1);
    await clock.until(call);
    assert.equal(own.rateLimit.queued, 0);
  });

  test("a request without an answer is settled as not answered", async () => {
    const { ledger, named } = scripted(GRANT);
    const { client: own } = client(ledger, { fetch: silence, maxRetries: 0, timeout: 1000 });
    await clock.until(thrown(own.listManagedRunners()));
    assert.deepEqual(named("settle")[0][3], { answered: false });
  });

  test("an aborted waiter leaves the ledger's queue", async () => {
    const { ledger, log } = scripted(WAIT);
    const { client: own, baseUrl, starts } = client(ledger);
    const controller = new AbortController();
    const call = thrown(own.listManagedRunners({ signal: controller.signal }));
    await clock.pass(250);
    controller.abort("gone");
    assert.equal(await call, "gone");
    assert.deepEqual(log.at(-1), ["abandon", baseUrl, log[0][2].id]);
    assert.deepEqual(starts, []);
  });

  test("a call that is aborted while it asks abandons its slot, and the ledger is not lost", async () => {
    const { ledger, log } = scripted(silence);
    const { client: own, events } = client(ledger);
    const controller = new AbortController();
    const call = thrown(own.listManagedRunners({ signal: controller.signal }));
    await clock.pass(50);
    controller.abort("gone");
    assert.equal(await call, "gone");
    assert.equal(log.at(-1)[0], "abandon");
    assert.deepEqual(ledgerEvents(events), []);
  });

  for (const [how, answerNow] of Object.entries({
    granted: ({ resolve }) => resolve(GRANT),
    refused: ({ reject }) => reject(new Error("the answer was lost")),
  })) {
    test(`a slot that is ${how} after its call was aborted is given back again`, async () => {
      let pending;
      const { ledger, named } = scripted(
        () => new Promise((resolve, reject) => void (pending = { resolve, reject })),
      );
      const { client: own } = client(ledger);
      const controller = new AbortController();
      const call = thrown(own.listManagedRunners({ signal: controller.signal }));
      await clock.pass(50);
      controller.abort("gone");
      await call;
      assert.equal(named("abandon").length, 1);
      // `abandon` may have arrived first.
      answerNow(pending);
      await clock.settle();
      assert.equal(named("abandon").length, 2);
      assert.deepEqual(named("abandon")[1], named("abandon")[0]);
    });
  }

  for (const [timeout, suspendedMs, asked] of [
    [10_000, 4_900, 1],
    [10_000, 5_100, 2],
    [1_000, 1_900, 1],
    [1_000, 2_100, 2],
  ]) {
    const what = asked === 1 ? "used" : "out of date: it asks again";
    test(`with a timeout of ${timeout} ms, a grant from before the process was suspended for ${suspendedMs} ms is ${what}`, async (t) => {
      let missedMs = 0;
      t.mock.method(performance, "now", () => clock.now() + missedMs);
      const suspend = () => {
        missedMs += suspendedMs;
        return GRANT;
      };
      const { ledger, named } = scripted(suspend, GRANT);
      const { client: own, starts, events } = client(ledger);
      await clock.until(own.listManagedRunners({ timeout }));
      const ids = named("acquire").map(([, , { id }]) => id);
      assert.equal(ids.length, asked);
      assert.equal(new Set(ids).size, 1);
      assert.equal(starts.length, 1);
      assert.equal(named("abandon").length, 0);
      assert.deepEqual(ledgerEvents(events), []);
    });
  }

  for (const [what, value] of Object.entries({
    "a BigInt": 5n,
    "a symbol": Symbol("5"),
    "an object that throws": {
      valueOf() {
        throw new Error("no");
      },
    },
    "a text": "5",
    "no finite number": Infinity,
  })) {
    test(`a number of processes that is ${what} counts as unknown`, async () => {
      const { ledger } = scripted({ ...WAIT, processes: value }, { ...GRANT, processes: value }, silence);
      const { client: own, events } = client({ ...ledger, processes: value });
      await clock.until(own.listManagedRunners());
      await clock.until(own.listManagedRunners());
      assert.deepEqual(ledgerEvents(events), [["lost", 0.5]]);
    });
  }

  test("a `startInMs` that is no number counts as `retryInMs`", async () => {
    for (const startInMs of [300n, Symbol("300"), "300", {}, undefined]) {
      const { ledger } = scripted({ ...WAIT, startInMs }, GRANT);
      const { client: own, events } = client(ledger);
      await clock.until(own.listManagedRunners());
      const waits = events.filter(({ type }) => type === "wait");
      assert.deepEqual(
        waits.map(({ waitMs }) => Math.round(waitMs)),
        [100],
      );
    }
  });

  test("a 429 calls `freeze` with the epoch of the request's grant", async () => {
    const { ledger, named } = scripted({ granted: true, epoch: 7 }, { granted: true, epoch: 8 });
    const { fetch } = memory(
      () => refusal(429, { "retry-after": "4" }),
      () => answer(),
    );
    const { client: own } = client(ledger, { fetch });
    await clock.until(own.listManagedRunners());
    assert.deepEqual(
      named("freeze").map(([, , pause]) => pause),
      [{ forMs: 4000, epoch: 7 }],
    );
  });

  test("calls wait for a cooldown of another process, but a long cooldown fails them at once with `retryAt`", async () => {
    const { ledger } = scripted({ ...WAIT, reason: "cooldown" }, GRANT, {
      granted: false,
      refusedForMs: 90_000,
    });
    const { client: own, events, starts } = client(ledger);
    await clock.until(own.listManagedRunners());
    assert.equal(events.find(({ type }) => type === "wait").reason, "cooldown");
    const error = await clock.until(thrown(own.listManagedRunners()));
    assert.equal(error.code, "rate_limited");
    assert.equal(error.retryAt, Date.now() + 90_000);
    assert.equal(starts.length, 1);
  });

  suite("a ledger that does not answer", () => {
    const FAULTS = {
      "that is silent": silence,
      "that throws": () => {
        throw new Error("down");
      },
      "that rejects": () => Promise.reject(new Error("down")),
      "that gives nothing": () => undefined,
      "that grants by anything but true": () => ({ granted: 1, epoch: 0 }),
      "that names no time": () => ({ granted: false }),
      "whose time is no number": () => ({
        granted: false,
        retryInMs: NaN,
        startInMs: 0,
        reason: "rate_limit",
      }),
      "whose time is negative": () => ({ granted: false, retryInMs: -1, startInMs: 0, reason: "rate_limit" }),
      "whose time is a BigInt": () => ({
        granted: false,
        retryInMs: 5n,
        startInMs: 5n,
        reason: "rate_limit",
      }),
      "whose time is a symbol": () => ({ ...WAIT, retryInMs: Symbol("5") }),
      "that refuses for a BigInt": () => ({ granted: false, refusedForMs: 100_000n }),
      "whose turn cannot be read": () => ({
        get granted() {
          throw new Error("no");
        },
      }),
    };
    for (const [what, turn] of Object.entries(FAULTS)) {
      test(`${what} is lost: the process pauses, and then keeps to its share`, async () => {
        const { ledger } = scripted(turn);
        const { client: own, starts, events } = client({ ...ledger, processes: 2 });
        const before = clock.now();
        await clock.until(Promise.all(Array.from({ length: 5 }, () => own.listManagedRunners())));
        // Two requests per window: two processes share four.
        const times = starts.map((start) => Math.floor((start - before) / 100) * 100);
        assert.ok(times[0] >= ALONE && times[0] <= ALONE + 500, String(times));
        assert.deepEqual(
          times.map((time) => time - times[0]),
          [0, 0, 10_000, 10_000, 20_000],
        );
        assert.deepEqual(ledgerEvents(events), [["lost", 2]]);
      });
    }

    test("the share is an eighth if the number of processes is unknown", async () => {
      const { ledger } = scripted(silence);
      const { client: own, events } = client(ledger, { rateLimit: { requests: 40, windowMs: 10_000 } });
      await clock.until(own.listManagedRunners());
      assert.deepEqual(ledgerEvents(events), [["lost", 5]]);
    });

    test("the share depends on the processes that the ledger last counted", async () => {
      const { ledger } = scripted({ ...GRANT, processes: 4 }, silence);
      const { client: own, events } = client(ledger);
      await clock.until(own.listManagedRunners());
      await clock.until(own.listManagedRunners());
      assert.deepEqual(ledgerEvents(events), [["lost", 1]]);
    });

    test("one of the waiting calls asks it again every two seconds", async () => {
      const { ledger, named } = scripted(silence);
      const { client: own } = client(ledger);
      const controller = new AbortController();
      const calls = Array.from({ length: 10 }, () =>
        thrown(own.listManagedRunners({ signal: controller.signal })),
      );
      await clock.pass(600);
      const asked = named("acquire").length;
      await clock.pass(10_000);
      assert.ok(named("acquire").length - asked <= 5, String(named("acquire").length - asked));
      assert.ok(named("acquire").length - asked >= 3, String(named("acquire").length - asked));
      controller.abort();
      await Promise.all(calls);
    });

    test("if it is back before a request was started by a share, calls start at once", async () => {
      const { ledger, named } = scripted(silence);
      const { client: own, starts, events } = client(ledger);
      const call = own.listManagedRunners();
      const before = clock.now();
      await clock.pass(1000);
      ledger.turns = [GRANT];
      await clock.until(call);
      assert.ok(starts[0] - before <= 3000, String(starts[0] - before));
      assert.deepEqual(ledgerEvents(events), [
        ["lost", 0.5],
        ["back", 4],
      ]);
      assert.equal(named("freeze").length, 0);
    });

    test("if it is back after a request was started by a share, all processes pause for that window", async () => {
      const { ledger, log } = scripted(silence);
      const { client: own, baseUrl, starts } = client({ ...ledger, processes: 1 });
      await clock.until(own.listManagedRunners());
      assert.equal(starts.length, 1);
      log.length = 0;
      ledger.turns = [GRANT];
      // The next call asks the ledger when the next question is due.
      await clock.pass(2000);
      await clock.until(own.listManagedRunners());
      const { id } = log[0][2];
      assert.deepEqual(
        log.map(([method]) => method),
        ["acquire", "abandon", "freeze", "acquire", "settle"],
      );
      assert.deepEqual(log[1], ["abandon", baseUrl, id]);
      assert.deepEqual(log[2], ["freeze", baseUrl, { forMs: 12_500, epoch: 0 }]);
    });

    test("if such a request ends after the ledger is back, all processes pause for one more window", async () => {
      const { ledger, log, named } = scripted(silence);
      const slow = () => new Promise((resolve) => setTimeout(() => resolve(answer()), 5000));
      const { client: own, baseUrl, starts } = client({ ...ledger, processes: 1 }, { fetch: slow });
      const first = own.listManagedRunners();
      await clock.pass(13_100);
      assert.equal(starts.length, 1);
      ledger.turns = [GRANT];
      await clock.pass(2000);
      const second = own.listManagedRunners();
      await clock.until(first);
      assert.deepEqual(named("freeze").at(-1), ["freeze", baseUrl, { forMs: 10_000, epoch: 0 }]);
      assert.ok(log.length > 0);
      await clock.until(second);
    });

    test("one late answer does not lose a ledger that answers other calls", async () => {
      let count = 0;
      const late = () => new Promise((resolve) => setTimeout(resolve, 700, GRANT));
      const { ledger } = scripted(() => ((count += 1) === 1 ? late() : GRANT));
      const { client: own, events } = client(ledger);
      const first = own.listManagedRunners();
      for (let i = 0; i < 6; i += 1) {
        await clock.pass(100);
        await clock.until(own.listManagedRunners());
      }
      await clock.until(first);
      assert.deepEqual(ledgerEvents(events), []);
    });
  });

  test("errors of `settle`, `abandon` and `freeze` are ignored", async () => {
    const fail = () => {
      throw new Error("down");
    };
    const { ledger } = scripted(GRANT);
    const { client: own } = client({ acquire: ledger.acquire, settle: fail, abandon: fail, freeze: fail });
    await clock.until(own.listManagedRunners());
    const reject = () => Promise.reject(new Error("down"));
    const { client: other } = client({
      acquire: ledger.acquire,
      settle: reject,
      abandon: reject,
      freeze: reject,
    });
    await clock.until(other.listManagedRunners());
  });

  test("without a ledger, a call needs no additional microtask before its request", async () => {
    const turnsUntilRequest = async (options) => {
      let turns = 0;
      let requests = 0;
      const fetch = async () => {
        requests += 1;
        return answer();
      };
      const own = new ComfyControl({ baseUrl: origin(), fetch, ...options });
      await clock.until(own.listManagedRunners());
      const call = own.listManagedRunners();
      while (requests < 2) {
        turns += 1;
        await undefined;
      }
      await clock.until(call);
      return turns;
    };
    // As many as with `rateLimit: false`: asking the limiter takes no microtask.
    assert.equal(await turnsUntilRequest({}), await turnsUntilRequest({ rateLimit: false }));
    const { ledger } = scripted(GRANT);
    assert.ok((await turnsUntilRequest({ rateLimit: { ...LIMIT, ledger } })) > (await turnsUntilRequest({})));
  });

  test("a value that is not a ledger is refused", () => {
    for (const ledger of [null, 1, "redis", {}, { acquire() {}, settle() {}, abandon() {} }, []]) {
      assert.throws(() => new ComfyControl({ rateLimit: { ...LIMIT, ledger } }), {
        code: "invalid_options",
        message: /rateLimit\.ledger: expected an object with acquire, settle, abandon and freeze/,
      });
    }
    new ComfyControl({ rateLimit: { ...LIMIT, ledger: undefined } });
  });
});

closing();
