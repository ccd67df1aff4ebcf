// Holds the one running instance of the module: compiled on first use, replaced after a trap.

import { createGlue } from "glue";
import { because, ComfyControlError } from "../js/errors.js";
import { now } from "../js/io.js";

let source;
let module;
let core;
// When an instance trapped, and until when a 429 keeps everybody back: what it had counted of the rate limit is lost.
let lost = -Infinity;
let frozenUntil = -Infinity;

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
    const { begin, imports } = createGlue();
    const exports = begin(new WebAssembly.Instance(module, imports()), module);
    // Node 20 ends the process where memory grows for the first time in the middle of a compiled call.
    exports.memory.grow(0);
    exports.start(lost, frozenUntil);
    return (core = guarded(exports));
  } catch (cause) {
    module = undefined;
    const csp = /unsafe-eval|Content.Security.Policy|\bCSP\b/i.test(String(cause?.message));
    throw internal(csp ? "the page's Content-Security-Policy forbids WebAssembly: add 'wasm-unsafe-eval' to its script-src" : "the WebAssembly module did not start", false, cause);
  }
}

/** The functions of an instance, each of which ends in `internal` where it traps. */
function guarded(exports) {
  const safe = { __proto__: null, memory: exports.memory };
  for (const [name, run] of Object.entries(exports)) {
    if (typeof run !== "function") continue;
    safe[name] = (...args) => {
      if (core !== safe) throw defect(safe);
      try {
        return run(...args);
      } catch (cause) {
        // What waits goes on, and finds the instance dead; the next call gets a fresh one.
        core = undefined;
        lost = now();
        frozenUntil = safe.frozenUntil ?? -Infinity;
        safe.cause = plain(cause);
        safe.waits?.slice().forEach(({ aborted }) => aborted());
        throw defect(safe);
      }
    };
  }
  /** Calls a function for which it is no matter whether there was a trap. */
  safe.last = (name, ...args) => {
    try {
      return exports[name](...args);
    } catch {
      // nothing is left to end or to tell
    }
  };
  return safe;
}

/** The engine's error, but for its word: "unreachable" is nobody's business. Its stack helps to mend the defect. */
function plain(cause) {
  if (!(cause instanceof WebAssembly.RuntimeError)) return cause;
  const { stack, message } = cause;
  return Object.defineProperty(new Error("the module trapped"), "stack", { value: String(stack).replace(message, "the module trapped") });
}

const defect = ({ cause }) => internal("a defect in comfycontrol-runners; later calls work again", true, cause);

function internal(message, retryable, cause) {
  const error = new ComfyControlError("internal", message, { retryable });
  return cause === undefined ? error : because(error, cause);
}
