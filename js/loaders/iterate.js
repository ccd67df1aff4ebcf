// Iterators that exist before the module runs.

import { asyncIterator } from "../async-iterator.js";
import { keepWith } from "../lifetime.js";
import { guard } from "../trap.js";
import { start } from "./instance.js";

/** The default of the option `interval`, in `src/watch.rs`. */
const DEFAULT_INTERVAL_MS = 30_000;

/** Makes an iterator over runners. `open` returns the module's own, once the module runs. */
export function iterateRunners(open, client) {
  return openOnceStarted(open, client, pendingRunners);
}

/** Makes a watch with these options. `open` returns the module's own, once the module runs. */
export function watchRunners(open, client, options) {
  return openOnceStarted(open, client, (opening) => pendingWatch(opening, options));
}

/**
 * Returns the module's iterator. It keeps the client alive, and so what the client owns. While the module starts
 * asynchronously, returns what `pending` makes of the iterator's promise instead.
 */
function openOnceStarted(open, client, pending) {
  const openNow = () => {
    const iterator = guard(open);
    keepWith(iterator, client);
    return iterator;
  };
  const started = start();
  return started ? pending(started.then(openNow)) : openNow();
}

/** An iterator over runners that is not open yet. Until it is, it has no report and no checkpoint. */
function pendingRunners(opening) {
  let iterator;
  opening.then(
    (opened) => (iterator = opened),
    () => {}, // `next` reports the error.
  );
  return {
    ...pendingIterator(() => opening),
    pages: () => pendingIterator(async () => (await opening).pages()),
    get report() {
      return iterator?.report;
    },
    get checkpoint() {
      return iterator?.checkpoint;
    },
  };
}

/** A watch that is not open yet. A new interval and `refresh` take effect once it is; then `next` refuses a wrong interval. */
function pendingWatch(opening, options) {
  let watch;
  /** What was set before the watch is open. */
  const early = {};
  const ready = opening.then((own) => (watch = Object.assign(own, early)));
  ready.catch(() => {}); // `next` reports the error.
  return {
    ...pendingIterator(() => ready),
    refresh() {
      if (watch) watch.refresh();
      else ready.then(() => watch.refresh()).catch(() => {});
    },
    get interval() {
      return (watch ?? early).interval ?? options?.interval ?? DEFAULT_INTERVAL_MS;
    },
    set interval(ms) {
      if (watch) watch.interval = ms;
      else early.interval = ms;
    },
  };
}

/** An async iterator over the one that `open` returns. */
function pendingIterator(open) {
  return asyncIterator({
    next: async () => (await open()).next(),
    return: async (value) => (await open()).return(value),
    throw: async (error) => (await open()).throw(error),
  });
}
