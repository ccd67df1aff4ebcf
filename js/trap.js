// Cleans up after a trap. A panic in WebAssembly ends as an exception that nothing in the module
// handles: the promises of its calls would stay pending for ever. This file rejects all of them.

import { releaseAll } from "./abort.js";
import { ComfyControlError } from "./error.js";
import { dropWaits } from "./wait.js";

/** Calls under way, each with the function that rejects it. */
const calls = new Set();
/** Called at a trap, while the module's memory can still be read. */
const observers = new Set();

/** The trap that ended the running instance, if one did. */
let last;
/** The number of the running instance. */
let instance = 0;
/** What the next instance must know: when the last one trapped, and when the latest cooldown ends. */
const history = { lostAt: -Infinity, cooldownUntil: -Infinity };

/**
 * Remembers a cooldown for the next instance.
 *
 * @param {number} until by the clock of `performance.now()`
 */
export function rememberCooldown(until) {
  history.cooldownUntil = Math.max(history.cooldownUntil, until);
}

/**
 * Whether the instance has trapped. If so, nothing may call it.
 *
 * @returns {boolean}
 */
export function hasTrapped() {
  return last !== undefined;
}

/**
 * Registers a fresh instance. Returns what it must know about the instances before it.
 *
 * @returns {{ lostAt: number, cooldownUntil: number }}
 */
export function startOver() {
  endAll();
  last = undefined;
  instance += 1;
  return history;
}

/**
 * Binds a task to the running instance: the task does nothing once that instance has trapped.
 *
 * @param {() => void} run
 * @returns {() => void}
 */
export function whileAlive(run) {
  const own = instance;
  return () => {
    if (last || own !== instance) return;
    try {
      run();
    } catch (error) {
      trapped(error);
    }
  };
}

/**
 * Calls `run` at the next trap, with the error that rejects the calls.
 *
 * @param {(error: ComfyControlError) => void} run
 * @returns {() => void} undoes it
 */
export function onTrap(run) {
  observers.add(run);
  return () => observers.delete(run);
}

/**
 * Calls the module. If it throws anything but a `ComfyControlError`, it has trapped.
 *
 * @template T
 * @param {() => T} run
 * @returns {T}
 */
export function guard(run) {
  if (last) throw defect(last.cause);
  try {
    return run();
  } catch (error) {
    if (error instanceof ComfyControlError) throw error;
    throw trapped(error);
  }
}

/**
 * Calls an asynchronous function of the module. The promise settles in any case, also after a trap.
 *
 * @template T
 * @param {() => Promise<T>} run
 * @returns {Promise<T>}
 */
export function guardAsync(run) {
  return new Promise((resolve, reject) => {
    calls.add(reject);
    const settle = (how) => (value) => {
      calls.delete(reject);
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

/**
 * Handles a trap: ends everything that the module had under way. Returns the error to reject with.
 *
 * @param {unknown} thrown what the engine threw
 * @returns {ComfyControlError}
 */
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
  const { cause } = last;
  history.lostAt = performance.now();
  for (const run of [...observers]) run(defect(cause));
  dropWaits();
  releaseAll();
  // In a microtask, because some calls have resolved already, and only their handlers did not run yet.
  for (const reject of [...calls]) {
    Promise.resolve().then(() => {
      if (calls.delete(reject)) reject(defect(cause));
    });
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

/** Rust calls it as a member of an object: see `src/web/host.rs`. */
export const nextInstance = { rememberCooldown };
