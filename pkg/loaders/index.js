// The usual entry. Bundled once for each place that its module can come from: embedded.js, workerd.js, edge-light.js.

import { source } from "source";
import * as client from "./client.js";

export { ComfyControlError, isComfyControlError } from "./client.js";

// Inside each function rather than beside them: with `sideEffects: false`, a bundler may drop what stands alone.
const ready = () => client.provide(source);

export function listManagedRunners(options) {
  ready();
  return client.listManagedRunners(options);
}

export function getManagedRunner(id, options) {
  ready();
  return client.getManagedRunner(id, options);
}

export function matchRunners(runners, requiredTags) {
  ready();
  return client.matchRunners(runners, requiredTags);
}

export class ComfyControl extends client.ComfyControl {
  static name = "ComfyControl";

  constructor(options) {
    ready();
    super(options);
  }
}
