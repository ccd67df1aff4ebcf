// The public face: what the module exports, with an instance that starts by itself. Every function
// here hands on what it was given; nothing is decided.

import * as glue from "glue";

import { ComfyControlError } from "../error.js";
import { guard, guardAsync } from "../trap.js";
import { iterate } from "./iterate.js";
import { generation, provide, start } from "./instance.js";
import { detach } from "./owner.js";

export { provide };

/**
 * Calls a function of the module that gives a promise, guarded against traps by `how`. What a client
 * owns stays alive meanwhile.
 */
async function callAsync(run, how = guardAsync, client = undefined) {
  try {
    const started = start();
    if (started) await started;
    return await how(run);
  } catch (error) {
    // An error made deep inside says little of its caller. V8 knows who awaits this function.
    if (error instanceof ComfyControlError) Error.captureStackTrace?.(error, callAsync);
    throw error;
  } finally {
    client?.owner();
  }
}

/** Calls a function of the module that gives its result at once. */
function callSync(run) {
  const started = start();
  if (started) {
    started.catch(() => {});
    throw new ComfyControlError(
      "unsupported",
      "this browser starts WebAssembly of more than 4 KB on the main thread only asynchronously: await an " +
        "asynchronous call first",
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

/** The options as the module reads them: each once, and checked. */
function readOptions(options) {
  const client = new glue.ComfyControl(options);
  const read = client.options();
  client.free();
  return read;
}

/** What gives the module's client. Asked before the module is called: a wrong `this` is no defect of the module. */
function clientOf(client) {
  const use = client?.[inner];
  if (typeof use !== "function") throw new TypeError("`this` is not a ComfyControl client");
  return use;
}

export class ComfyControl {
  // A minifier renames the class.
  static get name() {
    return "ComfyControl";
  }

  constructor(options) {
    let client;
    let detached;
    let madeBy;
    const use = () => {
      if (madeBy !== generation) {
        // Read once, and made again of that: after a trap, and with functions that Rust may hold.
        detached ??= detach(readOptions(options));
        client = new glue.ComfyControl(detached.options);
        madeBy = generation;
      }
      return client;
    };
    use.owner = () => detached;
    Object.defineProperty(this, inner, { value: use });
    const started = start();
    // Where the module compiles later, the first call tells what is wrong with the options.
    if (started) started.catch(() => {});
    else guard(use);
  }

  listManagedRunners(options) {
    const client = clientOf(this);
    return callAsync(() => client().listManagedRunners(options), guardAsync, client);
  }

  getManagedRunner(id, options) {
    const client = clientOf(this);
    return callAsync(() => client().getManagedRunner(id, options), guardAsync, client);
  }

  iterateManagedRunners(options) {
    const client = clientOf(this);
    return iterate(() => client().iterateManagedRunners(options), client);
  }

  collectManagedRunners(options) {
    const client = clientOf(this);
    // What it iterates over is guarded, and knows what was found before a trap.
    return callAsync(() => client().collectManagedRunners(options), guard, client);
  }

  watchManagedRunners(options) {
    const client = clientOf(this);
    return iterate(() => client().watchManagedRunners(options), client);
  }

  get rateLimit() {
    const client = clientOf(this);
    return callSync(() => client().rateLimit);
  }

  /** There is nothing to give back. Generated types have it. */
  free() {}
}

if (Symbol.dispose) ComfyControl.prototype[Symbol.dispose] = ComfyControl.prototype.free;
