// Holds the one running instance of the module: compiled on first use, replaced after a trap.

import { createGlue } from "glue";
import { because, ComfyControlError } from "../js/errors.js";
import { now } from "../js/io.js";

let source;
let module;
let core;
// When an instance trapped: what it had counted of the rate limit is lost.
let lost = -Infinity;

/** Names where the module comes from: a function that gives its bytes or the `WebAssembly.Module`. The first one counts. */
export function provide(given) {
  source ??= given;
}

/** The functions of the running instance. What one of them throws is a trap, and the end of the instance. */
export function open() {
  if (core) return core;
  if (!source) throw internal("no WebAssembly yet: call `initialize` of comfycontrol-runners/slim first", false);
  try {
    const given = (module ??= source());
    // Not by `instanceof`, which denies a module that another realm compiled.
    const compiled = Object.prototype.toString.call(given) === "[object WebAssembly.Module]";
    module = compiled ? given : new WebAssembly.Module(given);
    // The glue would ask `instanceof`, too.
    const glue = createGlue({ Instance: WebAssembly.Instance, Module: { [Symbol.hasInstance]: () => true } });
    glue.initSync({ module });
    glue.Core.start(lost);
    const fresh = {};
    return (core = guarded(fresh, fresh, glue.Core, glue.Iteration));
  } catch (cause) {
    module = undefined;
    const csp = /unsafe-eval|Content.Security.Policy|\bCSP\b/i.test(String(cause?.message));
    throw internal(csp ? "the page's Content-Security-Policy forbids WebAssembly: add 'wasm-unsafe-eval' to its script-src" : "the WebAssembly module did not start", false, cause);
  }
}

/** Puts the functions of `object`, which is of the instance `owner`, into `safe`, so that a trap ends in `internal`. */
function guarded(owner, safe, object, Iteration) {
  for (const name of Object.getOwnPropertyNames(Iteration ? object : Object.getPrototypeOf(object))) {
    const run = object[name];
    if (typeof run !== "function") continue;
    safe[name] = (...args) => {
      if (core !== owner) throw defect(owner);
      try {
        const result = run.apply(object, args);
        return Iteration && result instanceof Iteration ? guarded(owner, {}, result) : result;
      } catch (cause) {
        // What waits goes on, and finds the instance dead; the next call gets a fresh one.
        core = undefined;
        lost = now();
        owner.cause = cause;
        owner.waits?.forEach((end) => end());
        throw defect(owner);
      }
    };
  }
  /** Calls a function for which it is no matter whether there was a trap. */
  safe.last = (name, ...args) => {
    try {
      return object[name](...args);
    } catch {
      // nothing is left to end or to tell
    }
  };
  return safe;
}

const defect = ({ cause }) => internal("a defect in comfycontrol-runners; later calls work again", true, cause);

function internal(message, retryable, cause) {
  const error = new ComfyControlError("internal", message, { retryable });
  return cause === undefined ? error : because(error, cause);
}
