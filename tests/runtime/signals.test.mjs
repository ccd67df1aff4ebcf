// Foreign signals: old ones without a `reason`, and those that a fetch refuses.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { AbortController as OldController } from "abort-controller";
import * as undici from "undici";

import { startEmulator, TOKEN } from "../package/support/emulator.mjs";
import { answer, memory, origin, RUNNER } from "../package/support/memory.mjs";
import { ComfyControl, getManagedRunner, listManagedRunners } from "../package/support/package.mjs";
import { noUnhandledRejections, poll, thrown, timers } from "../package/support/watch.mjs";
import { child } from "./support/child.mjs";

const closing = noUnhandledRejections();

suite("a signal without a reason, as React Native's", () => {
  const aborted = () => {
    const controller = new OldController();
    controller.abort();
    return controller.signal;
  };
  const isAbort = (error) => {
    assert.ok(error instanceof Error, `rejected with ${String(error)}`);
    assert.deepEqual([error.name, error.code], ["AbortError", 20], "as fetch's own");
    assert.ok(error.message.length > 0);
  };

  test("aborted before: every kind of call rejects with an AbortError", async () => {
    const options = { fetch: memory().fetch, baseUrl: origin() };
    const client = new ComfyControl(options);
    isAbort(await thrown(listManagedRunners({ ...options, signal: aborted() })));
    isAbort(await thrown(getManagedRunner(RUNNER.id, { ...options, signal: aborted() })));
    isAbort(await thrown(client.collectManagedRunners({ signal: aborted() })));
    isAbort(await thrown(client.iterateManagedRunners({ signal: aborted() }).next()));
  });

  /** Makes a call, and resolves at the moment for the abort. */
  const PLACES = {
    "during a request": (signal) => {
      const { fetch, requests } = memory(() => new Promise(() => {}));
      return [listManagedRunners({ fetch, baseUrl: origin(), signal }), () => requests.length === 1];
    },
    "in the queue": (signal) => {
      const client = new ComfyControl({
        fetch: memory().fetch,
        baseUrl: origin(),
        coalesce: false,
        rateLimit: { requests: 1, windowMs: 60_000 },
      });
      const first = client.listManagedRunners();
      return [
        client.listManagedRunners({ signal }),
        async () => (await first, client.rateLimit.queued === 1),
      ];
    },
    "during the body": (signal) => {
      let reading = false;
      const body = new ReadableStream(
        { pull: () => ((reading = true), new Promise(() => {})) },
        { highWaterMark: 0 },
      );
      return [
        listManagedRunners({ fetch: async () => new Response(body), baseUrl: origin(), signal }),
        () => reading,
      ];
    },
    "while the token is asked for": (signal) => {
      let asked = false;
      const token = () => ((asked = true), new Promise(() => {}));
      return [listManagedRunners({ fetch: memory().fetch, baseUrl: origin(), token, signal }), () => asked];
    },
    "while all pages are read": (signal) => {
      const { fetch, requests } = memory(() => new Promise(() => {}));
      return [
        new ComfyControl({ fetch, baseUrl: origin() }).collectManagedRunners({ signal }),
        () => requests.length > 0,
      ];
    },
  };
  for (const [when, start] of Object.entries(PLACES)) {
    test(`aborted ${when}: an AbortError`, async () => {
      const controller = new OldController();
      const [call, arrived] = start(controller.signal);
      call.catch(() => {});
      await poll(arrived, when);
      controller.abort();
      isAbort(await thrown(call));
    });
  }

  test("a signal that says nothing but `aborted` will do", async () => {
    const signal = { aborted: true, addEventListener() {}, removeEventListener() {} };
    isAbort(await thrown(listManagedRunners({ fetch: memory().fetch, baseUrl: origin(), signal })));
  });

  test("where there is no DOMException, an Error of that name", async () => {
    const [error] = await child(`
      const { listManagedRunners } = await import("comfycontrol-runners");
      delete globalThis.DOMException;
      const signal = { aborted: true, addEventListener() {}, removeEventListener() {} };
      say(await failure(listManagedRunners({ ...options, signal })));
    `);
    assert.equal(error.name, "AbortError");
  });

  test("what AbortSignal makes of abort(undefined) is handed on as it is", async () => {
    const controller = new AbortController();
    controller.abort(undefined);
    assert.equal(
      await thrown(
        listManagedRunners({ fetch: memory().fetch, baseUrl: origin(), signal: controller.signal }),
      ),
      controller.signal.reason,
    );
  });
});

suite("a fetch that refuses our signal", () => {
  const WORDS = [
    'RequestInit: Expected signal ("AbortSignal {}") to be an instance of AbortSignal.',
    "Failed to construct 'Request': member signal is not of type AbortSignal.",
    "Expected signal to be an instance of AbortSignal",
  ];
  /** Refuses signals as fetch does in another realm's globals. `requests` are those that it made. */
  function strict(words = WORDS[0], next = () => answer(), how = (error) => Promise.reject(error)) {
    const refused = [];
    const requests = [];
    const fetch = (url, init) => {
      if (init.signal) {
        refused.push(init);
        return how(new TypeError(words));
      }
      requests.push({ url, init });
      return next(url, init);
    };
    return { fetch, requests, refused };
  }
  const throwing = (error) => {
    throw error;
  };

  test("is asked again without it: one request, no retry, and no event of a failure", async () => {
    for (const words of WORDS) {
      for (const how of [undefined, throwing]) {
        const { fetch, requests } = strict(words, undefined, how);
        const events = [];
        const page = await listManagedRunners({
          fetch,
          baseUrl: origin(),
          maxRetries: 0,
          token: "cfc_demo",
          onEvent: ({ type }) => events.push(type),
        });
        assert.equal(page.total, 0);
        assert.equal(requests.length, 1);
        assert.equal(requests[0].init.signal, undefined);
        assert.equal(requests[0].init.headers.authorization, "Bearer cfc_demo");
        assert.deepEqual(events, ["request", "response"]);
      }
    }
  });

  test("a time-out still ends the call", async () => {
    const before = timers();
    const { fetch, requests } = strict(WORDS[0], () => new Promise(() => {}));
    assert.equal(
      (await thrown(listManagedRunners({ fetch, baseUrl: origin(), maxRetries: 0, timeout: 20 }))).code,
      "timeout",
    );
    assert.equal(requests.length, 1);
    assert.equal(timers(), before);
  });

  test("the caller's signal still ends the call", async () => {
    const { fetch, requests } = strict(WORDS[0], () => new Promise(() => {}));
    const controller = new AbortController();
    const call = thrown(listManagedRunners({ fetch, baseUrl: origin(), signal: controller.signal }));
    await poll(() => requests.length === 1);
    controller.abort("enough");
    assert.equal(await call, "enough");
  });

  test("an abort between the two means no request", async () => {
    const controller = new AbortController();
    const { fetch, requests } = strict(
      WORDS[0],
      undefined,
      (error) => (controller.abort("enough"), Promise.reject(error)),
    );
    assert.equal(
      await thrown(listManagedRunners({ fetch, baseUrl: origin(), signal: controller.signal })),
      "enough",
    );
    assert.equal(requests.length, 0);
  });

  test("a body that stalls is timed out, too", async () => {
    const { fetch } = strict(
      WORDS[0],
      () => new Response(new ReadableStream({ pull: () => new Promise(() => {}) })),
    );
    assert.equal(
      (await thrown(listManagedRunners({ fetch, baseUrl: origin(), maxRetries: 0, timeout: 20 }))).code,
      "timeout",
    );
  });

  test("one that refuses for another reason is not asked again", async () => {
    let asked = 0;
    const fetch = () => ((asked += 1), Promise.reject(new TypeError("fetch failed")));
    assert.equal(
      (await thrown(listManagedRunners({ fetch, baseUrl: origin(), maxRetries: 0 }))).code,
      "connection_failed",
    );
    assert.equal(asked, 1);
  });

  test("one that refuses even without it fails as the refusal says, once", async () => {
    let asked = 0;
    const fetch = () => ((asked += 1), Promise.reject(new TypeError(WORDS[0])));
    assert.equal(
      (await thrown(listManagedRunners({ fetch, baseUrl: origin(), maxRetries: 0 }))).code,
      "connection_failed",
    );
    assert.equal(asked, 2);
  });

  test("undici's fetch, where AbortController is another library's: lists, times out, and is aborted", async () => {
    const emulator = await startEmulator();
    const options = {
      baseUrl: emulator.url,
      token: TOKEN,
      fetch: undici.fetch,
      rateLimit: false,
      maxRetries: 0,
    };
    const own = globalThis.AbortController;
    globalThis.AbortController = OldController;
    try {
      assert.equal((await listManagedRunners(options)).total, 250);
      assert.equal(
        (await new ComfyControl(options).collectManagedRunners({ perPage: 100 })).runners.length,
        250,
      );
      assert.equal((await emulator.stats()).requests, 4);
      await emulator.faults({ stall: "before-headers" });
      assert.equal((await thrown(listManagedRunners({ ...options, timeout: 50 }))).code, "timeout");
      await emulator.faults({ stall: "mid-body" });
      const controller = new own();
      const call = thrown(listManagedRunners({ ...options, signal: controller.signal }));
      await poll(async () => (await emulator.waiting()).length === 0);
      controller.abort("enough");
      assert.equal(await call, "enough");
    } finally {
      globalThis.AbortController = own;
    }
  });
});

closing();
