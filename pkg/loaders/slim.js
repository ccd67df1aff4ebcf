// The entry without a module: the caller brings it.

import { ComfyControlError, provide } from "./client.js";

export { ComfyControl, ComfyControlError, getManagedRunner, isComfyControlError, listManagedRunners, matchRunners } from "./client.js";

export function initialize(source) {
  // By their tags, which hold across realms.
  const kind = Object.prototype.toString.call(source);
  if (!ArrayBuffer.isView(source) && !/ (ArrayBuffer|SharedArrayBuffer|WebAssembly\.Module)\]$/.test(kind)) {
    throw new ComfyControlError("invalid_options", `source: expected the module's bytes or a WebAssembly.Module, got ${kind}`, { retryable: false });
  }
  provide(() => source);
}
