// The main entry. It is bundled once for each source of the module: embedded.js, workerd.js,
// edge-light.js.

import { source } from "module-source";

import * as client from "./client.js";

export { ComfyControlError, isComfyControlError } from "../error.js";
export { responseOf } from "./client.js";

// Each function calls `provide`: with `sideEffects: false`, a bundler may drop a top-level call.
export function listManagedRunners(options) {
  client.provide(source);
  return client.listManagedRunners(options);
}

export function getManagedRunner(id, options) {
  client.provide(source);
  return client.getManagedRunner(id, options);
}

export function matchRunners(runners, requiredTags) {
  client.provide(source);
  return client.matchRunners(runners, requiredTags);
}

const provideSource = () => client.provide(source);

// Bundlers drop these calls if nobody imports the schemas.
export const managedRunnerSchema = /* @__PURE__ */ client.runnerSchema(provideSource);
export const managedRunnerPageSchema = /* @__PURE__ */ client.pageSchema(provideSource);

export class ComfyControl extends client.ComfyControl {
  // A minifier renames this class, too.
  static get name() {
    return "ComfyControl";
  }

  constructor(options) {
    client.provide(source);
    super(options);
  }
}
