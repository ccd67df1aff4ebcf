// The async context of a caller: what `AsyncLocalStorage` of Node.js, Bun and Deno returns there. Rust runs the tasks of
// all calls in one queue, in the context of whoever filled it. So the functions of a caller need their own context.

let hooks;

function openHooks() {
  try {
    return globalThis.process.getBuiltinModule("async_hooks");
  } catch {
    return {};
  }
}

/** Returns the present context; `undefined` where the runtime has none. */
function capture() {
  hooks ??= openHooks();
  // Two hundred times as fast as `AsyncLocalStorage.snapshot()`.
  return hooks.AsyncResource && new hooks.AsyncResource("comfycontrol-runners");
}

/** Calls a function in a context. */
export function runIn(context, run) {
  return context ? context.runInAsyncScope(run) : run();
}

/** Declared and documented in `src/web/context.rs`. */
export const contexts = { capture };
