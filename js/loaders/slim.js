// The entry without the module, which the caller passes to `initialize`.

import { ComfyControlError } from "../error.js";
import { pageSchema, provide, runnerSchema } from "./client.js";

export { ComfyControlError, isComfyControlError } from "../error.js";
export { ComfyControl, getManagedRunner, listManagedRunners, matchRunners, responseOf } from "./client.js";

export const managedRunnerSchema = /* @__PURE__ */ runnerSchema();
export const managedRunnerPageSchema = /* @__PURE__ */ pageSchema();

export function initialize(source) {
  // By their tags, which are the same in all realms.
  const tag = Object.prototype.toString.call(source);
  if (!ArrayBuffer.isView(source) && !/ (ArrayBuffer|SharedArrayBuffer|WebAssembly\.Module)\]$/.test(tag)) {
    const message = `source: expected the module's bytes or a WebAssembly.Module, got ${tag}`;
    throw new ComfyControlError("invalid_options", message, { retryable: false });
  }
  provide(() => source);
}
