// `comfycontrol-runners/store`: when it watches, what it shows, and which store contracts it fulfils. In virtual time.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { createElement, useSyncExternalStore } from "react";
import { renderToString } from "react-dom/server";
import { derived, get } from "svelte/store";

import { virtualClock } from "../package/support/clock.mjs";
import { noUnhandledRejections } from "../package/support/watch.mjs";
import { ComfyControl, createEmulator, isComfyControlError, store as entry } from "./support/package.mjs";

const { runnersStore } = entry;
const closing = noUnhandledRejections();

suite("the store", () => {
  const clock = virtualClock();

  /** An emulated API, and a store of its list. Time passes only in `clock.pass`. */
  function setUp(options, storeOptions, clientOptions) {
    const api = createEmulator({ runners: 5, rateLimit: false, ...options });
    const client = new ComfyControl({ ...api.clientOptions, maxRetries: 0, ...clientOptions });
    const store = runnersStore(client, { interval: 1000, ...storeOptions });
    const seen = [];
    return { api, client, store, seen, see: () => store.subscribe((snapshot) => seen.push(snapshot)) };
  }
  const moment = () => clock.pass(1);
  /** Long enough for exactly one further reading. */
  const reading = () => clock.pass(1150);
  const names = (runners) => runners.map(({ name }) => name);

  suite("watching", () => {
    test("without subscribers the store makes no request, not even for its value", async () => {
      const { api, store } = setUp();
      assert.equal(store.getSnapshot().status, "loading");
      assert.equal(store.value.status, "loading");
      store.refresh();
      await clock.pass(5000);
      assert.equal(api.requests.length, 0);
    });

    test("a subscriber gets the list, and then its changes", async () => {
      const { api, store, seen, see } = setUp();
      const leave = see();
      await moment();
      assert.deepEqual(
        seen.map(({ status }) => status),
        ["loading", "ready"],
      );
      assert.deepEqual(seen[1].runners, api.runners);
      assert.deepEqual(seen[1].changes, { added: [], removed: [], changed: [] });

      const added = api.add();
      const removed = api.remove(api.runners[3].id);
      const renamed = api.update(api.runners[1].id, { name: "renamed" });
      await reading();
      const { runners, changes, status } = store.getSnapshot();
      assert.deepEqual([status, runners], ["ready", api.runners]);
      assert.deepEqual(changes.added, [added]);
      assert.deepEqual(names(changes.removed), [removed.name]);
      assert.deepEqual(
        changes.changed.map(({ runner, fields }) => [runner, fields]),
        [[renamed, ["name", "updatedAt"]]],
      );
      leave();
    });

    test("all subscribers share one watch, which ends with the last of them", async () => {
      const { api, store } = setUp();
      const leave = [1, 2, 3].map(() => store.subscribe(() => {}));
      await moment();
      assert.equal(api.requests.length, 1);
      leave[0]();
      leave[0]();
      leave[1]();
      await reading();
      assert.equal(api.requests.length, 2);
      leave[2]();
      await clock.pass(10_000);
      assert.equal(api.requests.length, 2);
      assert.equal(clock.timers(), 0);
    });

    test("a function that subscribes twice counts as two subscribers", async () => {
      const { api, store } = setUp();
      const listener = () => {};
      const leave = [store.subscribe(listener), store.subscribe(listener)];
      leave[0]();
      await reading();
      assert.ok(api.requests.length > 0);
      leave[1]();
    });

    test("unsubscribing and subscribing again at once makes no further request, as in StrictMode or on navigation", async () => {
      const { api, store } = setUp();
      store.subscribe(() => {})();
      const first = store.subscribe(() => {});
      await moment();
      assert.equal(api.requests.length, 1);
      first();
      const leave = store.subscribe(() => {});
      await moment();
      assert.equal(api.requests.length, 1);
      assert.equal(store.value.status, "ready");
      leave();
    });

    test("unsubscribing cancels the request under way", async () => {
      const { api, see } = setUp();
      api.failNext({ stall: "before-headers" });
      const leave = see();
      await moment();
      leave();
      await moment();
      assert.equal(api.requests[0].outcome, "aborted");
    });

    test("after a time without subscribers, the list is stale until the next reading", async () => {
      const { api, store, see } = setUp();
      const leave = see();
      await moment();
      const { runners, updatedAt } = store.value;
      leave();
      await clock.pass(60_000);
      assert.deepEqual([store.value.status, store.value.updatedAt], ["stale", updatedAt]);
      assert.equal(store.value.runners, runners);
      const again = see();
      await moment();
      assert.equal(store.value.status, "ready");
      assert.equal(store.value.runners, runners, "the list is the same, so nothing needs to render");
      assert.equal(api.requests.length, 2);
      api.update(runners[1].id, { name: "another" });
      store.refresh();
      await moment();
      assert.notEqual(store.value.runners, runners);
      assert.equal(store.value.runners[1].name, "another");
      again();
    });

    test("refresh reads the list at once", async () => {
      const { api, store, see } = setUp({}, { interval: 60_000 });
      const leave = see();
      await moment();
      api.add();
      store.refresh();
      await moment();
      assert.equal(store.value.runners.length, 6);
      assert.equal(api.requests.length, 2);
      leave();
    });

    test("a late item of an ended watch is ignored", async () => {
      const say = [];
      const client = {
        async *watchManagedRunners() {
          for (;;) yield await new Promise((resolve) => say.push(resolve));
        },
      };
      const store = runnersStore(client);
      const leaveOnce = store.subscribe(() => {});
      await moment();
      leaveOnce();
      await moment();
      const leave = store.subscribe(() => {});
      await moment();
      const item = { runners: [], added: [], removed: [], changed: [] };
      say[0](item);
      await moment();
      assert.equal(store.value.status, "loading");
      say[1](item);
      await moment();
      assert.equal(store.value.status, "ready");
      leave();
    });

    test("a watch that ends by itself leaves a stale list, and a refresh or a subscriber begins another", async () => {
      let watches = 0;
      const client = {
        async *watchManagedRunners() {
          watches += 1;
          yield { runners: [], added: [], removed: [], changed: [] };
        },
      };
      const store = runnersStore(client);
      const leave = [store.subscribe(() => {})];
      await moment();
      assert.deepEqual([watches, store.value.status], [1, "stale"]);
      store.refresh();
      await moment();
      leave.push(store.subscribe(() => {}));
      await moment();
      assert.deepEqual([watches, store.value.status], [3, "stale"]);
      for (const end of leave) end();
    });

    test("a list of several pages is one snapshot", async () => {
      const { api, store, seen, see } = setUp({ runners: 250 }, { perPage: 100 });
      const leave = see();
      await moment();
      assert.equal(store.value.runners.length, 250);
      assert.equal(api.requests.length, 3);
      assert.equal(seen.length, 2);
      leave();
    });
  });

  suite("snapshots", () => {
    test("stay the same object until something changes, and are immutable", async () => {
      const { store, see } = setUp();
      assert.equal(store.getSnapshot(), store.getSnapshot());
      const leave = see();
      await moment();
      const snapshot = store.getSnapshot();
      assert.equal(store.getSnapshot(), snapshot);
      assert.equal(store.value, snapshot);
      assert.ok(Object.isFrozen(snapshot) && Object.isFrozen(snapshot.runners));
      leave();
    });

    test("a reading without changes updates `updatedAt`, and keeps the array", async () => {
      const { store, see } = setUp();
      const leave = see();
      await moment();
      const before = store.value;
      await reading();
      assert.notEqual(store.value, before);
      assert.equal(store.value.runners, before.runners);
      assert.ok(store.value.updatedAt >= before.updatedAt + 900);
      leave();
    });

    test("unchanged runners keep their object", async () => {
      const { api, store, see } = setUp();
      const leave = see();
      await moment();
      const before = store.value.runners;
      api.add();
      await reading();
      assert.equal(store.value.runners[1], before[0]);
      leave();
    });

    test("an error of a listener is reported, and the other listeners are called", async () => {
      const reported = [];
      globalThis.reportError = (error) => reported.push(error.message);
      const { store, seen, see } = setUp();
      const leave = [
        store.subscribe(({ status }) => {
          if (status === "ready") throw new Error("mine");
        }),
        see(),
      ];
      await moment();
      assert.equal(seen.length, 2);
      assert.deepEqual(reported, ["mine"]);
      delete globalThis.reportError;
      for (const end of leave) end();
    });

    test("a listener that changes the store while it is called for the first time gets that snapshot, too", async () => {
      const { api } = setUp();
      const { store } = setUp({}, { initialRunners: api.runners });
      const seen = [];
      const leave = store.subscribe(({ status }) => {
        seen.push(status);
        if (status === "stale") store.clear();
      });
      assert.deepEqual(seen, ["stale", "loading"]);
      leave();
      const observed = [];
      store.subscribe((snapshot) => observed.push(snapshot))();
      assert.equal(observed.length, 1, "without a change, once");
    });

    test("a listener may unsubscribe itself and another one while it is called", async () => {
      const { store } = setUp();
      const told = [];
      const subscriptions = [];
      const leaveAll = ({ status }) => {
        told.push("one");
        if (status === "ready") for (const end of subscriptions) end();
      };
      subscriptions.push(store.subscribe(leaveAll));
      subscriptions.push(store.subscribe(() => told.push("other")));
      await clock.pass(3000);
      assert.deepEqual(told, ["one", "other", "one"]);
    });
  });

  suite("failures", () => {
    test("of the first reading: there is no list, only the error", async () => {
      const { api, store, see } = setUp();
      api.failNext({ status: 503 });
      const leave = see();
      await moment();
      const { status, runners, error, updatedAt } = store.value;
      assert.deepEqual([status, runners, updatedAt], ["error", [], undefined]);
      assert.ok(isComfyControlError(error, "server_error"));
      await clock.pass(3000);
      assert.deepEqual([store.value.status, store.value.error], ["ready", undefined]);
      leave();
    });

    for (const [what, fault, code] of [
      ["the server fails", { status: 503 }, "server_error"],
      ["there is no network", { cut: "before-headers" }, "connection_failed"],
      ["another server answers", { html: true, status: 200 }, "invalid_response"],
    ]) {
      test(`${what}: the last good list stays, marked as stale, until a reading succeeds`, async () => {
        const { api, store, see } = setUp();
        const leave = see();
        await moment();
        const { runners, updatedAt } = store.value;
        api.failNext({ ...fault, times: 2 });
        await reading();
        assert.deepEqual([store.value.status, store.value.error?.code], ["stale", code]);
        assert.equal(store.value.runners, runners);
        assert.equal(store.value.updatedAt, updatedAt);
        await clock.pass(10_000);
        assert.deepEqual([store.value.status, store.value.error], ["ready", undefined]);
        assert.equal(store.value.runners, runners, "nothing has changed, and the error is gone all the same");
        leave();
      });
    }

    for (const [status, code] of [
      [401, "unauthorized"],
      [403, "forbidden"],
    ]) {
      test(`${status}: there is no list, also after later failures, until a reading succeeds`, async () => {
        const { api, store, see } = setUp();
        const leave = see();
        await moment();
        api.failNext({ status });
        // A fixed token causes no second attempt.
        await reading();
        assert.deepEqual([store.value.status, store.value.runners], ["error", []]);
        assert.ok(isComfyControlError(store.value.error, code));
        api.failNext({ status: 503 });
        await clock.pass(2500);
        assert.deepEqual([store.value.status, store.value.runners], ["error", []]);
        assert.equal(store.value.error.code, "server_error");
        await clock.pass(10_000);
        assert.deepEqual([store.value.status, store.value.runners], ["ready", api.runners]);
        leave();
      });
    }

    test("an option that the client refuses becomes the error, and no request is made", async () => {
      const { api, store, see } = setUp({}, { interval: 5 });
      const leave = see();
      await moment();
      assert.equal(store.value.status, "error");
      assert.match(store.value.error.message, /interval: expected .* from 1000 /);
      assert.equal(api.requests.length, 0);
      leave();
    });

    test("wrong options of the store throw at once", () => {
      const { client } = setUp();
      assert.throws(() => runnersStore(undefined), TypeError);
      for (const name of ["account", "baseUrl"])
        assert.throws(() => runnersStore(client, { [name]: "Bearer cfc_token" }), /not a token/);
      assert.throws(() => runnersStore(client, { storage: new Map() }), /storage: needs `account`/);
      for (const maxAge of [0, -1, NaN, "1"])
        assert.throws(
          () => runnersStore(client, { storage: {}, account: "a", maxAge }),
          /^TypeError: maxAge: expected/,
        );
      const half = { getItem() {}, setItem() {} };
      for (const storage of [null, false, "localStorage", 5, Symbol("x"), {}, [], new Map(), half])
        assert.throws(
          () => runnersStore(client, { storage, account: "a" }),
          /^TypeError: storage: expected an object with getItem, setItem and removeItem, or a function/,
        );
      for (const initialRunners of [null, "abc", 5, {}, [1], [{}, null], new Array(1)])
        assert.throws(
          () => runnersStore(client, { initialRunners }),
          /^TypeError: initialRunners: expected an array of runners/,
        );
    });
  });

  suite("contracts", () => {
    test("useSyncExternalStore: the page starts with the snapshot that the server rendered", async () => {
      const { api, store, see } = setUp();
      const List = () => {
        const { subscribe, getSnapshot, getServerSnapshot } = store;
        const { status, runners } = useSyncExternalStore(subscribe, getSnapshot, getServerSnapshot);
        return createElement("p", null, `${status} ${runners.length}`);
      };
      assert.equal(renderToString(createElement(List)), "<p>loading 0</p>");
      const leave = see();
      await moment();
      assert.equal(renderToString(createElement(List)), "<p>loading 0</p>");
      assert.equal(store.getServerSnapshot(), store.getServerSnapshot());
      leave();
      assert.equal(api.requests.length, 1, "rendering asks for nothing");
    });

    test("`initialRunners` is shown from the start, and the list is read again", async () => {
      const { api } = setUp();
      const { store, see } = setUp({ runners: api.runners }, { initialRunners: api.runners });
      const initial = store.getServerSnapshot();
      assert.equal(store.getSnapshot(), initial);
      assert.deepEqual([initial.status, initial.runners], ["stale", api.runners]);
      const leave = see();
      await moment();
      assert.equal(store.value.status, "ready");
      assert.equal(store.getServerSnapshot(), initial);
      leave();
    });

    test("Svelte stores: the value comes at once, and derived stores and `get` work", async () => {
      const { api, store } = setUp();
      assert.equal(get(store).status, "loading");
      const lengths = [];
      const end = derived(store, ({ runners }) => runners.length).subscribe((length) => lengths.push(length));
      await moment();
      assert.deepEqual(lengths, [0, 5]);
      assert.equal(get(store), store.value);
      end();
      await clock.pass(5000);
      assert.equal(api.requests.length, 1);
    });

    test("observables of RxJS and Angular: `subscribe` takes an observer and returns a subscription", async () => {
      const { api, store } = setUp();
      const seen = [];
      const subscription = store.subscribe({ next: ({ status }) => seen.push(status) });
      await moment();
      subscription.unsubscribe();
      await clock.pass(5000);
      assert.deepEqual(seen, ["loading", "ready"]);
      assert.equal(api.requests.length, 1);
      store.subscribe({}).unsubscribe();
    });

    test("no method uses `this`", async () => {
      const { store } = setUp();
      const { subscribe, getSnapshot, getServerSnapshot, refresh, clear } = store;
      const leave = subscribe(() => {});
      await moment();
      refresh();
      clear();
      assert.equal(getSnapshot().status, "loading");
      assert.equal(getServerSnapshot().status, "loading");
      await moment();
      assert.equal(getSnapshot().status, "ready");
      leave();
    });
  });

  test("after `clear`, a reading that was under way brings nothing back", async () => {
    const texts = new Map();
    const storage = {
      getItem: (key) => texts.get(key) ?? null,
      setItem: (key, text) => texts.set(key, text),
      removeItem: (key) => texts.delete(key),
    };
    const api = createEmulator({ runners: 5, latency: 100, rateLimit: false });
    const client = new ComfyControl({ ...api.clientOptions, maxRetries: 0 });
    const store = runnersStore(client, { storage, account: "acme" });
    const leave = store.subscribe(() => {});
    await clock.pass(50);
    api.failNext({ status: 503, times: Infinity });
    store.clear();
    await clock.pass(500);
    assert.deepEqual([store.value.status, store.value.runners.length, texts.size], ["error", 0, 0]);
    assert.equal(api.requests.length, 2);
    leave();
    await clock.pass(1);
  });

  test("a dropped store keeps neither timers nor its list", async () => {
    const { see } = setUp();
    see()();
    await clock.pass(5000);
    assert.equal(clock.timers(), 0);
  });
});

closing();
