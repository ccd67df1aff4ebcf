// The public face: what the module exports, with an instance that starts by itself. Every function
// here hands on what it was given; nothing is decided.

import * as glue from "glue";

import { ComfyControlError, isComfyControlError } from "../error.js";
import { guard, guardAsync } from "../trap.js";
import { iterate } from "./iterate.js";
import { generation, provide, start } from "./instance.js";

export { ComfyControlError, isComfyControlError, provide };

/** Calls a function of the module that gives a promise, guarded against traps by `how`. */
async function callAsync(run, how = guardAsync) {
  try {
    const started = start();
    if (started) await started;
    return await how(run);
  } catch (error) {
    // An error made deep inside says little of its caller. V8 knows who awaits this function.
    if (error instanceof ComfyControlError) Error.captureStackTrace?.(error, callAsync);
    throw error;
  }
}

/** Calls a function of the module that gives its result at once. */
function callSync(run) {
  const started = start();
  if (started) {
    started.catch(() => {});
    throw new ComfyControlError(
      "unsupported",
      "this browser starts WebAssembly of more than 4 KB on the main thread asynchronously only: await a call " +
        "that gives a promise first",
      { retryable: false },
    );
  }
  return guard(run);
}

export function listManagedRunners(options) {
  return callAsync(() => glue.listManagedRunners(options));
}

export function getManagedRunner(id, options) {
  return callAsync(() => glue.getManagedRunner(id, options));
}

export function matchRunners(runners, requiredTags) {
  return callSync(() => glue.matchRunners(runners, requiredTags));
}

/** Not part of the public interface: `comfycontrol-runners/testing` uses it. */
export function resetRateLimits() {
  callSync(() => glue.resetRateLimits());
}

/**
 * The module's own client, behind a symbol instead of a private member: methods must also work where
 * `this` is a proxy of the client, as it is in reactive state. A function keeps the options, and the
 * token among them, out of everything that prints objects.
 */
const inner = Symbol("inner");

/** What gives the module's client. Asked before the module is called: a wrong `this` is no defect of the module. */
function clientOf(client) {
  const use = client?.[inner];
  if (typeof use !== "function") throw new TypeError("this is no ComfyControl client");
  return use;
}

export class ComfyControl {
  constructor(options) {
    let client;
    let settled = options;
    let madeBy;
    const use = () => {
      if (madeBy !== generation) {
        client = new glue.ComfyControl(settled);
        // The client is made again after a trap, from what was read the first time.
        settled = client.options();
        madeBy = generation;
      }
      return client;
    };
    Object.defineProperty(this, inner, { value: use });
    const started = start();
    // Where the module compiles later, the first call tells what is wrong with the options.
    if (started) started.catch(() => {});
    else guard(use);
  }

  listManagedRunners(options) {
    const client = clientOf(this);
    return callAsync(() => client().listManagedRunners(options));
  }

  getManagedRunner(id, options) {
    const client = clientOf(this);
    return callAsync(() => client().getManagedRunner(id, options));
  }

  iterateManagedRunners(options) {
    const client = clientOf(this);
    return iterate(() => client().iterateManagedRunners(options));
  }

  collectManagedRunners(options) {
    const client = clientOf(this);
    // What it iterates over is guarded, and knows what was found before a trap.
    return callAsync(() => client().collectManagedRunners(options), guard);
  }

  watchManagedRunners(options) {
    const client = clientOf(this);
    return iterate(() => client().watchManagedRunners(options));
  }

  get rateLimit() {
    const client = clientOf(this);
    return callSync(() => client().rateLimit);
  }

  /** There is nothing to give back. Generated types have it. */
  free() {}
}

// A minifier renames the class.
Object.defineProperty(ComfyControl, "name", { value: "ComfyControl" });
if (Symbol.dispose) ComfyControl.prototype[Symbol.dispose] = ComfyControl.prototype.free;
