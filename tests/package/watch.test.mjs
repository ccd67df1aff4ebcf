// Watching, on a virtual clock: what it reports, and when the list is read.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { virtualClock } from "./support/clock.mjs";
import { server } from "./support/list.mjs";
import { memory, origin, refusal } from "./support/memory.mjs";
import { ComfyControl, isComfyControlError, listManagedRunners } from "./support/package.mjs";
import { listeners, noUnhandledRejections, thrown } from "./support/watch.mjs";

const closing = noUnhandledRejections();

suite("watching", () => {
  const clock = virtualClock();

  /** A list of `rows`, and a watch of it. `reads` has the start and end of every request; `fail` is called before each. */
  function watched(rows, options, fail) {
    const api = server(clock, { rows, limit: false });
    const reads = [];
    const fetch = async (url, init) => {
      const read = { url, start: clock.now(), signal: init.signal };
      reads.push(read);
      const failure = fail?.(reads.length, init);
      try {
        return failure === undefined ? await api.fetch(url) : await failure;
      } finally {
        read.end = clock.now();
      }
    };
    const client = new ComfyControl({ fetch, baseUrl: origin(), rateLimit: false });
    return { ...api, reads, client, watch: client.watchManagedRunners(options) };
  }
  const next = async (watch) => {
    const { done, value } = await clock.until(watch.next());
    assert.equal(done, false);
    return value;
  };
  const ended = async (watch) =>
    assert.deepEqual(await clock.until(watch.next()), { done: true, value: undefined });
  const names = (runners) => runners.map(({ name }) => name);
  /** The time between two readings of one page each. */
  const gaps = (reads) => reads.slice(1).map(({ start }, index) => start - reads[index].end);

  test("first the list, all of it and in order, with nothing added; then only changes", async () => {
    const { watch, list, row } = watched(25, { perPage: 10 });
    const first = await next(watch);
    assert.deepEqual(Object.keys(first), ["runners", "added", "removed", "changed"]);
    assert.deepEqual(names(first.runners), names(list));
    assert.deepEqual([first.added, first.removed, first.changed], [[], [], []]);

    list.unshift(row(99));
    const [gone] = list.splice(5, 1);
    list[8] = { ...list[8], name: "renamed", status: "paused", tags: ["gpu"] };
    const second = await next(watch);
    assert.deepEqual(names(second.runners), names(list));
    assert.deepEqual([names(second.added), names(second.removed)], [["runner 99"], [gone.name]]);
    assert.equal(second.changed.length, 1);
    const [{ runner, previous, fields }] = second.changed;
    assert.deepEqual(fields, ["name", "status", "tags"]);
    assert.deepEqual([runner.name, previous.tags], ["renamed", ["gpu", "eu"]]);
    assert.equal(
      previous,
      first.runners.find(({ id }) => id === runner.id),
    );
    assert.equal(runner, second.runners[8]);
    await watch.return();
  });

  test("every field that can change is named, and no other", async () => {
    const { watch, list } = watched(3);
    await next(watch);
    const changes = {
      name: ["name", "x"],
      runner_type: ["runnerType", "ultra"],
      status: ["status", "odd"],
      tags: ["tags", []],
      created_at: ["createdAt", "2020-01-01T00:00:00Z"],
      updated_at: ["updatedAt", "2030-01-01T00:00:00Z"],
    };
    for (const [field, [name, value]] of Object.entries(changes)) {
      list[1] = { ...list[1], [field]: value };
      const { changed, added, removed } = await next(watch);
      assert.deepEqual([changed.map(({ fields }) => fields), added, removed], [[[name]], [], []]);
    }
    list[1] = { ...list[1], tags: ["b", "a"] };
    await next(watch);
    list[1] = { ...list[1], tags: ["a", "b"] };
    assert.deepEqual((await next(watch)).changed[0].fields, ["tags"]);
    await watch.return();
  });

  test("unchanged runners keep their object, over any number of readings and changes", async () => {
    const { watch, list, row, reads } = watched(40, { perPage: 10, interval: 1000 });
    const first = await next(watch);
    const known = new Map(first.runners.map((runner) => [runner.id, runner]));
    for (let turn = 0; turn < 10; turn += 1) {
      list.unshift(row(100 + turn));
      list.splice(3 + turn, 1);
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
    const { watch, list, reads, row } = watched(8, { interval: 1000 });
    await next(watch);
    let hasItem = false;
    const pending = watch.next().then((item) => ((hasItem = true), item));
    await clock.pass(20_000);
    list.reverse();
    await clock.pass(20_000);
    assert.equal(hasItem, false);
    assert.ok(reads.length > 30, `${reads.length} readings`);
    list.push(row(0));
    assert.deepEqual(names((await clock.until(pending)).value.added), ["runner 0"]);
    await watch.return();
  });

  test("what the caller does with its lists and runners changes nothing", async () => {
    const { watch, list, row } = watched(5, { interval: 1000 });
    const first = await next(watch);
    const [kept] = first.runners;
    first.runners.length = 0;
    list.unshift(row(50));
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
    assert.deepEqual(
      third.runners.map(({ tags }) => tags.length),
      [2, 2, 2, 2, 2, 2],
    );
    await watch.return();
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
    const { watch, reads, list, row } = watched(95, { perPage: 10, interval: 1000 });
    await next(watch);
    list.unshift(row(200));
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
        const { watch, reads, list, row } = watched(3, { interval: 1000 });
        await next(watch);
        const pending = watch.next();
        show(false);
        await clock.pass(60_000);
        assert.equal(reads.length, 1);
        assert.equal(clock.timers(), 0);
        list.unshift(row(9));
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
    let failing = false;
    const { watch, reads, list, row } = watched(3, { maxRetries: 0 }, () =>
      failing ? refusal(503) : undefined,
    );
    const first = await next(watch);
    failing = true;
    for (let errors = 1; errors <= 7; errors += 1) {
      const item = await next(watch);
      assert.deepEqual(Object.keys(item), ["error", "runners"]);
      assert.ok(isComfyControlError(item.error, "server_error"));
      assert.deepEqual(item.runners, first.runners);
      assert.ok(item.runners.every((runner, index) => runner === first.runners[index]));
      assert.notEqual(item.runners, first.runners);
    }
    failing = false;
    list.unshift(row(9));
    const recovered = await next(watch);
    assert.deepEqual([recovered.error, names(recovered.added)], [undefined, ["runner 9"]]);
    assert.equal(recovered.runners[1], first.runners[0]);
    list.unshift(row(10));
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
    const { watch, list } = watched(4, { maxRetries: 0 }, (count) =>
      count <= 2 ? Promise.reject(new TypeError("fetch failed")) : undefined,
    );
    for (let errors = 0; errors < 2; errors += 1) {
      const { error, runners } = await next(watch);
      assert.deepEqual([error.code, error.cause.message, runners], ["connection_failed", "fetch failed", []]);
    }
    const first = await next(watch);
    assert.deepEqual([names(first.runners), first.added], [names(list), []]);
    await watch.return();
  });

  test("every kind of error is an item: its code, its report, and the next reading goes on", async () => {
    const failures = {
      unauthorized: () => refusal(401),
      forbidden: () => refusal(403),
      invalid_response: () => new Response("[]", { headers: { "content-type": "application/json" } }),
      rate_limited: () => refusal(429),
      timeout: (init) =>
        new Promise((resolve, reject) =>
          init.signal.addEventListener("abort", () => reject(init.signal.reason)),
        ),
    };
    const all = Object.entries(failures);
    const { watch, list } = watched(4, { maxRetries: 0, interval: 1000 }, (count, init) =>
      all[count - 2]?.[1](init),
    );
    await next(watch);
    for (const [code] of all) assert.equal((await next(watch)).error.code, code);
    list.pop();
    assert.equal((await next(watch)).removed.length, 1);
    await watch.return();
  });

  test("an error that says when to try again is obeyed", async () => {
    const { watch, reads, list } = watched(4, { maxRetries: 0, interval: 1000 }, (count) =>
      count === 2 ? refusal(503, { "retry-after": "277" }) : undefined,
    );
    await next(watch);
    assert.equal((await next(watch)).error.code, "server_error");
    list.pop();
    await next(watch);
    assert.ok(gaps(reads)[1] >= 277_000 && gaps(reads)[1] < 278_000, String(gaps(reads)[1]));
    await watch.return();
  });

  test("where the environment fails later, that is an item, too", async () => {
    const { client, reads, watch: unused, ...api } = watched(3);
    await unused.return();
    const { fetch } = globalThis;
    try {
      globalThis.fetch = (url) => api.fetch(url);
      const watch = new ComfyControl({ baseUrl: origin(), rateLimit: false }).watchManagedRunners({
        interval: 1000,
      });
      await next(watch);
      globalThis.fetch = undefined;
      const { error, runners } = await next(watch);
      assert.equal(isComfyControlError(error), true);
      assert.equal(runners.length, 3);
      globalThis.fetch = (url) => api.fetch(url);
      api.list.pop();
      assert.equal((await next(watch)).removed.length, 1);
      await watch.return();
    } finally {
      globalThis.fetch = fetch;
    }
  });

  test("a list that never holds still is an item, list_changed", async () => {
    const { watch, list, row, after } = watched(40, { perPage: 10, interval: 1000 });
    for (let count = 1; count < 200; count += 1)
      after(count, () => (count % 2 ? list.splice(1, 2) : list.unshift(row(1000 + count))));
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
        const { watch, reads } = watched(30, { perPage: 10, signal }, (count, init) =>
          where === "during a reading" && count === 2
            ? new Promise((resolve, reject) =>
                init.signal.addEventListener("abort", () => reject(init.signal.reason)),
              )
            : undefined,
        );
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

  test("a trap ends it in `internal`, and a new one works", async () => {
    const { watch, client } = watched(3);
    await next(watch);
    const pending = thrown(watch.next());
    await clock.settle();
    const { random } = Math;
    Math.random = () => {
      throw new Error("a defect");
    };
    await thrown(
      clock.until(listManagedRunners({ fetch: memory(() => refusal(500)).fetch, baseUrl: origin() })),
    );
    Math.random = random;
    assert.ok(isComfyControlError(await clock.until(pending), "internal"));
    await ended(watch);
    const again = client.watchManagedRunners();
    assert.equal((await next(again)).runners.length, 3);
    await again.return();
  });

  test("bad options are refused at once, by name", () => {
    const { client } = watched(1);
    for (const [options, name] of [
      [{ interval: 999 }, "interval"],
      [{ interval: 86_400_001 }, "interval"],
      [{ interval: "1s" }, "interval"],
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
