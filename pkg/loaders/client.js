// The public face. Every method hands what it was given to the instance; nothing is decided here.

import { ComfyControlError, isComfyControlError } from "../js/errors.js";
import { begin, enter, lease, provide } from "./core.js";
import { ManagedRunnerIterator } from "./iterate.js";
import { watch } from "./watch.js";

export { ComfyControlError, isComfyControlError, provide };

export async function listManagedRunners(options) {
  return await begin("listManagedRunners", options).catch(retrace);
}

export async function getManagedRunner(id, options) {
  return await begin("getManagedRunner", id, options).catch(retrace);
}

export function matchRunners(runners, requiredTags) {
  return enter("matchRunners", runners, requiredTags);
}

export class ComfyControl {
  static name = "ComfyControl";
  #settings;

  constructor(options) {
    this.#settings = enter("settle", options);
  }

  async listManagedRunners(options) {
    return await begin("clientList", this.#settings, options).catch(retrace);
  }

  async getManagedRunner(id, options) {
    return await begin("clientGet", this.#settings, id, options).catch(retrace);
  }

  iterateManagedRunners(options) {
    return new ManagedRunnerIterator(lease("iterate", this.#settings, options));
  }

  async collectManagedRunners(options) {
    const iterator = this.iterateManagedRunners(options);
    const runners = [];
    try {
      for await (const page of iterator.pages()) runners.push(...page);
    } catch (error) {
      if (error instanceof ComfyControlError) error.runners = runners;
      throw error;
    }
    return { runners, report: iterator.report };
  }

  watchManagedRunners(options) {
    return watch(lease("watch", this.#settings, options));
  }

  get rateLimit() {
    return enter("rateLimit", this.#settings);
  }
}

// An error made deep inside a microtask says nothing of its caller; here, V8 knows the awaiting functions.
function retrace(error) {
  if (error instanceof ComfyControlError) Error.captureStackTrace?.(error, retrace);
  throw error;
}
