// Holds the one running instance of the module: compiled on first use, replaced after a trap.

import { createGlue } from "glue";
import { ComfyControlError } from "../js/errors.js";

let source;
let module;
let core;

/** Names where the module comes from: a function that gives its bytes or the `WebAssembly.Module`. The first one counts. */
export function provide(given) {
  source ??= given;
}

function open() {
  if (core) return core;
  if (!source) throw new ComfyControlError("internal", "no WebAssembly yet: call `initialize` of comfycontrol-runners/slim first", { retryable: false });
  try {
    const given = (module ??= source());
    // Not by `instanceof`, which denies a module that another realm compiled.
    const compiled = Object.prototype.toString.call(given) === "[object WebAssembly.Module]";
    module = compiled ? given : new WebAssembly.Module(given);
    // The glue would ask `instanceof`, too.
    const realm = { Instance: WebAssembly.Instance, Module: { [Symbol.hasInstance]: () => true } };
    const pending = new Set();
    const fresh = { pending };
    const Registry = function (free) {
      // Objects of an instance that trapped are not given back to it: that would trap again, and out of nowhere.
      const registry = globalThis.FinalizationRegistry && new FinalizationRegistry((held) => guard(fresh, () => free(held)));
      return {
        // Numbers stand for objects of ours. The others are closures, which the instance drops itself, since all that it
        // waits for settles; to register two for every wait would keep the collector busy.
        register: (target, held, token) => typeof held === "number" && registry?.register(target, held, token),
        unregister: (token) => token.cnt === undefined && registry?.unregister(token),
      };
    };
    fresh.glue = createGlue((task) => guard(fresh, task), realm, Registry);
    fresh.glue.initSync({ module });
    return (core = fresh);
  } catch (cause) {
    module = undefined;
    const csp = /unsafe-eval|Content.Security.Policy|\bCSP\b/i.test(String(cause?.message));
    const message = csp ? "the page's Content-Security-Policy forbids WebAssembly: add 'wasm-unsafe-eval' to its script-src" : "the WebAssembly module did not start";
    throw new ComfyControlError("internal", message, { retryable: false, cause });
  }
}

// wasm-bindgen's executor runs every step of a call in a microtask; a trap there would end the process.
function guard(owner, task) {
  // A task of Node's `queueMicrotask` carries an async context of its own, which takes longer than the promise.
  Promise.resolve().then(() => {
    if (core !== owner) return;
    try {
      task();
    } catch (error) {
      crash(owner, error);
    }
  });
}

/** Ends an instance that trapped: its calls fail, the next one gets a fresh instance. */
function crash(owner, cause) {
  if (core === owner) core = undefined;
  const error = new ComfyControlError("internal", "a defect in comfycontrol-runners; later calls work again", { retryable: true, cause });
  for (const reject of owner.pending) reject(error);
  owner.pending.clear();
  return error;
}

/** Calls an export that answers at once. Exports give errors back; what one throws is a trap. */
export function enter(name, ...args) {
  const owner = open();
  let result;
  try {
    result = owner.glue[name](...args);
  } catch (cause) {
    throw crash(owner, cause);
  }
  if (result instanceof ComfyControlError) throw result;
  return result;
}

/** Calls an export that gives a promise. */
export function begin(name, ...args) {
  return new Promise((resolve, reject) => {
    const { pending } = open();
    const result = enter(name, ...args);
    pending.add(reject);
    const done = (settle) => (value) => {
      pending.delete(reject);
      settle(value);
    };
    result.then(done(resolve), done(reject));
  });
}

/** An object of an instance: of no use after a trap there. */
class Lease {
  #owner;
  #object;

  constructor(owner, object) {
    this.#owner = owner;
    this.#object = object;
  }

  /** Calls a method. */
  call(method, ...args) {
    if (core !== this.#owner) throw new ComfyControlError("internal", "a defect in comfycontrol-runners ended this iteration; a new one works", { retryable: true });
    try {
      return this.#object[method](...args);
    } catch (cause) {
      throw crash(this.#owner, cause);
    }
  }

  /** Calls a method for which it is no matter whether there was a trap. */
  last(method, ...args) {
    try {
      return this.#object[method](...args);
    } catch {
      // nothing is left to end or to tell
    }
  }

  /** Waits for a promise of the instance. */
  wait(promise) {
    const { pending } = this.#owner;
    return new Promise((resolve, reject) => {
      pending.add(reject);
      promise.then(() => resolve(pending.delete(reject)));
    });
  }

  /** Gives the memory of the object back. */
  free() {
    this.last("free");
    this.#object = undefined;
  }

  /** Another object of the same instance. */
  of(object) {
    return new Lease(this.#owner, object);
  }
}

/** Calls an export that gives an object of the instance. */
export function lease(name, ...args) {
  const owner = open();
  return new Lease(owner, enter(name, ...args));
}
