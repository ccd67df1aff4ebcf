// The public face. Every method hands what it was given on; nothing is decided here.

import { getRunner, listPage, rateLimit, retraced } from "../js/call.js";
import { ComfyControlError, isComfyControlError } from "../js/errors.js";
import { collect, ManagedRunnerIterator } from "../js/iterate.js";
import { CLIENT, ITERATE, match, read, settle, WATCH } from "../js/options.js";
import { Reading } from "../js/reading.js";
import { watch } from "../js/watch.js";
import { open, provide } from "./core.js";

export { ComfyControlError, isComfyControlError, provide };

export function listManagedRunners(options) {
  try {
    return listPage(open(), undefined, options);
  } catch (error) {
    return Promise.reject(retraced(error));
  }
}

export function getManagedRunner(id, options) {
  try {
    return getRunner(open(), undefined, id, options);
  } catch (error) {
    return Promise.reject(retraced(error));
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

  listManagedRunners(options) {
    try {
      return listPage(open(), this.#client, options);
    } catch (error) {
      return Promise.reject(retraced(error));
    }
  }

  getManagedRunner(id, options) {
    try {
      return getRunner(open(), this.#client, id, options);
    } catch (error) {
      return Promise.reject(retraced(error));
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
