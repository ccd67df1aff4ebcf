// Replaces globals in the generated glue, by esbuild's `inject`. The glue creates instances at import;
// these classes create the real instance on first use, so that importing the package works where a
// global is missing. `WebAssembly.Instance` and `queueMicrotask` are replaced for other reasons, see below.

import { trapped, whileAlive } from "../trap.js";

export class TextDecoder {
  constructor(...options) {
    this.options = options;
  }

  decode(bytes) {
    // At import, the glue calls `decode()` without bytes.
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

/** What the glue last called `new WebAssembly.Instance` with: the module and its imports. */
let latestArguments;
/** An instance that was started asynchronously, for the glue's next attempt. */
let prepared;

/**
 * Starts asynchronously what the glue could not start synchronously. The glue itself can do that only for the
 * first instance.
 */
export async function prepareInstance() {
  prepared = await WebAssembly.instantiate(...latestArguments);
}

/** Stands for `WebAssembly.Instance`. Not a class, because compilers to ES5 break its `Symbol.hasInstance`. */
function Instance(...given) {
  latestArguments = given;
  const instance = prepared || new globalThis.WebAssembly.Instance(...given);
  prepared = undefined;
  return instance;
}

Object.defineProperty(Instance, Symbol.hasInstance, {
  value: (instance) => instance instanceof globalThis.WebAssembly.Instance,
});

/**
 * Queues a task of Rust. A trap in the task must be noticed here: nothing else would settle its promises.
 * Does not use the runtime's `queueMicrotask`, because Jest's fake timers hold it back.
 */
function queueTask(run) {
  try {
    Promise.resolve().then(whileAlive(run));
  } catch (error) {
    throw trapped(error);
  }
}

// The function has another name, because a function of a classic script becomes a member of `globalThis`.
export { queueTask as queueMicrotask };
// esbuild replaces this whole expression.
export { Instance as "WebAssembly.Instance" };
