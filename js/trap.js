// Cleans up after an instance of the module: after a trap, and where a test ends it. A panic in WebAssembly
// ends as an exception that nothing in the module handles: the promises of its calls would stay pending for
// ever. This file rejects all of them.

import { ComfyControlError, isOurs } from "./error.js";

/** Called when the instance ends, while the module's memory can still be read. */
const observers = new Set();

/**
 * How the instance ended, if it did: `error()` makes the error that a call rejects with. Each call has its
 * own, because details are added to it.
 */
let ended;
/** The number of the running instance, from 1. */
export let generation = 0;
/** What the next instance must know: when the last one ended, and when the latest cooldown ends. */
const history = { lostAt: -Infinity, cooldownUntil: -Infinity };

function rememberCooldown(until) {
  history.cooldownUntil = Math.max(history.cooldownUntil, until);
}

/** Declared and documented in `src/web/origin.rs`. */
export const nextInstance = { rememberCooldown };

/** Whether the instance has ended. If so, nothing may call it. */
export function hasEnded() {
  return ended !== undefined;
}

/** How many calls of the module are on the stack. */
let depth = 0;

/** Whether code of the module is on the stack: it called the function that asks. */
export function isInside() {
  return depth > 0;
}

/** Calls the module. */
function enter(run) {
  depth += 1;
  try {
    return run();
  } finally {
    depth -= 1;
  }
}

/** Registers a fresh instance. Returns what it must know about the instances before it. */
export function startOver() {
  endAll();
  ended = undefined;
  generation += 1;
  return history;
}

/** Binds a task to the running instance: the task does nothing once that instance has ended. */
export function whileAlive(run) {
  const own = generation;
  return () => {
    if (ended || own !== generation) return;
    try {
      enter(run);
    } catch (error) {
      trapped(error);
    }
  };
}

/** Calls `run` when the instance ends, with the error that rejects the calls. Returns a function that undoes it. */
export function onEnd(run) {
  observers.add(run);
  return () => observers.delete(run);
}

/** Calls the module. If it throws anything but a `ComfyControlError`, it has trapped. */
export function guard(run) {
  if (ended) throw ended.error();
  try {
    return enter(run);
  } catch (error) {
    if (isOurs(error)) throw error;
    throw trapped(error);
  }
}

/** Calls an asynchronous function of the module. The promise settles in any case, also if the instance ends. */
export function guardAsync(run) {
  return new Promise((resolve, reject) => {
    // In a microtask, because the call may have resolved already, and only its handlers did not run yet.
    const forgetEnd = onEnd((error) => void Promise.resolve().then(() => reject(error)));
    const settle = (how) => (value) => {
      forgetEnd();
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

/** Handles a trap. Returns the error to reject with. */
export function trapped(thrown) {
  ended ??= { error: () => defect(readable(thrown)) };
  end();
  return ended.error();
}

/**
 * Ends the instance, and forgets it: the next call starts a fresh one, which knows of no request and no
 * cooldown. Calls under way reject with what `error()` returns. Only `comfycontrol-runners/testing` uses it.
 */
export function forget(error) {
  ended ??= { error };
  end();
  history.lostAt = -Infinity;
  history.cooldownUntil = -Infinity;
}

/** Ends everything that the instance had under way. */
function end() {
  // Also in a microtask, which has a fresh stack: this one may be exhausted.
  Promise.resolve().then(endAll);
  endAll();
}

function endAll() {
  if (!ended || ended.isOver) return;
  history.lostAt = performance.now();
  for (const run of [...observers]) {
    run(ended.error());
    observers.delete(run);
  }
  ended.isOver = true;
}

/** Reasons of the callers' signals that aborted a call. How these objects look says nothing, and they stay as they are. */
const reasons = new WeakSet();

export function rememberReason(reason) {
  if (Object(reason) === reason) reasons.add(reason);
}

/** Whether this package made the error for the call that fails with it, and may add to it. */
export function isOwn(error) {
  return isOurs(error) && !reasons.has(error);
}

/**
 * Whether the stack overflowed. `new Promise` turns this into a rejection, but the module is as broken
 * as after a trap. Without a regular expression: Node ends the process if it compiles one where no stack is left.
 */
function isStackOverflow(error) {
  if (reasons.has(error) || !(error instanceof Error)) return false;
  const message = String(error.message);
  return message.includes("call stack") || message.includes("too much recursion");
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
