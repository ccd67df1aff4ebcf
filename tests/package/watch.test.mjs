// Watching, on a virtual clock: what it reports, and when the list is read.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { virtualClock } from "./support/clock.mjs";
// One list comes in another order, which the emulator's never does.
import { answer, refusal } from "./support/memory.mjs";
import { ComfyControl, isComfyControlError, listManagedRunners } from "./support/package.mjs";
import { createEmulator } from "./support/testing.mjs";
import { listeners, noUnhandledRejections, thrown } from "./support/watch.mjs";

const closing = noUnhandledRejections();

suite("watching", () => {
  const clock = virtualClock();

  /** An API with so many runners and 20 ms of latency, and a watch of it. `reads` has the start and end of every request. */
  function watched(runners, options, change = (response) => response) {
    const api = createEmulator({ runners, latency: 20 });
    const reads = [];
    const fetch = async (url, init) => {
      const read = { start: clock.now(), signal: init.signal };
      reads.push(read);
      try {
        return change(await api.fetch(url, init));
      } finally {
        read.end = clock.now();
      }
    };
    const client = new ComfyControl({ ...api.clientOptions, fetch, rateLimit: false });
    return { api, reads, client, watch: client.watchManagedRunners(options) };
  }
  const next = async (watch) => {
    const { done, value } = await clock.until(watch.next());
    assert.equal(done, false);
    return value;
  };
  const ended = async (watch) =>
    assert.deepEqual(await clock.until(watch.next()), { done: true, value: undefined });
  /** The time between two readings of one page each. */
  const gaps = (reads) => reads.slice(1).map(({ start }, index) => start - reads[index].end);

  test("first the list, all of it and in order, with nothing added; then only changes", async () => {
    const { api, watch } = watched(25, { perPage: 10 });
    const first = await next(watch);
    assert.deepEqual(Object.keys(first), ["runners", "added", "removed", "changed"]);
    assert.deepEqual(first.runners, api.runners);
    assert.deepEqual([first.added, first.removed, first.changed], [[], [], []]);

    const added = api.add();
    const gone = api.remove(first.runners[5].id);
    const before = first.runners[9];
    const { updatedAt } = before;
    const after = api.update(before.id, { name: "renamed", status: "paused", tags: ["gpu"], updatedAt });
    const second = await next(watch);
    assert.deepEqual(second.runners, api.runners);
    assert.deepEqual([second.added, second.removed], [[added], [gone]]);
    assert.equal(second.changed.length, 1);
    const [{ runner, previous, fields }] = second.changed;
    assert.deepEqual(fields, ["name", "status", "tags"]);
    assert.deepEqual(runner, after);
    assert.equal(previous, before);
    assert.ok(second.runners.includes(runner));
    await watch.return();
  });

  test("every field that can change is named, and no other", async () => {
    const { api, watch } = watched(3);
    await next(watch);
    const [, { id, ...runner }] = api.runners;
    /** Changes what is given alone: the emulator would move `updatedAt` on. */
    const change = (fields) => api.update(id, Object.assign(runner, fields));
    const changes = {
      name: "x",
      runnerType: "ultra",
      status: "odd",
      tags: [],
      createdAt: "2020-01-01T00:00:00Z",
      updatedAt: "2030-01-01T00:00:00Z",
    };
    for (const [field, value] of Object.entries(changes)) {
      change({ [field]: value });
      const { changed, added, removed } = await next(watch);
      assert.deepEqual([changed.map(({ fields }) => fields), added, removed], [[[field]], [], []]);
    }
    change({ tags: ["b", "a"] });
    await next(watch);
    change({ tags: ["a", "b"] });
    assert.deepEqual((await next(watch)).changed[0].fields, ["tags"]);
    await watch.return();
  });

  test("unchanged runners keep their object, over any number of readings and changes", async () => {
    const { api, watch, reads } = watched(40, { perPage: 10, interval: 1000 });
    const first = await next(watch);
    const known = new Map(first.runners.map((runner) => [runner.id, runner]));
    for (let turn = 0; turn < 10; turn += 1) {
      api.add();
      api.remove(api.runners[3 + turn].id);
      const readings = reads.length;
      const { runners, added } = await next(watch);
      assert.ok(reads.length > readings);
      for (const runner of runners) {
        if (known.has(runner.id)) assert.equal(runner, known.get(runner.id));
        else assert.ok(added.includes(runner));
        known.set(runner.id, runner);
      }
    }
    await watch.return();
  });

  test("nothing is told while nothing changes, nor for another order alone", async () => {
    let reversed = false;
    const reverse = async (response) => {
      if (!reversed) return response;
      const { runners, total } = await response.json();
      return answer({ runners: runners.reverse(), total });
    };
    const { api, watch, reads } = watched(8, { interval: 1000 }, reverse);
    await next(watch);
    let hasItem = false;
    const pending = watch.next().then((item) => ((hasItem = true), item));
    await clock.pass(20_000);
    reversed = true;
    await clock.pass(20_000);
    assert.equal(hasItem, false);
    assert.ok(reads.length > 30, `${reads.length} readings`);
    const added = api.add();
    assert.deepEqual((await clock.until(pending)).value.added, [added]);
    await watch.return();
  });

  test("with everyReading each reading is an item, also one in which nothing changed, or only the order", async () => {
    const change = async (response) => {
      if (reads.length === 1) return response;
      if (reads.length === 3) return refusal(503);
      const { runners, total } = await response.json();
      return answer({ runners: runners.reverse(), total });
    };
    const options = { interval: 1000, everyReading: true, maxRetries: 0 };
    const { watch, reads } = watched(4, options, change);
    const first = await next(watch);
    const second = await next(watch);
    assert.deepEqual([second.added, second.removed, second.changed], [[], [], []]);
    assert.deepEqual(second.runners, [...first.runners].reverse());
    assert.equal(second.runners[0], first.runners[3], "unchanged runners keep their object");
    assert.equal((await next(watch)).error.code, "server_error");
    const after = await next(watch);
    assert.equal(after.error, undefined, "the error is over, although the list is the same");
    assert.deepEqual(after.runners, second.runners);
    assert.equal(reads.length, 4);
    await watch.return();
  });

  test("what the caller does with its lists and runners changes nothing", async () => {
    const { api, watch } = watched(5, { interval: 1000 });
    const first = await next(watch);
    const [kept] = first.runners;
    first.runners.length = 0;
    api.add();
    const second = await next(watch);
    assert.equal(second.runners.length, 6);
    assert.equal(second.runners[1], kept);
    // A runner that the caller changed is reported as changed, and is restored.
    delete kept.tags;
    kept.name = 7;
    second.runners[2].tags = null;
    const third = await next(watch);
    assert.deepEqual(
      third.changed.map(({ fields }) => fields),
      [["name", "tags"], ["tags"]],
    );
    assert.deepEqual(third.runners, api.runners);
    await watch.return();
  });

  test("a getter of a runner may call the watch while the lists are compared", async () => {
    const { api, watch, client } = watched(3, { interval: 1000 });
    const [runner] = (await next(watch)).runners;
    const { name } = runner;
    let asked = 0;
    const get = () => ((asked += 1), watch.refresh(), (watch.interval = 2000), name);
    Object.defineProperty(runner, "name", { get });
    api.failNext({ latency: 5000 });
    const beside = client.listManagedRunners({ perPage: 7 });
    const added = api.add();
    assert.deepEqual((await next(watch)).added, [added]);
    assert.ok(asked > 0);
    assert.equal((await clock.until(beside)).total, 4);
    await watch.return();
  });

  for (const member of ["aborted", "addEventListener", "removeEventListener"])
    test(`a signal whose \`${member}\` calls the watch or the iterator ends nothing`, async () => {
      let call = () => {};
      const ask = (name) => void (name === member && call());
      const signal = {
        get aborted() {
          return (ask("aborted"), false);
        },
        addEventListener: () => ask("addEventListener"),
        removeEventListener: () => ask("removeEventListener"),
      };
      const { client } = watched(25);
      const watch = client.watchManagedRunners({ perPage: 10, signal });
      call = () => watch.refresh();
      assert.equal((await next(watch)).runners.length, 25);
      await watch.return();
      const iterator = client.iterateManagedRunners({ perPage: 10, signal, totalTimeout: 60_000 });
      call = () => iterator.report;
      for (let page = 0; page < 3; page += 1) await clock.until(iterator.pages().next());
      await ended(iterator);
      assert.deepEqual([iterator.report.unique, clock.timers()], [25, 0]);
    });

  test("every 30 s unless told otherwise, give or take 10 %, never twice the same; the reading itself not counted", async () => {
    for (const [interval, ms] of [
      [undefined, 30_000],
      [1000, 1000],
      [60_000, 60_000],
    ]) {
      const { watch, reads } = watched(3, interval && { interval });
      await next(watch);
      void watch.next();
      await clock.pass(ms * 60);
      const times = gaps(reads);
      assert.ok(times.length >= 50, `${times.length} readings`);
      for (const time of times) assert.ok(time >= ms * 0.9 && time <= ms * 1.1 + 1, `${time} ms`);
      assert.ok(Math.max(...times) - Math.min(...times) > ms * 0.1);
      await clock.until(watch.return());
      // The time may have ended within a reading: then a timer of the server's is left.
      await clock.pass(20);
      assert.equal(clock.timers(), 0);
    }
  });

  test("one request at a time, however many pages there are", async () => {
    const { api, watch, reads } = watched(95, { perPage: 10, interval: 1000 });
    await next(watch);
    api.add();
    await next(watch);
    assert.ok(reads.length >= 20);
    reads.reduce((before, read) => (assert.ok(read.start >= before.end), read));
    await watch.return();
  });

  test("nothing is read before the first next(), nor ahead of a slow consumer", async () => {
    const { watch, reads } = watched(3, { interval: 1000 });
    await clock.pass(10_000);
    assert.equal(reads.length, 0);
    await next(watch);
    await clock.pass(60_000);
    assert.equal(reads.length, 1);
    assert.equal(clock.timers(), 0);
    await watch.return();
  });

  test("the time that the consumer takes counts: the next reading is at once if it is late", async () => {
    const { watch, reads } = watched(3, { interval: 10_000, everyReading: true });
    for (const ms of [4_000, 30_000, 0, 0]) {
      await next(watch);
      await clock.pass(ms);
    }
    const [early, late, after] = gaps(reads);
    assert.ok(9_000 <= early && early <= 11_000, `${early}`);
    assert.equal(late, 30_000);
    assert.ok(9_000 <= after && after <= 11_000, `${after}`);
    await watch.return();
  });

  for (const background of [false, true]) {
    test(`a pause of months is one timer after another, and no busy loop (background: ${background})`, async () => {
      const { api, watch, reads } = watched(3, { interval: 1000, maxRetries: 0, background });
      await next(watch);
      api.failNext({ status: 503, retryAfter: 30 * 86_400 });
      assert.equal((await next(watch)).error.code, "server_error");
      const pending = watch.next();
      const before = clock.now();
      await clock.pass(86_400_000);
      assert.equal(reads.length, 2);
      assert.ok(clock.now() - before >= 86_400_000);
      await watch.return();
      await pending;
      // Until then, other calls to this origin fail.
      await clock.pass(30 * 86_400_000);
    });
  }

  test("after the clock went back, no reading waits longer than the interval", async () => {
    const { watch, reads } = watched(3, { interval: 1000 });
    await next(watch);
    const pending = watch.next();
    await clock.settle();
    const { now } = performance;
    performance.now = () => now() - 3_600_000;
    try {
      await clock.pass(2500);
      assert.ok(reads.length > 1, "no reading");
    } finally {
      performance.now = now;
    }
    await watch.return();
    await pending;
  });

  suite("with a page", () => {
    const received = { add: 0, remove: 0 };
    /** Runs `body` with a document that can be hidden. */
    async function withPage(body) {
      const page = new EventTarget();
      page.hidden = false;
      const { addEventListener, removeEventListener } = page;
      Object.assign(received, { add: 0, remove: 0 });
      page.addEventListener = (...args) => ((received.add += 1), addEventListener.apply(page, args));
      page.removeEventListener = (...args) => ((received.remove += 1), removeEventListener.apply(page, args));
      const show = (visible) => {
        page.hidden = !visible;
        page.dispatchEvent(new Event("visibilitychange"));
      };
      globalThis.document = page;
      try {
        await body(show);
        assert.equal(received.add, received.remove, "a listener stayed on the document");
      } finally {
        delete globalThis.document;
      }
    }

    test("waits while it is hidden, and reads at once when it is visible again and the time has come", () =>
      withPage(async (show) => {
        const { api, watch, reads } = watched(3, { interval: 1000 });
        await next(watch);
        const pending = watch.next();
        show(false);
        await clock.pass(60_000);
        assert.equal(reads.length, 1);
        assert.equal(clock.timers(), 0);
        api.add();
        const before = clock.now();
        show(true);
        assert.equal((await clock.until(pending)).value.added.length, 1);
        assert.ok(clock.now() - before < 100);
        assert.equal(received.add, received.remove, "a listener between two items");
        await watch.return();
      }));

    test("hidden for a moment: no reading before its time", () =>
      withPage(async (show) => {
        const { watch, reads } = watched(3, { interval: 10_000 });
        await next(watch);
        const pending = watch.next();
        for (let turn = 0; turn < 20; turn += 1) {
          await clock.pass(200);
          show(turn % 2 === 1);
        }
        assert.equal(reads.length, 1);
        await clock.pass(8_000);
        assert.equal(reads.length, 2);
        await clock.until(watch.return());
        assert.equal((await pending).done, true);
      }));

    test("hidden from the start: the first reading waits; ended while hidden, nothing stays", () =>
      withPage(async (show) => {
        const { watch, reads } = watched(3);
        show(false);
        const pending = watch.next();
        await clock.pass(100_000);
        assert.equal(reads.length, 0);
        show(true);
        assert.equal((await clock.until(pending)).value.runners.length, 3);
        show(false);
        const last = watch.next();
        await clock.settle();
        await clock.until(watch.return());
        assert.equal((await last).done, true);
        const controller = new AbortController();
        const other = watched(3, { signal: controller.signal });
        const waiting = other.watch.next();
        await clock.settle();
        controller.abort();
        assert.equal((await clock.until(waiting)).done, true);
        assert.deepEqual([other.reads.length, listeners(controller.signal)], [0, 0]);
      }));

    test("hidden during a reading: that one is told, and the next waits", () =>
      withPage(async (show) => {
        const { watch, reads } = watched(3, { interval: 1000 });
        const pending = watch.next();
        await clock.pass(5);
        show(false);
        assert.equal((await clock.until(pending)).value.runners.length, 3);
        const waiting = watch.next();
        await clock.pass(60_000);
        assert.equal(reads.length, 1);
        await clock.until(watch.return());
        assert.equal((await waiting).done, true);
      }));
  });

  test("each error is an item with the last good list; readings go slower, up to 5 minutes, and recover", async () => {
    const { api, watch, reads } = watched(3, { maxRetries: 0 });
    const first = await next(watch);
    api.failNext({ status: 503, times: Infinity });
    for (let errors = 1; errors <= 7; errors += 1) {
      const item = await next(watch);
      assert.deepEqual(Object.keys(item), ["error", "runners"]);
      assert.ok(isComfyControlError(item.error, "server_error"));
      assert.deepEqual(item.runners, first.runners);
      assert.ok(item.runners.every((runner, index) => runner === first.runners[index]));
      assert.notEqual(item.runners, first.runners);
    }
    api.clearFailures();
    const added = api.add();
    const recovered = await next(watch);
    assert.deepEqual([recovered.error, recovered.added], [undefined, [added]]);
    assert.equal(recovered.runners[1], first.runners[0]);
    api.add();
    await next(watch);
    const wanted = [30, 60, 120, 240, 300, 300, 300, 300, 30].map((seconds) => seconds * 1000);
    const times = gaps(reads);
    assert.equal(times.length, wanted.length);
    for (const [index, time] of times.entries())
      assert.ok(
        Math.abs(time - wanted[index]) <= wanted[index] * 0.1 + 1,
        `${time} ms instead of ${wanted[index]}`,
      );
    await watch.return();
  });

  test("an error before the first list: no runners yet, and then the list as the first one", async () => {
    const { api, watch } = watched(4, { maxRetries: 0 });
    api.failNext({ cut: "before-headers", times: 2 });
    for (let errors = 0; errors < 2; errors += 1) {
      const { error, runners } = await next(watch);
      assert.deepEqual([error.code, error.cause.message, runners], ["connection_failed", "fetch failed", []]);
    }
    const first = await next(watch);
    assert.deepEqual([first.runners, first.added], [api.runners, []]);
    await watch.return();
  });

  test("every kind of error is an item: its code, its report, and the next reading goes on", async () => {
    const failures = {
      unauthorized: { status: 401 },
      forbidden: { status: 403 },
      invalid_response: { body: "[]" },
      rate_limited: { status: 429 },
      timeout: { stall: "before-headers" },
    };
    const { api, watch } = watched(4, { maxRetries: 0, interval: 1000 });
    await next(watch);
    for (const [code, fault] of Object.entries(failures)) {
      api.failNext(fault);
      assert.equal((await next(watch)).error.code, code);
    }
    api.remove(api.runners[3].id);
    assert.equal((await next(watch)).removed.length, 1);
    await watch.return();
  });

  test("an error that says when to try again is obeyed", async () => {
    const { api, watch, reads } = watched(4, { maxRetries: 0, interval: 1000 });
    await next(watch);
    api.failNext({ status: 503, retryAfter: 277 });
    assert.equal((await next(watch)).error.code, "server_error");
    api.add();
    await next(watch);
    assert.ok(gaps(reads)[1] >= 277_000 && gaps(reads)[1] < 278_000, String(gaps(reads)[1]));
    await watch.return();
  });

  test("where the environment fails later, that is an item, too", async () => {
    const { baseUrl, token, ...api } = createEmulator({ runners: 3 });
    const { fetch } = globalThis;
    try {
      globalThis.fetch = api.fetch;
      const client = new ComfyControl({ baseUrl, token, rateLimit: false });
      const watch = client.watchManagedRunners({ interval: 1000 });
      await next(watch);
      globalThis.fetch = undefined;
      const { error, runners } = await next(watch);
      assert.equal(isComfyControlError(error), true);
      assert.equal(runners.length, 3);
      globalThis.fetch = api.fetch;
      api.add();
      assert.equal((await next(watch)).added.length, 1);
      await watch.return();
    } finally {
      globalThis.fetch = fetch;
    }
  });

  test("a list that never holds still is an item, list_changed", async () => {
    const { api, watch } = watched(40, { perPage: 10, interval: 1000 });
    let changes = 0;
    api.changeWhile({ every: 1 }, ({ runners }) => {
      changes += 1;
      if (changes % 2 === 0) api.add();
      else for (const { id } of runners.slice(1, 3)) api.remove(id);
    });
    const item = await next(watch);
    assert.deepEqual([item.error.code, item.runners], ["list_changed", []]);
    await watch.return();
  });

  const ENDS = {
    "an abort": (watch, controller) => void controller.abort("enough"),
    "return()": (watch) => watch.return(),
  };
  for (const [how, end] of Object.entries(ENDS)) {
    for (const [where, ms] of [
      ["during the wait", 5000],
      ["during a reading", 30],
    ]) {
      test(`${how} ${where} ends it at once, and nothing stays`, async () => {
        const controller = new AbortController();
        const { signal } = controller;
        const { api, watch, reads } = watched(30, { perPage: 10, signal });
        if (where === "during a reading") api.failNext({ page: 2, stall: "before-headers" });
        if (where === "during the wait") await next(watch);
        const pending = watch.next();
        await clock.pass(ms);
        const before = clock.now();
        await clock.until(Promise.resolve(end(watch, controller)));
        assert.deepEqual(await clock.until(pending), { done: true, value: undefined });
        assert.equal(clock.now(), before);
        assert.equal(listeners(signal), 0);
        assert.equal(clock.timers(), 0);
        assert.equal(reads.length, where === "during the wait" ? 3 : 2);
        if (where === "during a reading") assert.equal(reads[1].signal.aborted, true);
        await ended(watch);
        await clock.pass(100_000);
        assert.equal(reads.length, where === "during the wait" ? 3 : 2);
      });
    }
    test(`${how} between two items, and before the first`, async () => {
      for (const items of [0, 1]) {
        const controller = new AbortController();
        const { watch, reads } = watched(3, { signal: controller.signal });
        for (let item = 0; item < items; item += 1) await next(watch);
        await end(watch, controller);
        await ended(watch);
        assert.deepEqual([reads.length, listeners(controller.signal), clock.timers()], [items, 0, 0]);
      }
    });
  }

  test("break, and an exception in the loop, end it", async () => {
    for (const leave of ["break", "throw"]) {
      const { signal } = new AbortController();
      const { watch, reads } = watched(3, { signal });
      const loop = async () => {
        for await (const { runners } of watch) {
          if (leave === "break") break;
          throw new Error(`${runners.length} runners`);
        }
      };
      if (leave === "break") await clock.until(loop());
      else assert.equal((await thrown(clock.until(loop()))).message, "3 runners");
      await ended(watch);
      assert.deepEqual([reads.length, listeners(signal), clock.timers()], [1, 0, 0]);
    }
  });

  test("twenty watchers of one signal share one listener, and all end", async () => {
    const controller = new AbortController();
    const all = Array.from({ length: 20 }, () => watched(3, { signal: controller.signal }).watch);
    for (const watch of all) await next(watch);
    const pending = all.map((watch) => watch.next());
    await clock.settle();
    assert.equal(listeners(controller.signal), 1);
    controller.abort();
    for (const one of pending) assert.equal((await clock.until(one)).done, true);
    assert.deepEqual([listeners(controller.signal), clock.timers()], [0, 0]);
  });

  for (const isBusy of [false, true])
    test(`a trap ends it in \`internal\`, and a new one works; the consumer is busy: ${isBusy}`, async () => {
      const { watch, client } = watched(3);
      await next(watch);
      const pending = isBusy || thrown(watch.next());
      await clock.settle();
      const { random } = Math;
      Math.random = () => {
        throw new Error("a defect");
      };
      const failing = createEmulator();
      failing.failNext({ status: 500 });
      await thrown(clock.until(listManagedRunners(failing.clientOptions)));
      Math.random = random;
      const error = await clock.until(isBusy ? thrown(watch.next()) : pending);
      assert.ok(isComfyControlError(error, "internal"));
      await ended(watch);
      const again = client.watchManagedRunners();
      assert.equal((await next(again)).runners.length, 3);
      await again.return();
    });

  test("refresh reads at once, and the next reading comes an interval later", async () => {
    const { api, watch, reads } = watched(3, { interval: 10_000 });
    await next(watch);
    const pending = watch.next();
    await clock.pass(2_000);
    api.add();
    watch.refresh();
    await clock.pass(50);
    assert.equal((await clock.until(pending)).value.runners.length, 4);
    assert.equal(reads.length, 2);
    api.add();
    await next(watch);
    const [, gap] = gaps(reads);
    assert.ok(9_000 <= gap && gap <= 11_000, `${gap}`);
    await watch.return();
    watch.refresh();
    assert.deepEqual([reads.length, clock.timers()], [3, 0]);
  });

  test("refresh while the list is read reads it once more", async () => {
    const { api, watch, reads } = watched(3, { interval: 10_000 });
    const first = watch.next();
    await clock.pass(5);
    assert.equal(reads.length, 1);
    watch.refresh();
    watch.refresh();
    await clock.until(first);
    api.add();
    const before = clock.now();
    await next(watch);
    assert.ok(clock.now() - before < 100);
    assert.equal(reads.length, 2);
    await watch.return();
  });

  test("the interval can be changed while it runs, and is checked", async () => {
    const { api, watch, reads } = watched(3, { interval: 10_000 });
    assert.equal(watch.interval, 10_000);
    await next(watch);
    watch.interval = 60_000;
    assert.throws(() => (watch.interval = 5), {
      message:
        "interval: expected a whole number of milliseconds from 1000 to 86400000, got 5 (comfycontrol/invalid_options)",
    });
    assert.equal(watch.interval, 60_000);
    api.add();
    await next(watch);
    const pending = watch.next();
    await clock.settle();
    watch.interval = 5_000;
    api.add();
    await clock.until(pending);
    api.add();
    await next(watch);
    assert.deepEqual(
      gaps(reads).map((gap) => Math.round(gap / 60_000)),
      [1, 1, 0],
      "a wait that has begun stays",
    );
    watch.interval = 60_000;
    await watch.return();
    assert.equal(watch.interval, 60_000);
    watch.interval = 2_000;
    assert.equal(watch.interval, 60_000, "no effect after the end");
  });

  test("`background` goes on while the page is hidden; without it the watch waits", async () => {
    const page = new EventTarget();
    globalThis.document = Object.assign(page, { hidden: true });
    try {
      for (const background of [true, false]) {
        const { watch, reads } = watched(3, { interval: 1_000, background });
        const pending = watch.next();
        await clock.pass(30_000);
        assert.equal(reads.length > 0, background);
        await watch.return();
        await clock.until(pending);
      }
    } finally {
      delete globalThis.document;
    }
  });

  test("`await using` ends iterators", { skip: !Symbol.asyncDispose }, async () => {
    const { watch, client } = watched(3);
    await next(watch);
    for (const iterator of [watch, client.iterateManagedRunners(), client.iterateManagedRunners().pages()]) {
      assert.equal(await clock.until(iterator[Symbol.asyncDispose]()), undefined);
      await ended(iterator);
    }
  });

  test("bad options are refused at once, by name", () => {
    const { client } = watched(1);
    for (const [options, name] of [
      [{ interval: 999 }, "interval"],
      [{ interval: 86_400_001 }, "interval"],
      [{ interval: "1s" }, "interval"],
      [{ background: 1 }, "background"],
      [{ perPage: 0 }, "perPage"],
      [{ signal: 1 }, "signal"],
      [{ concurrency: 2 }, "concurrency"],
      [{ onProgress() {} }, "onProgress"],
    ]) {
      assert.throws(
        () => client.watchManagedRunners(options),
        (error) => error.code === "invalid_options" && error.message.includes(name),
      );
    }
  });
});

closing();
