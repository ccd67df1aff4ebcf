// The public face. Every method hands what it was given on; nothing is decided here.

import { getRunner, listPage, rateLimit } from "../js/call.js";
import { ComfyControlError, isComfyControlError } from "../js/errors.js";
import { collect, ManagedRunnerIterator } from "../js/iterate.js";
import { CLIENT, ITERATE, match, read, settle, WATCH } from "../js/options.js";
import { Reading } from "../js/reading.js";
import { watch } from "../js/watch.js";
import { open, provide } from "./core.js";

export { ComfyControlError, isComfyControlError, provide };

export async function listManagedRunners(options) {
  try {
    return await listPage(open(), undefined, options);
  } catch (error) {
    throw retraced(error);
  }
}

export async function getManagedRunner(id, options) {
  try {
    return await getRunner(open(), undefined, id, options);
  } catch (error) {
    throw retraced(error);
  }
}

export function matchRunners(runners, requiredTags) {
  return match(open(), runners, requiredTags);
}

export class ComfyControl {
  static name = "ComfyControl";
  #client;

  constructor(options) {
    const core = open();
    this.#client = settle(core, read(core, options, CLIENT));
  }

  async listManagedRunners(options) {
    try {
      return await listPage(open(), this.#client, options);
    } catch (error) {
      throw retraced(error);
    }
  }

  async getManagedRunner(id, options) {
    try {
      return await getRunner(open(), this.#client, id, options);
    } catch (error) {
      throw retraced(error);
    }
  }

  iterateManagedRunners(options) {
    const core = open();
    return new ManagedRunnerIterator(new Reading(core, this.#client, read(core, options, ITERATE, this.#client)));
  }

  async collectManagedRunners(options) {
    return await collect(this.iterateManagedRunners(options));
  }

  watchManagedRunners(options) {
    const core = open();
    return watch(core, this.#client, read(core, options, WATCH, this.#client));
  }

  get rateLimit() {
    return rateLimit(open(), this.#client);
  }
}

// An error made deep inside says little of its caller; here, V8 knows the awaiting functions.
function retraced(error) {
  if (error instanceof ComfyControlError) Error.captureStackTrace?.(error, retraced);
  return error;
}
