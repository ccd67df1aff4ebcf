// The public functions: those of the module, with an instance that starts on the first call. They pass
// their arguments on unchanged.

import * as glue from "glue";

import { generation, guard, guardAsync, isOwn } from "../trap.js";
import { iterateRunners, watchRunners } from "./iterate.js";
import { notStarted, provide, start } from "./instance.js";
import { detach } from "./owner.js";

export { responseOf } from "../response-of.js";
/** Not part of the public interface: `comfycontrol-runners/testing` uses it. */
export { forget } from "../trap.js";
export { pageSchema, runnerSchema, runnerValidator } from "./schema.js";
export { provide };

/**
 * Calls an asynchronous function of the module, guarded against traps by `how`. Keeps what `client`
 * owns alive meanwhile.
 */
async function callAsync(run, how = guardAsync, client = undefined) {
  try {
    const started = start();
    if (started) await started;
    return await how(run);
  } catch (error) {
    // The error's own stack does not show the caller. V8 knows who awaits this function.
    if (isOwn(error)) Error.captureStackTrace?.(error, callAsync);
    throw error;
  } finally {
    client?.owner();
  }
}

/** Calls a synchronous function of the module. */
function callSync(run) {
  const started = start();
  if (started) {
    started.catch(() => {});
    throw notStarted();
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

/**
 * The module's own client, behind a symbol instead of a private member: methods must also work where
 * `this` is a proxy of the client, as it is in reactive state. A function keeps the options, and the
 * token among them, out of everything that prints objects.
 */
const inner = Symbol("inner");

/** The options as the module read and checked them. */
function readOptions(options) {
  const client = new glue.ComfyControl(options);
  const read = client.options();
  client.free();
  return read;
}

/** The function that returns the module's client. Called outside `guard`: a wrong `this` is not a trap. */
function clientOf(client) {
  const use = client?.[inner];
  if (typeof use !== "function") throw new TypeError("`this` is not a ComfyControl client");
  return use;
}

/**
 * Where a client's API is. Not part of the public interface: `comfycontrol-runners/query` and
 * `comfycontrol-runners/store` have it in their keys.
 */
export function baseUrlOf(client) {
  const use = clientOf(client);
  return callSync(() => use().baseUrl);
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
        // The caller's object is read once. A fresh instance makes the client anew from the copy.
        detached ??= detach(readOptions(options));
        client = new glue.ComfyControl(detached.options);
        madeBy = generation;
      }
      return client;
    };
    use.owner = () => detached;
    Object.defineProperty(this, inner, { value: use });
    const started = start();
    // If the module must compile asynchronously, the first call reports what is wrong with the options.
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
    return iterateRunners(() => client().iterateManagedRunners(options), client);
  }

  collectManagedRunners(options) {
    const client = clientOf(this);
    // Not `guardAsync`: the iterator inside is guarded, and adds what was found before a trap.
    return callAsync(() => client().collectManagedRunners(options), guard, client);
  }

  watchManagedRunners(options) {
    const client = clientOf(this);
    return watchRunners(() => client().watchManagedRunners(options), client, options);
  }

  get rateLimit() {
    const client = clientOf(this);
    return callSync(() => client().rateLimit);
  }

  /** Does nothing: a client needs no disposal. wasm-bindgen's classes have this method. */
  free() {}
}

if (Symbol.dispose) ComfyControl.prototype[Symbol.dispose] = ComfyControl.prototype.free;
