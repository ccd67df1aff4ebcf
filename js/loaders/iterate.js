// Iterators that are there before the module is.

import { withDisposal } from "../async-iterator.js";
import { guard } from "../trap.js";
import { start } from "./instance.js";

/** The client of an iterator: what it owns lives as long. */
const clients = new WeakMap();

/** Makes an iterator of the module's, at once where the module can be started at once. */
export function iterate(open, client) {
  const started = start();
  const iterator = started ? later(started.then(() => guard(open))) : guard(open);
  clients.set(iterator, client);
  return iterator;
}

/** Hands everything on to an iterator that is still to come. */
function later(opened) {
  let iterator;
  opened.then(
    (opened) => (iterator = opened),
    () => {}, // `next` tells.
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
