// `Retry-After`: a call waits for a short one, and remembers a long one. It never shortens the backoff.

import assert from "node:assert/strict";
import { mock, suite, test } from "node:test";

import { virtualClock } from "../package/support/clock.mjs";
import {
  ComfyControl,
  getManagedRunner,
  isComfyControlError,
  listManagedRunners,
} from "../package/support/package.mjs";
import { createEmulator } from "../package/support/testing.mjs";
import { noUnhandledRejections, thrown } from "../package/support/watch.mjs";

const closing = noUnhandledRejections();

suite("with a clock of our own", () => {
  const clock = virtualClock();
  const ID = "018f9c3e-0000-7000-8000-00000000000a";

  /** An API that fails with this status and `Retry-After`, `times` times. */
  function failing(status, header, times = 1) {
    const api = createEmulator({ clock: "real" });
    api.failNext({ status, headers: { "retry-after": header }, times });
    return api;
  }
  /** Makes a call to an API. Returns how it ended, and the times of its requests. */
  async function run(api) {
    const result = await clock.until(listManagedRunners(api.clientOptions).catch((error) => error));
    return { result, starts: api.requests.map(({ at }) => at) };
  }
  const date = (ms) => new Date(Math.ceil(Date.now() / 1000) * 1000 + ms).toUTCString();

  suite("longer than a call may wait", () => {
    /** A client whose server asked for a pause of an hour. */
    async function paused(header = "3600") {
      const api = failing(429, header);
      const options = api.clientOptions;
      const client = new ComfyControl(options);
      const first = await clock.until(client.listManagedRunners().catch((error) => error));
      return { client, options, api, first };
    }

    test("the first call fails at once, and says when", async () => {
      const now = Date.now();
      const { first, api } = await paused();
      assert.ok(isComfyControlError(first, "rate_limited"), String(first));
      assert.deepEqual([first.retryAt, Date.now(), api.requests.length], [now + 3_600_000, now, 1]);
    });

    test("every later call fails at once with the same moment, whoever makes it, and asks nobody", async () => {
      const { client, options, api, first } = await paused();
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
      assert.deepEqual([Date.now(), api.requests.length, client.rateLimit.queued], [now, 1, 0]);
    });

    test("fifty calls at once leave no timer and no waiter in the queue", async () => {
      const { client, api } = await paused();
      const timers = clock.timers();
      const errors = await clock.until(
        Promise.all(Array.from({ length: 50 }, () => thrown(client.listManagedRunners({ coalesce: false })))),
      );
      assert.ok(errors.every((error) => isComfyControlError(error, "rate_limited")));
      assert.deepEqual([clock.timers(), api.requests.length, client.rateLimit.queued], [timers, 1, 0]);
    });

    test("calls that wait in the queue when it is heard fail, too", async () => {
      const api = failing(429, "3600", Infinity);
      const client = new ComfyControl({
        ...api.clientOptions,
        rateLimit: { requests: 1, windowMs: 1000 },
      });
      const now = Date.now();
      const errors = await clock.until(
        Promise.all(Array.from({ length: 3 }, () => thrown(client.listManagedRunners({ coalesce: false })))),
      );
      assert.ok(
        errors.every((error) => isComfyControlError(error, "rate_limited")),
        errors.join(),
      );
      assert.equal(api.requests.length, 1);
      assert.ok(Date.now() - now <= 60_000, `${Date.now() - now} ms`);
    });

    test("calls with less than a minute left wait; after it, calls go through", async () => {
      const { client, api } = await paused();
      await clock.pass(3_599_000);
      assert.equal((await clock.until(client.listManagedRunners())).total, 0);
      assert.equal(api.requests.length, 2);
      const again = await paused();
      await clock.pass(3_600_001);
      const now = Date.now();
      assert.equal((await clock.until(again.client.listManagedRunners())).total, 0);
      assert.equal(Date.now(), now, "no wait after it");
    });

    test("another origin is not concerned", async () => {
      await paused();
      assert.equal((await run(createEmulator())).result.total, 0);
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
          const { starts } = await run(failing(503, header(), Infinity));
          jitter.mock.restore();
          const first = Math.ceil(500 * random);
          assert.deepEqual(starts, [0, first, first + Math.ceil(1000 * random)]);
        }
      });

      test(`${what} does not shorten a 429's cooldown`, async () => {
        const { result, starts } = await run(failing(429, header()));
        assert.deepEqual([result.total, starts], [0, [0, 10_000]]);
      });
    }

    test("twelve calls make no more requests in the first moments than twelve", async () => {
      const api = failing(429, "0", Infinity);
      const client = new ComfyControl({ ...api.clientOptions });
      const calls = Array.from({ length: 12 }, () => thrown(client.listManagedRunners({ coalesce: false })));
      await clock.pass(5000);
      assert.ok(api.requests.length <= 12, String(api.requests.length));
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
          const { result, starts } = await run(failing(status, header));
          assert.deepEqual([result.total, starts], [0, [0, wait]]);
        });
      }
    }

    test("of two that differ, one is obeyed", async () => {
      for (const header of ["2, 5", "5, 2"]) {
        const { starts } = await run(failing(503, header));
        assert.ok([2000, 5000].includes(starts[1]), `${header}: ${starts}`);
      }
    });

    test("a doubled date is obeyed", async () => {
      await clock.pass(1000 - (Date.now() % 1000));
      const when = new Date(Date.now() + 4000).toUTCString();
      const { starts } = await run(failing(503, `${when}, ${when}`));
      assert.deepEqual(starts, [0, 4000]);
    });
  });
});

closing();
