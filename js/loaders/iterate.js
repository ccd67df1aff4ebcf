// Iterators that exist before the module is started.

import { keepWith, withDisposal } from "../async-iterator.js";
import { guard } from "../trap.js";
import { start } from "./instance.js";

/**
 * Makes an iterator over one of the module's, which `open` returns once the module runs. It keeps the client alive, and
 * what that owns.
 */
export function iterate(open, client) {
  const openNow = () => {
    const iterator = guard(open);
    keepWith(iterator, client);
    return iterator;
  };
  const started = start();
  return started ? later(started.then(openNow)) : openNow();
}

/** An iterator that passes everything on to one that is opened later. */
function later(opened) {
  let iterator;
  opened.then(
    (opened) => (iterator = opened),
    () => {}, // `next` reports the error.
  );
  const iterable = (open) =>
    withDisposal({
      next: async () => (await open()).next(),
      return: async (value) => (await open()).return(value),
      throw: async (error) => (await open()).throw(error),
      [Symbol.asyncIterator]() {
        return this;
      },
    });
  return {
    ...iterable(() => opened),
    pages: () => iterable(async () => (await opened).pages()),
    get report() {
      return iterator?.report;
    },
    get checkpoint() {
      return iterator?.checkpoint;
    },
    refresh: () => iterator?.refresh(),
    get interval() {
      return iterator?.interval;
    },
    set interval(ms) {
      if (iterator) iterator.interval = ms;
    },
  };
}
