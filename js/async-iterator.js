// Async iterators, which Rust cannot express: `for await` over an enumeration or a watch.

import { isAborted } from "./abort.js";
import { addDetails, isOurs } from "./error.js";
import { guard, guardAsync, hasEnded, onEnd } from "./trap.js";

/** What the caller holds of each iterator. */
const heldOf = new WeakMap();
/** Ends what belongs to iterators that the caller let go of half-way. */
let dropped;
/** Who waits for a `next`: the caller may hold nothing but its promise. */
const waiting = new Set();

/**
 * Connects an iterator with the work behind it, which must not keep it alive: otherwise nobody would notice that the
 * caller has let go of it.
 */
export class Lifetime {
  /**
   * `held` is what all functions of `iterator` refer to, and nothing else does. Calls `close` once it is garbage
   * collected.
   */
  begin(iterator, held, close) {
    heldOf.set(iterator, held);
    if (typeof WeakRef !== "function") return;
    this.reference = new WeakRef(held);
    dropped ??= new FinalizationRegistry((close) => close());
    dropped.register(held, close);
  }

  /** Waits for a promise, and keeps what the caller holds alive meanwhile. */
  async wait(promise) {
    const wait = { held: this.reference?.deref() };
    waiting.add(wait);
    try {
      return await promise;
    } finally {
      waiting.delete(wait);
    }
  }
}

/** Keeps `value` alive as long as the iterator. */
export function keepWith(iterator, value) {
  heldOf.get(iterator).kept = value;
}

/** An async iterator over the generator `held[name]`. `return` and `throw` first stop it, which ends a pending `next`. */
function stoppable(held, name) {
  const end = (how) => (value) => {
    held.stop();
    return held[name][how](value);
  };
  return withDisposal({
    next: () => held[name].next(),
    return: end("return"),
    throw: end("throw"),
    [Symbol.asyncIterator]() {
      return this;
    },
  });
}

/**
 * An iterator that `await using` ends, where the runtime knows it.
 *
 * @template {AsyncIterator<unknown>} T
 * @param {T} iterator
 * @returns {T}
 */
export function withDisposal(iterator) {
  if (Symbol.asyncDispose) iterator[Symbol.asyncDispose] = async () => void (await iterator.return());
  return iterator;
}

/** Declared and documented in `src/web/mod.rs`, as are those below. */
export function iterateRunners(enumeration, signal) {
  const lifetime = new Lifetime();
  /** Runners of the current page that were not handed over yet. */
  let rest = [];
  /** Runners that were handed over since the last report to Rust. */
  let taken = 0;
  /** Report and checkpoint, once the enumeration is over. */
  let last;
  /** Once the instance has ended: its error, and report and checkpoint for each number of runners left in `rest`. */
  let lost;

  const current = () => ({ report: enumeration.report(), checkpoint: enumeration.checkpoint() });
  const reportTaken = () => {
    const runners = taken;
    taken = 0;
    if (!runners) return;
    enumeration.consumed(runners);
    enumeration.proceed();
  };
  /** The whole array, because `responseOf` knows it. */
  const takeRest = () => {
    const page = rest;
    rest = [];
    return page;
  };
  const known = () => {
    if (last) return last;
    if (lost) return lost.states[rest.length] ?? {};
    if (hasEnded()) return {};
    return guard(() => {
      reportTaken();
      return current();
    });
  };
  const stop = () => {
    if (last || lost || hasEnded()) return;
    guard(() => enumeration.stop());
  };
  const close = () => {
    if (last) return;
    stop();
    last = known();
    rest = [];
    forgetEnd();
    if (!lost && !hasEnded()) enumeration.free();
  };
  const forgetEnd = onEnd((error) => {
    lost = { error, states: [] };
    try {
      // The memory can still be read, and is usually consistent.
      enumeration.consumed(taken);
      for (let left = rest.length; left >= 0; left--) {
        lost.states[left] = current();
        enumeration.consumed(1);
      }
    } catch {
      // Then report and checkpoint stay undefined.
    }
  });

  async function* hand(byPage) {
    try {
      for (;;) {
        while (!rest.length || (signal && isAborted(signal))) {
          if (last) return;
          if (lost) throw lost.error;
          guard(reportTaken);
          const page = await lifetime.wait(guardAsync(() => enumeration.nextPage()));
          if (!page) return;
          rest = page;
        }
        if (!lost) taken += byPage ? rest.length : 1;
        yield byPage ? takeRest() : rest.shift();
      }
    } catch (error) {
      if (isOurs(error)) {
        close();
        addDetails(error, last);
      }
      throw error;
    } finally {
      close();
    }
  }

  // No function above may refer to what the caller holds.
  return runnerIterator({ runners: hand(false), pages: hand(true), stop, known }, lifetime, close);
}

function runnerIterator(held, lifetime, close) {
  const pages = stoppable(held, "pages");
  const iterator = {
    ...stoppable(held, "runners"),
    pages: () => pages,
    get report() {
      return held.known().report;
    },
    get checkpoint() {
      return held.known().checkpoint;
    },
  };
  lifetime.begin(iterator, held, close);
  return iterator;
}

async function collectRunners(iterator) {
  const runners = [];
  try {
    for await (const page of iterator.pages()) runners.push(...page);
  } catch (error) {
    if (isOurs(error)) addDetails(error, { runners });
    throw error;
  }
  return { runners, report: iterator.report };
}

export function watchRunners(watch) {
  const lifetime = new Lifetime();
  let isOver = false;
  const close = () => {
    if (isOver) return;
    isOver = true;
    forgetEnd();
    if (!hasEnded()) guard(() => watch.stop());
  };
  let lost;
  const forgetEnd = onEnd((error) => {
    isOver = true;
    lost = error;
  });
  async function* follow() {
    try {
      if (lost) throw lost;
      while (!isOver) {
        const change = await lifetime.wait(guardAsync(() => watch.nextChange()));
        if (!change || isOver) return;
        yield change;
      }
    } finally {
      close();
    }
  }
  const call = (run) => (isOver ? undefined : guard(run));
  const refresh = () => call(() => watch.refresh());
  /** Also known after the end. */
  let { interval } = watch;
  const getInterval = () => interval;
  const changeInterval = (ms) =>
    call(() => {
      watch.interval = ms;
      interval = watch.interval;
    });
  // No function above may refer to what the caller holds.
  return watchIterator({ changes: follow(), stop: close, refresh, getInterval, changeInterval }, lifetime);
}

function watchIterator(held, lifetime) {
  const iterator = {
    ...stoppable(held, "changes"),
    refresh: () => held.refresh(),
    get interval() {
      return held.getInterval();
    },
    set interval(ms) {
      held.changeInterval(ms);
    },
  };
  lifetime.begin(iterator, held, held.stop);
  return iterator;
}

/** Rust calls them as members of an object: see `src/web/host.rs`. */
export const iterators = { collectRunners };
