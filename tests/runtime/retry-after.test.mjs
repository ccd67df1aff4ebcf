// `Retry-After`: a call waits for a short one, and remembers a long one. It never shortens the backoff.

import assert from "node:assert/strict";
import { mock, suite, test } from "node:test";

import { virtualClock } from "../package/support/clock.mjs";
import { answer, memory, origin, refusal } from "../package/support/memory.mjs";
import {
  ComfyControl,
  getManagedRunner,
  isComfyControlError,
  listManagedRunners,
} from "../package/support/package.mjs";
import { noUnhandledRejections, thrown } from "../package/support/watch.mjs";

const closing = noUnhandledRejections();

suite("with a clock of our own", () => {
  const clock = virtualClock();
  const ID = "018f9c3e-0000-7000-8000-00000000000a";

  /** Makes a call with these answers. Returns how it ended, and the times of its requests. */
  async function run(answers, options) {
    const starts = [];
    const begin = clock.now();
    const { fetch } = memory(...answers);
    const call = listManagedRunners({
      baseUrl: origin(),
      fetch: (...args) => (starts.push(clock.now() - begin), fetch(...args)),
      ...options,
    });
    const result = await clock.until(call.catch((error) => error));
    return { result, starts };
  }
  const date = (ms) => new Date(Math.ceil(Date.now() / 1000) * 1000 + ms).toUTCString();

  suite("longer than a call may wait", () => {
    /** A client whose server asked for a pause of an hour. */
    async function paused(header = "3600") {
      const { fetch, requests } = memory(
        () => refusal(429, { "retry-after": header }),
        () => answer(),
      );
      const options = { fetch, baseUrl: origin() };
      const client = new ComfyControl(options);
      const first = await clock.until(client.listManagedRunners().catch((error) => error));
      return { client, options, requests, first };
    }

    test("the first call fails at once, and says when", async () => {
      const now = Date.now();
      const { first, requests } = await paused();
      assert.ok(isComfyControlError(first, "rate_limited"), String(first));
      assert.deepEqual([first.retryAt, Date.now(), requests.length], [now + 3_600_000, now, 1]);
    });

    test("every later call fails at once with the same moment, whoever makes it, and asks nobody", async () => {
      const { client, options, requests, first } = await paused();
      const calls = {
        "the same client": () => client.listManagedRunners(),
        "one runner": () => client.getManagedRunner(ID),
        "a free function": () => listManagedRunners(options),
        "a free function for one runner": () => getManagedRunner(ID, options),
        "another client": () => new ComfyControl(options).listManagedRunners(),
        "all pages": () => client.collectManagedRunners(),
        "an iterator": () => client.iterateManagedRunners().next(),
        "one without retries": () => client.listManagedRunners({ maxRetries: 0 }),
      };
      const now = Date.now();
      for (const [who, call] of Object.entries(calls)) {
        const error = await thrown(clock.until(call()));
        assert.ok(isComfyControlError(error, "rate_limited"), `${who}: ${String(error)}`);
        assert.deepEqual([error.retryAt, error.retryable], [first.retryAt, first.retryable], who);
      }
      assert.deepEqual([Date.now(), requests.length, client.rateLimit.queued], [now, 1, 0]);
    });

    test("fifty calls at once leave no timer and no waiter in the queue", async () => {
      const { client, requests } = await paused();
      const timers = clock.timers();
      const errors = await clock.until(
        Promise.all(Array.from({ length: 50 }, () => thrown(client.listManagedRunners()))),
      );
      assert.ok(errors.every((error) => isComfyControlError(error, "rate_limited")));
      assert.deepEqual([clock.timers(), requests.length, client.rateLimit.queued], [timers, 1, 0]);
    });

    test("calls that wait in the queue when it is heard fail, too", async () => {
      const { fetch, requests } = memory(() => refusal(429, { "retry-after": "3600" }));
      const client = new ComfyControl({
        fetch,
        baseUrl: origin(),
        rateLimit: { requests: 1, windowMs: 1000 },
      });
      const now = Date.now();
      const errors = await clock.until(
        Promise.all(Array.from({ length: 3 }, () => thrown(client.listManagedRunners()))),
      );
      assert.ok(
        errors.every((error) => isComfyControlError(error, "rate_limited")),
        errors.join(),
      );
      assert.equal(requests.length, 1);
      assert.ok(Date.now() - now <= 60_000, `${Date.now() - now} ms`);
    });

    test("calls with less than a minute left wait; after it, calls go through", async () => {
      const { client, requests } = await paused();
      await clock.pass(3_599_000);
      assert.equal((await clock.until(client.listManagedRunners())).total, 0);
      assert.equal(requests.length, 2);
      const again = await paused();
      await clock.pass(3_600_001);
      const now = Date.now();
      assert.equal((await clock.until(again.client.listManagedRunners())).total, 0);
      assert.equal(Date.now(), now, "no wait after it");
    });

    test("another origin is not concerned", async () => {
      await paused();
      assert.equal((await run([() => answer()])).result.total, 0);
    });

    test("bad options and aborted signals are still told first", async () => {
      const { client } = await paused();
      assert.equal((await thrown(client.listManagedRunners({ perPage: 0 }))).code, "invalid_options");
      assert.equal(
        await thrown(client.listManagedRunners({ signal: AbortSignal.abort("enough") })),
        "enough",
      );
    });
  });

  suite("0, or a date that has passed", () => {
    const NOW = { 0: () => "0", "a past date": () => date(-60_000), "0.0": () => "0.0" };
    for (const [what, header] of Object.entries(NOW)) {
      test(`${what} does not shorten the backoff`, async () => {
        for (const random of [0.5, 0.999]) {
          const jitter = mock.method(Math, "random", () => random);
          const { starts } = await run([() => refusal(503, { "retry-after": header() })]).finally(() =>
            jitter.mock.restore(),
          );
          const first = Math.ceil(500 * random);
          assert.deepEqual(starts, [0, first, first + Math.ceil(1000 * random)]);
        }
      });

      test(`${what} does not shorten a 429's cooldown`, async () => {
        const { result, starts } = await run([
          () => refusal(429, { "retry-after": header() }),
          () => answer(),
        ]);
        assert.deepEqual([result.total, starts], [0, [0, 10_000]]);
      });
    }

    test("twelve calls make no more requests in the first moments than twelve", async () => {
      const { fetch, requests } = memory(() => refusal(429, { "retry-after": "0" }));
      const client = new ComfyControl({ fetch, baseUrl: origin() });
      const calls = Array.from({ length: 12 }, () => thrown(client.listManagedRunners()));
      await clock.pass(5000);
      assert.ok(requests.length <= 12, String(requests.length));
      await clock.until(Promise.all(calls));
    });
  });

  suite("in other forms", () => {
    const OBEYED = [
      ["3", 3000],
      ["3, 3", 3000],
      ["3,3", 3000],
      ["3.0", 3000],
      [" 3 ", 3000],
      ["03", 3000],
    ];
    for (const [header, wait] of OBEYED) {
      for (const status of [429, 503]) {
        test(`${status} with "${header}" waits for ${wait} ms`, async () => {
          const { result, starts } = await run([
            () => refusal(status, { "retry-after": header }),
            () => answer(),
          ]);
          assert.deepEqual([result.total, starts], [0, [0, wait]]);
        });
      }
    }

    test("of two that differ, one is obeyed", async () => {
      for (const header of ["2, 5", "5, 2"]) {
        const { starts } = await run([() => refusal(503, { "retry-after": header }), () => answer()]);
        assert.ok([2000, 5000].includes(starts[1]), `${header}: ${starts}`);
      }
    });

    test("a doubled date is obeyed", async () => {
      await clock.pass(1000 - (Date.now() % 1000));
      const when = new Date(Date.now() + 4000).toUTCString();
      const { starts } = await run([
        () => refusal(503, { "retry-after": `${when}, ${when}` }),
        () => answer(),
      ]);
      assert.deepEqual(starts, [0, 4000]);
    });
  });
});

closing();
