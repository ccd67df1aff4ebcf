// Time that passes only when nothing else can happen: minutes of waiting take milliseconds.

import { after, before } from "node:test";

const real = { setTimeout, clearTimeout, now: performance.now, Date: Date.now };

/**
 * Replaces the timers and clocks of this process until the file of tests, or the suite, ends. `until(promise)` lets time pass until it is
 * settled, `pass(ms)` for so long, `now()` is the time since the start, `timers()` how many are set.
 */
export function virtualClock() {
  const start = 1_700_000_000_000;
  let now = 0;
  let order = 0;
  const timers = new Map();

  before(() => {
    globalThis.setTimeout = (run, ms = 0, ...args) => {
      const id = (order += 1);
      timers.set(id, { at: now + Math.max(1, Math.trunc(ms)), id, run: () => run(...args) });
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

  /** All that can happen without time passing. */
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const next = () => [...timers.values()].sort((a, b) => a.at - b.at || a.id - b.id)[0];

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
