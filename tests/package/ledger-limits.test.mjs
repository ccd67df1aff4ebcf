// Clients with a ledger beside what the process knows by itself: cooldowns, and other ledgers.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { virtualClock } from "./support/clock.mjs";
import { answer, origin, refusal } from "./support/memory.mjs";
import { ComfyControl } from "./support/package.mjs";
import { noUnhandledRejections, thrown } from "./support/watch.mjs";

const closing = noUnhandledRejections();
const GRANT = { granted: true, epoch: 0 };

suite("with a clock of our own", () => {
  const clock = virtualClock();

  /** A ledger that grants every request, and ignores freezes. */
  const lax = (members = {}) => ({
    acquire: () => GRANT,
    settle() {},
    abandon() {},
    freeze() {},
    ...members,
  });

  /** A client. `starts` has the times of its requests. */
  function client(options = {}) {
    const starts = [];
    const events = [];
    const { ledger, answers = [], ...others } = options;
    const own = new ComfyControl({
      baseUrl: origin(),
      coalesce: false,
      rateLimit: { requests: 4, windowMs: 10_000, ledger },
      fetch: async () => {
        starts.push(clock.now());
        return answers.shift()?.() ?? answer();
      },
      onEvent: (event) => events.push(event),
      ...others,
    });
    return { client: own, starts, events };
  }
  const limited = (seconds) => () => refusal(429, { "retry-after": String(seconds) });

  test("a 429 to a client without a ledger pauses clients with one", async () => {
    const baseUrl = origin();
    const plain = client({ baseUrl, answers: [limited(5)], maxRetries: 0 });
    const shared = client({ baseUrl, ledger: lax() });
    assert.equal((await clock.until(thrown(plain.client.listManagedRunners()))).code, "rate_limited");
    const before = clock.now();
    await clock.until(shared.client.listManagedRunners());
    assert.deepEqual(shared.starts, [before + 5000]);
    const waits = shared.events.filter(({ type }) => type === "wait");
    assert.deepEqual(
      waits.map(({ reason, waitMs }) => [reason, Math.round(waitMs)]),
      [["cooldown", 5000]],
    );
  });

  test("a pause that is too long to wait for refuses clients with a ledger, too", async () => {
    const baseUrl = origin();
    const plain = client({ baseUrl, answers: [limited(300)], maxRetries: 0 });
    const shared = client({ baseUrl, ledger: lax() });
    await clock.until(thrown(plain.client.listManagedRunners()));
    const error = await clock.until(thrown(shared.client.listManagedRunners()));
    assert.equal(error.code, "rate_limited");
    assert.equal(error.retryAt, clock.start + clock.now() + 300_000);
    assert.deepEqual(shared.starts, []);
  });

  test("after a 429 no request starts, though the ledger fails to freeze", async () => {
    const ledger = lax({ freeze: () => Promise.reject(new Error("down")) });
    const { client: own, starts } = client({ ledger, answers: [limited(7)] });
    await clock.until(own.listManagedRunners());
    assert.deepEqual(starts, [starts[0], starts[0] + 7000]);
  });

  test("a slot that the ledger grants during a cooldown is given back", async () => {
    const abandoned = [];
    let respond;
    let grant;
    const ledger = lax({ abandon: (_, id) => abandoned.push(id) });
    const slow = () => new Promise((resolve) => (respond = resolve));
    const { client: own, starts } = client({ ledger, answers: [slow], maxRetries: 0 });
    const first = thrown(own.listManagedRunners());
    await clock.settle();
    ledger.acquire = () => new Promise((resolve) => (grant = resolve));
    const second = own.listManagedRunners();
    await clock.settle();
    respond(limited(7)());
    await clock.until(first);
    const before = clock.now();
    ledger.acquire = () => GRANT;
    grant(GRANT);
    await clock.until(second);
    assert.equal(abandoned.length, 1);
    assert.deepEqual(starts, [before, before + 7000]);
  });

  test("each ledger of an origin has its own limit: one that is lost disturbs no other", async () => {
    const baseUrl = origin();
    const down = client({
      baseUrl,
      ledger: lax({ processes: 1, acquire: () => Promise.reject(new Error("down")) }),
    });
    const up = client({ baseUrl, ledger: lax({ processes: 1 }) });
    const call = down.client.listManagedRunners();
    const from = clock.now();
    for (let second = 0; second < 20; second += 1) {
      const at = clock.now();
      await clock.until(up.client.listManagedRunners());
      assert.equal(up.starts.at(-1), at);
      await clock.pass(1000);
    }
    await clock.until(call);
    assert.deepEqual(down.starts, [from + 12_500]);
    assert.deepEqual(
      down.events.filter(({ type }) => type === "ledger").map(({ state }) => state),
      ["lost"],
    );
    assert.deepEqual(
      up.events.filter(({ type }) => type === "ledger"),
      [],
    );
  });
});

closing();
