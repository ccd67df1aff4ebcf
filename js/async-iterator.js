// Async iterators, which Rust cannot express: `for await` over an enumeration or a watch.

import { isAborted } from "./abort.js";
import { addDetails } from "./error.js";
import { Lifetime } from "./lifetime.js";
import { guard, guardAsync, hasEnded, isOwn, onEnd } from "./trap.js";

// All functions of an iterator refer to `held`. The reader must not: then `held` would never be collected.

/** Declared and documented in `src/web/mod.rs`, as are those below. */
export function iterateRunners(enumeration, signal) {
  const reader = new RunnerReader(enumeration, signal);
  const held = { reader, runners: reader.read(false), pages: reader.read(true) };
  const pages = stoppable(held, "pages");
  const iterator = {
    ...stoppable(held, "runners"),
    pages: () => pages,
    get report() {
      return held.reader.summary().report;
    },
    get checkpoint() {
      return held.reader.summary().checkpoint;
    },
  };
  reader.lifetime.begin(iterator, held, reader);
  return iterator;
}

async function collectRunners(iterator) {
  const runners = [];
  try {
    for await (const page of iterator.pages()) runners.push(...page);
  } catch (error) {
    if (isOwn(error)) addDetails(error, { runners });
    throw error;
  }
  return { runners, report: iterator.report };
}

export function watchRunners(watch) {
  const reader = new ChangeReader(watch);
  const held = { reader, changes: reader.read() };
  const iterator = {
    ...stoppable(held, "changes"),
    refresh: () => held.reader.refresh(),
    get interval() {
      return held.reader.interval;
    },
    set interval(ms) {
      held.reader.setInterval(ms);
    },
  };
  reader.lifetime.begin(iterator, held, reader);
  return iterator;
}

/** Rust calls them as members of an object: see `src/web/host.rs`. */
export const iterators = { collectRunners };

/** An async iterator over a generator of `held.reader`. `return` and `throw` stop the reader, which ends a pending `next`. */
function stoppable(held, name) {
  const end = (how) => (value) => {
    held.reader.stop();
    return held[name][how](value);
  };
  return asyncIterator({ next: () => held[name].next(), return: end("return"), throw: end("throw") });
}

/** An async iterator with these methods. `await using` ends it, if the runtime has `Symbol.asyncDispose`. */
export function asyncIterator(methods) {
  const iterator = {
    ...methods,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  if (Symbol.asyncDispose) iterator[Symbol.asyncDispose] = async () => void (await methods.return());
  return iterator;
}

/** Reads an enumeration. */
class RunnerReader {
  constructor(enumeration, signal) {
    this.enumeration = enumeration;
    this.signal = signal;
    /** Aborts with the caller's signal, and when the time of `totalTimeout` is over; from the first fetch on. */
    this.callSignal = undefined;
    this.lifetime = new Lifetime();
    /** Runners of the current page that were not handed over yet. */
    this.rest = [];
    /** Runners that were handed over since the last report to Rust. */
    this.taken = 0;
    /** The fetch of a page under way. */
    this.fetching = undefined;
    /** The summary, once the enumeration is over. */
    this.last = undefined;
    /** Once the instance has ended: its error, and the summary for each number of runners left in `rest`. */
    this.lost = undefined;
    this.forgetEnd = onEnd((error) => this.lose(error));
  }

  /** Yields runners or pages. */
  async *read(byPage) {
    try {
      for (;;) {
        while (this.needsPage()) {
          if (!(await this.fetchPage())) return;
        }
        yield byPage ? this.takePage() : this.takeRunner();
      }
    } finally {
      this.close();
    }
  }

  /** Whether to call `fetchPage`: no runner is left, or an abort or the end of the time is to be reported. */
  needsPage() {
    if (!this.rest.length || isAborted(this.callSignal)) return true;
    return this.signal && isAborted(this.signal);
  }

  /** Fetches a page for both generators: two pages at once would replace each other's `rest`. */
  fetchPage() {
    if (!this.fetching) {
      const over = () => (this.fetching = undefined);
      // Later, because `onProgress` may call `next` of the other generator.
      this.fetching = Promise.resolve()
        .then(() => this.fetchNext())
        .catch((error) => this.fail(error));
      this.fetching.then(over, over);
    }
    return this.fetching;
  }

  fail(error) {
    this.close();
    if (isOwn(error)) addDetails(error, this.last);
    throw error;
  }

  /** Fetches the next page. Returns whether there is one. */
  async fetchNext() {
    if (this.last) return false;
    if (this.lost) throw this.lost.error;
    guard(() => {
      this.reportTaken();
      this.callSignal = this.enumeration.start();
    });
    const page = await this.lifetime.wait(guardAsync(() => this.enumeration.nextPage()));
    if (!page) return false;
    this.rest = page;
    return true;
  }

  takeRunner() {
    this.taken += 1;
    return this.rest.shift();
  }

  /** Returns the array itself and no copy, because `responseOf` knows it. */
  takePage() {
    const page = this.rest;
    this.rest = [];
    this.taken += page.length;
    return page;
  }

  reportTaken() {
    const runners = this.taken;
    this.taken = 0;
    if (!runners) return;
    this.enumeration.consumed(runners);
    this.enumeration.proceed();
  }

  /** Report and checkpoint. */
  summary() {
    if (this.last) return this.last;
    if (this.lost) return this.lost.summaries[this.rest.length] ?? {};
    if (hasEnded()) return {};
    return guard(() => {
      this.reportTaken();
      return this.enumeration.summary();
    });
  }

  stop() {
    if (this.last || this.lost || hasEnded()) return;
    guard(() => this.enumeration.stop());
  }

  close() {
    if (this.last) return;
    this.stop();
    this.last = this.summary();
    this.rest = [];
    this.forgetEnd();
    if (!this.lost && !hasEnded()) this.enumeration.free();
  }

  /** The instance ends. Its memory can still be read, and is usually consistent. */
  lose(error) {
    this.lost = { error, summaries: [] };
    try {
      this.enumeration.consumed(this.taken);
      for (let left = this.rest.length; left >= 0; left--) {
        this.lost.summaries[left] = this.enumeration.summary();
        this.enumeration.consumed(1);
      }
    } catch {
      // Then report and checkpoint stay undefined.
    }
  }
}

/** Reads the changes of a watch. */
class ChangeReader {
  constructor(watch) {
    this.watch = watch;
    this.lifetime = new Lifetime();
    /** Also known after the end. */
    this.interval = watch.interval;
    this.isOver = false;
    /** The error of the instance, once that has ended. */
    this.lost = undefined;
    this.forgetEnd = onEnd((error) => {
      this.isOver = true;
      this.lost = error;
    });
  }

  async *read() {
    try {
      while (!this.isOver) {
        const change = await this.lifetime.wait(guardAsync(() => this.watch.nextChange()));
        if (!change || this.isOver) break;
        yield change;
      }
      if (this.lost) throw this.lost;
    } finally {
      this.close();
    }
  }

  refresh() {
    if (!this.isOver) guard(() => this.watch.refresh());
  }

  setInterval(ms) {
    if (this.isOver) return;
    guard(() => {
      this.watch.interval = ms;
      this.interval = this.watch.interval;
    });
  }

  /** After that there is nothing left to hand over. */
  stop() {
    this.close();
  }

  close() {
    if (this.isOver) return;
    this.isOver = true;
    this.forgetEnd();
    if (!hasEnded()) guard(() => this.watch.stop());
  }
}
