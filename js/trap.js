// What a trap leaves behind. A panic in WebAssembly ends as an exception that nothing in the module
// handles: the promises of its calls would stay pending for ever. Here all of them are rejected.

import { ComfyControlError } from "./error.js";

/** What is to be done at a trap, while the module's memory is still there. */
const observers = new Set();

/** The trap that ended the running instance, if one did. */
let last;
/** Counts the instances, from 1. */
export let generation = 0;
/** When the latest trap was, and when the latest cooldown ends: an instance's knowledge dies with it. */
const history = { lostAt: -Infinity, cooldownUntil: -Infinity };

function rememberCooldown(until) {
  history.cooldownUntil = Math.max(history.cooldownUntil, until);
}

/** Declared and documented in `src/web/queue.rs`. */
export const afterlife = { rememberCooldown };

/** Whether the instance has trapped. Nothing may call it any more. */
export function hasTrapped() {
  return last !== undefined;
}

/** A fresh instance runs: its traps are new ones. Gives what it should know of those before it. */
export function startOver() {
  endAll();
  last = undefined;
  generation += 1;
  return history;
}

/** Keeps a task for the instance that runs now: it does nothing once that has trapped. */
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

/** Has `run` called at the next trap, with the error that calls are rejected with. Gives what takes that back. */
export function onTrap(run) {
  observers.add(run);
  return () => observers.delete(run);
}

/** Calls the module. What it throws, other than an error of ours, is a trap. */
export function guard(run) {
  if (last) throw defect(last.cause);
  try {
    return run();
  } catch (error) {
    if (error instanceof ComfyControlError) throw error;
    throw trapped(error);
  }
}

/** Calls a function of the module that gives a promise. It is settled whatever happens. */
export function guardAsync(run) {
  return new Promise((resolve, reject) => {
    // A moment later: the call may have its result, and only wait to be told.
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

/** Ends everything that the module had under way. Gives an error that says so, with what the engine threw. */
export function trapped(thrown) {
  if (!last) {
    last = { cause: thrown };
    // With a stack of its own: there may be none left here.
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
 * Whether the engine threw this for want of stack. `new Promise` makes it a rejection, which leaves
 * the module as broken as a trap does.
 */
function isStackOverflow(error) {
  return error instanceof Error && /call stack|too much recursion/i.test(error.message);
}

function defect(cause) {
  const message = "a defect in comfycontrol-runners; later calls work again";
  return new ComfyControlError("internal", message, { retryable: true, cause });
}

/** The engine's error without its word "unreachable", which helps nobody. Its stack helps to mend the defect. */
function readable(thrown) {
  if (!(thrown instanceof WebAssembly.RuntimeError)) return thrown;
  const error = new Error("the module trapped");
  const stack = String(thrown.stack).replace(thrown.message, error.message);
  return Object.defineProperty(error, "stack", { value: stack });
}
