// A virtual clock. Time passes only when nothing else can happen, so minutes of waiting take milliseconds.

import { after, before } from "node:test";

const real = { setTimeout, clearTimeout, now: performance.now, Date: Date.now };

/**
 * Replaces the timers and clocks of this process until the test file, or the suite, ends. `until(promise)` lets time pass
 * until the promise settles, `pass(ms)` lets this time pass, `now()` is the time since the start, and `timers()` is the
 * number of timers that are set.
 */
export function virtualClock() {
  const start = 1_700_000_000_000;
  let now = 0;
  let order = 0;
  const timers = new Map();
  // A binary heap of the timers. Cleared timers stay in it until they are due.
  const heap = [];
  const sooner = (a, b) => a.at < b.at || (a.at === b.at && a.id < b.id);

  before(() => {
    globalThis.setTimeout = (run, ms = 0, ...args) => {
      const id = (order += 1);
      // As real timers do: a time that is too long counts as none.
      const wait = ms > 2 ** 31 - 1 ? 1 : Math.max(1, Math.trunc(ms));
      const timer = { at: now + wait, id, run: () => run(...args) };
      timers.set(id, timer);
      push(timer);
      return id;
    };
    globalThis.clearTimeout = (id) => void timers.delete(id);
    performance.now = () => now;
    Date.now = () => start + now;
  });
  after(() => {
    Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout });
    delete performance.now;
    Date.now = real.Date;
  });

  /** Lets everything happen that needs no time. */
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  function push(timer) {
    let index = heap.length;
    for (let parent; index > 0 && sooner(timer, heap[(parent = (index - 1) >> 1)]); index = parent)
      heap[index] = heap[parent];
    heap[index] = timer;
  }
  function pop() {
    const last = heap.pop();
    if (!heap.length) return;
    let index = 0;
    for (let child; (child = 2 * index + 1) < heap.length; index = child) {
      if (child + 1 < heap.length && sooner(heap[child + 1], heap[child])) child += 1;
      if (!sooner(heap[child], last)) break;
      heap[index] = heap[child];
    }
    heap[index] = last;
  }
  const next = () => {
    while (heap.length && !timers.has(heap[0].id)) pop();
    return heap[0];
  };

  return {
    start,
    now: () => now,
    timers: () => timers.size,
    settle,
    async until(promise) {
      let open = true;
      const over = () => (open = false);
      promise.then(over, over);
      for (;;) {
        await settle();
        if (!open) return promise;
        const timer = next();
        if (!timer) throw new Error("nothing is left that could settle the promise");
        timers.delete(timer.id);
        now = Math.max(now, timer.at);
        timer.run();
      }
    },
    async pass(ms) {
      const end = now + ms;
      for (;;) {
        await settle();
        const timer = next();
        if (!timer || timer.at > end) break;
        timers.delete(timer.id);
        now = Math.max(now, timer.at);
        timer.run();
      }
      now = end;
      await settle();
    },
  };
}
