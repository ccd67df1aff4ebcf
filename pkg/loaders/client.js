// The public face. Every method hands what it was given to the instance; nothing is decided here.

import { ComfyControlError, isComfyControlError } from "../js/errors.js";
import { begin, enter, provide } from "./core.js";

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

  get rateLimit() {
    return enter("rateLimit", this.#settings);
  }
}

// An error made deep inside a microtask says nothing of its caller; here, V8 knows the awaiting functions.
function retrace(error) {
  if (error instanceof ComfyControlError) Error.captureStackTrace?.(error, retrace);
  throw error;
}
