// Stand-ins for globals in the generated glue, by the bundler's `inject`. The glue makes objects of
// them when it is imported; these are made when they are needed, so that importing the package works
// where a global is missing.

import { trapped, whileAlive } from "../trap.js";

export class TextDecoder {
  constructor(...options) {
    this.options = options;
  }

  decode(bytes) {
    // The glue warms the decoder up with nothing.
    if (bytes === undefined) return "";
    this.decoder ??= new globalThis.TextDecoder(...this.options);
    return this.decoder.decode(bytes);
  }
}

export class TextEncoder {
  get encoder() {
    return (this.made ??= new globalThis.TextEncoder());
  }

  encode(text) {
    return this.encoder.encode(text);
  }

  encodeInto(text, bytes) {
    return this.encoder.encodeInto(text, bytes);
  }
}

export class FinalizationRegistry {
  constructor(run) {
    this.run = run;
  }

  register(...given) {
    if (typeof globalThis.FinalizationRegistry !== "function") return;
    this.registry ??= new globalThis.FinalizationRegistry(this.run);
    this.registry.register(...given);
  }

  unregister(token) {
    this.registry?.unregister(token);
  }
}

/**
 * Queues a task of Rust. A trap in it is noticed here: nothing else would settle the task's promises.
 * Not by the runtime's `queueMicrotask`, which Jest's fake timers hold back.
 */
function queueTask(run) {
  try {
    Promise.resolve().then(whileAlive(run));
  } catch (error) {
    throw trapped(error);
  }
}

// Another name inside: in a bundle that runs as a classic script, a function is a member of `globalThis`.
export { queueTask as queueMicrotask };
