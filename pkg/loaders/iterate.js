// Enumerations, as JavaScript iterates. What to ask for and what to hand over is decided by the instance.

import { ComfyControlError } from "../js/errors.js";

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

/** The pages of an enumeration. */
export async function* readPages(iteration) {
  try {
    for (;;) {
      const [kind, value] = iteration.call("take");
      if (kind === 0) yield value;
      else if (kind === 1) return;
      else if (kind === 2) await iteration.wait(value);
      else throw value;
    }
  } finally {
    iteration.last("cancel");
  }
}

export class ManagedRunnerIterator {
  static name = "ManagedRunnerIterator";
  #iteration;
  #signal;
  #pages;
  #rows;
  #byPage;
  // What is left of the page that is being handed over.
  #rest = [];
  // Rows handed over that the instance was not told of yet.
  #taken = 0;
  // What is known once it is over, and the instance's part was given back.
  #last;

  constructor(iteration) {
    this.#iteration = iteration;
    this.#signal = iteration.call("signal");
    this.#pages = readPages(iteration);
    const stop = () => iteration.last("cancel");
    this.#rows = stoppable(this.#hand(false), stop);
    this.#byPage = stoppable(this.#hand(true), stop);
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
    return this.#iteration.call(what);
  }

  #tell() {
    const taken = this.#taken;
    this.#taken = 0;
    if (taken) this.#iteration.last("consumed", taken);
  }

  async *#hand(whole) {
    const rest = this.#rest;
    try {
      for (;;) {
        while (!rest.length || this.#signal?.aborted) {
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
    const iteration = this.#iteration;
    iteration.last("cancel");
    await this.#pages.return();
    if (!this.#last) {
      this.#tell();
      this.#rest.length = 0;
      this.#last = { report: iteration.last("report"), checkpoint: iteration.last("checkpoint") };
      iteration.free();
    }
    return this.#last;
  }
}
