// Cleans up after a trap. A panic in WebAssembly ends as an exception that nothing in the module
// handles: the promises of its calls would stay pending for ever. This file rejects all of them.

import { ComfyControlError } from "./error.js";

/** Called at a trap, while the module's memory can still be read. */
const observers = new Set();

/** The trap that ended the running instance, if one did. */
let last;
/** The number of the running instance, from 1. */
export let generation = 0;
/** What the next instance must know: when the last one trapped, and when the latest cooldown ends. */
const history = { lostAt: -Infinity, cooldownUntil: -Infinity };

function rememberCooldown(until) {
  history.cooldownUntil = Math.max(history.cooldownUntil, until);
}

/** Declared and documented in `src/web/queue.rs`. */
export const nextInstance = { rememberCooldown };

/** Whether the instance has trapped. If so, nothing may call it. */
export function hasTrapped() {
  return last !== undefined;
}

/** Registers a fresh instance. Returns what it must know about the instances before it. */
export function startOver() {
  endAll();
  last = undefined;
  generation += 1;
  return history;
}

/** Binds a task to the running instance: the task does nothing once that instance has trapped. */
export function whileAlive(run) {
  const own = generation;
  return () => {
    if (last || own !== generation) return;
    try {
      run();
    } catch (error) {
      trapped(error);
    }
  };
}

/** Calls `run` at the next trap, with the error that rejects the calls. Returns a function that undoes it. */
export function onTrap(run) {
  observers.add(run);
  return () => observers.delete(run);
}

/** Calls the module. If it throws anything but a `ComfyControlError`, it has trapped. */
export function guard(run) {
  if (last) throw defect(last.cause);
  try {
    return run();
  } catch (error) {
    if (error instanceof ComfyControlError) throw error;
    throw trapped(error);
  }
}

/** Calls an asynchronous function of the module. The promise settles in any case, also after a trap. */
export function guardAsync(run) {
  return new Promise((resolve, reject) => {
    // In a microtask, because the call may have resolved already, and only its handlers did not run yet.
    const forgetTrap = onTrap((error) => void Promise.resolve().then(() => reject(error)));
    const settle = (how) => (value) => {
      forgetTrap();
      how(value);
    };
    const fail = (error) => settle(reject)(isStackOverflow(error) ? trapped(error) : error);
    try {
      guard(run).then(settle(resolve), fail);
    } catch (error) {
      fail(error);
    }
  });
}

/** Handles a trap: ends everything that the module had under way. Returns the error to reject with. */
export function trapped(thrown) {
  if (!last) {
    last = { cause: thrown };
    // Also in a microtask, which has a fresh stack: this one may be exhausted.
    Promise.resolve().then(endAll);
    last.cause = readable(thrown);
    endAll();
  }
  return defect(last.cause);
}

function endAll() {
  if (!last || last.hasEnded) return;
  history.lostAt = performance.now();
  for (const run of [...observers]) {
    run(defect(last.cause));
    observers.delete(run);
  }
  last.hasEnded = true;
}

/**
 * Whether the stack overflowed. `new Promise` turns this into a rejection, but the module is as broken
 * as after a trap.
 */
function isStackOverflow(error) {
  return error instanceof Error && /call stack|too much recursion/i.test(error.message);
}

function defect(cause) {
  const message = "a defect in comfycontrol-runners; later calls work again";
  return new ComfyControlError("internal", message, { retryable: true, cause });
}

/** The engine's error, but with a better message than "unreachable". The stack helps to fix the defect. */
function readable(thrown) {
  if (!(thrown instanceof WebAssembly.RuntimeError)) return thrown;
  const error = new Error("the module trapped");
  const stack = String(thrown.stack).replace(thrown.message, error.message);
  return Object.defineProperty(error, "stack", { value: stack });
}
