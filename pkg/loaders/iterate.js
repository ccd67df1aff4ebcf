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
  #rows;
  #byPage;
  // Rows handed over that the instance was not told of yet.
  #taken = 0;

  constructor(iteration) {
    this.#iteration = iteration;
    const pages = this.#read();
    const stop = () => iteration.last("cancel");
    this.#rows = stoppable(this.#each(pages), stop);
    this.#byPage = stoppable(this.#whole(pages), stop);
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
    this.#tell();
    return this.#iteration.call("report");
  }

  get checkpoint() {
    this.#tell();
    return this.#iteration.call("checkpoint");
  }

  #tell() {
    const taken = this.#taken;
    this.#taken = 0;
    if (taken) this.#iteration.call("consumed", taken);
  }

  async *#read() {
    try {
      for await (const rows of readPages(this.#iteration)) {
        yield rows;
        this.#tell();
      }
    } catch (error) {
      if (error instanceof ComfyControlError) {
        error.report = this.#iteration.last("report");
        error.checkpoint = this.#iteration.last("checkpoint");
      }
      throw error;
    }
  }

  async *#each(pages) {
    for await (const rows of pages) {
      for (const runner of rows) {
        this.#taken++;
        yield runner;
      }
    }
  }

  async *#whole(pages) {
    for await (const rows of pages) {
      this.#taken += rows.length;
      yield rows;
    }
  }
}
