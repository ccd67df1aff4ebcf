// Enumerations, as JavaScript iterates: row by row or page by page.

import { ComfyControlError } from "./errors.js";

/** An async iterator over a generator that `stop` ends at any moment, also in the middle of a wait. */
export function stoppable(generator, stop) {
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

// Iterators that are dropped half-way: what they have under way is cancelled. Made by the first one.
let dropped;

export class ManagedRunnerIterator {
  static name = "ManagedRunnerIterator";
  #reading;
  #pages;
  #rows;
  #byPage;
  // What is left of the page that is being handed over.
  #rest = [];
  // Rows handed over that the instance was not told of yet.
  #taken = 0;
  // What is known once it is over, and the instance's part was given back.
  #last;

  constructor(reading) {
    this.#reading = reading;
    this.#pages = reading.pages();
    const stop = () => reading.stop();
    this.#rows = stoppable(this.#hand(false), stop);
    this.#byPage = stoppable(this.#hand(true), stop);
    dropped ??= globalThis.FinalizationRegistry && new FinalizationRegistry((reading) => reading.close());
    dropped?.register(this, reading, reading);
  }

  next() {
    return this.#rows.next();
  }

  return(value) {
    return this.#rows.return(value);
  }

  throw(error) {
    return this.#rows.throw(error);
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  pages() {
    return this.#byPage;
  }

  get report() {
    return this.#ask("report");
  }

  get checkpoint() {
    return this.#ask("checkpoint");
  }

  #ask(what) {
    if (this.#last) return this.#last[what];
    this.#tell();
    return this.#reading[what]();
  }

  #tell() {
    const taken = this.#taken;
    this.#taken = 0;
    if (taken) this.#reading.consumed(taken);
  }

  async *#hand(whole) {
    const rest = this.#rest;
    try {
      for (;;) {
        while (!rest.length || this.#reading.signal?.aborted) {
          this.#tell();
          const { done, value } = await this.#pages.next();
          if (done) return;
          rest.push(...value);
        }
        this.#taken += whole ? rest.length : 1;
        yield whole ? rest.splice(0) : rest.shift();
      }
    } catch (error) {
      if (error instanceof ComfyControlError) Object.assign(error, await this.#end());
      throw error;
    } finally {
      await this.#end();
    }
  }

  async #end() {
    this.#reading.stop();
    await this.#pages.return();
    if (!this.#last) {
      this.#tell();
      this.#rest.length = 0;
      this.#last = this.#reading.close();
      dropped?.unregister(this.#reading);
    }
    return this.#last;
  }
}

/** All rows in one array, and what can be said about them. */
export async function collect(iterator) {
  const runners = [];
  try {
    for await (const page of iterator.pages()) runners.push(...page);
  } catch (error) {
    if (error instanceof ComfyControlError) error.runners = runners;
    throw error;
  }
  return { runners, report: iterator.report };
}
