// Async iteration, which Rust cannot write: `for await` over an enumeration or a watch of Rust's.

import { isAborted } from "./abort.js";
import { ComfyControlError } from "./error.js";
import { guard, guardAsync, hasTrapped, onTrap } from "./trap.js";

/** Iterators that were dropped half-way: what they have under way is cancelled. */
let dropped;

/** Ends `source.stop()` as soon as nobody holds `iterator` any more. */
function stopWhenDropped(iterator, stop) {
  if (typeof FinalizationRegistry !== "function") return;
  dropped ??= new FinalizationRegistry((stop) => stop());
  dropped.register(iterator, stop);
}

/** An async iterator over a generator, which `stop` ends at any moment, also in the middle of a wait. */
function stoppable(generator, stop) {
  const end = (how) => (value) => {
    stop();
    return generator[how](value);
  };
  return {
    next: () => generator.next(),
    return: end("return"),
    throw: end("throw"),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/**
 * Iterates over the runners of an enumeration, one by one or by page.
 *
 * @param {import("../pkg/comfycontrol_runners.js").Enumeration} enumeration
 * @param {AbortSignal | undefined} signal
 */
export function iterateRunners(enumeration, signal) {
  /** Runners of the page that is being handed over. */
  const rest = [];
  /** Runners that were handed over, and that Rust was not told of yet. */
  let taken = 0;
  /** Report and checkpoint, once the enumeration is over. */
  let last;
  let lost;

  const stop = () => {
    if (!last && !hasTrapped()) guard(() => enumeration.stop());
  };
  const tellTaken = () => {
    if (taken) enumeration.consumed(taken);
    taken = 0;
  };
  const current = () => {
    tellTaken();
    return { report: enumeration.report(), checkpoint: enumeration.checkpoint() };
  };
  const close = () => {
    if (last) return;
    stop();
    last = guard(current);
    rest.length = 0;
    forgetTrap();
    enumeration.free();
  };
  const forgetTrap = onTrap((error) => {
    lost = error;
    try {
      // The memory is still there, and usually in order.
      last = current();
    } catch {
      last = {};
    }
    rest.length = 0;
    forgetTrap();
  });

  async function* hand(byPage) {
    try {
      for (;;) {
        while (!rest.length || (signal && isAborted(signal))) {
          if (lost) throw lost;
          if (last) return;
          guard(tellTaken);
          const page = await guardAsync(() => enumeration.nextPage());
          if (!page) return;
          rest.push(...page);
        }
        taken += byPage ? rest.length : 1;
        yield byPage ? rest.splice(0) : rest.shift();
      }
    } catch (error) {
      if (error instanceof ComfyControlError) {
        if (!hasTrapped()) close();
        Object.assign(error, last);
      }
      throw error;
    } finally {
      if (!hasTrapped()) close();
    }
  }

  const runners = stoppable(hand(false), stop);
  const pages = stoppable(hand(true), stop);
  const iterator = {
    ...runners,
    [Symbol.asyncIterator]() {
      return this;
    },
    pages: () => pages,
    get report() {
      return last ? last.report : guard(current).report;
    },
    get checkpoint() {
      return last ? last.checkpoint : guard(current).checkpoint;
    },
  };
  stopWhenDropped(iterator, close);
  return iterator;
}

/**
 * All runners in one array, and what can be said about them.
 *
 * @param {ReturnType<typeof iterateRunners>} iterator
 */
export async function collectRunners(iterator) {
  const runners = [];
  try {
    for await (const page of iterator.pages()) runners.push(...page);
  } catch (error) {
    if (error instanceof ComfyControlError) error.runners = runners;
    throw error;
  }
  return { runners, report: iterator.report };
}

/**
 * Iterates over the changes of a watched list.
 *
 * @param {import("../pkg/comfycontrol_runners.js").Watch} watch
 */
export function watchRunners(watch) {
  let isOver = false;
  const close = () => {
    if (isOver) return;
    isOver = true;
    forgetTrap();
    if (!hasTrapped()) guard(() => watch.stop());
  };
  let lost;
  const forgetTrap = onTrap((error) => {
    isOver = true;
    lost = error;
    forgetTrap();
  });
  async function* follow() {
    try {
      if (lost) throw lost;
      while (!isOver) {
        const change = await guardAsync(() => watch.nextChange());
        if (!change || isOver) return;
        yield change;
      }
    } finally {
      close();
    }
  }
  const iterator = stoppable(follow(), close);
  stopWhenDropped(iterator, close);
  return iterator;
}
