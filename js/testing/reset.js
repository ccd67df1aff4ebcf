// Resets the client's rate limits. They are in the memory of its WebAssembly module, so the running instance
// is ended: the next call starts a fresh one.

import { ComfyControlError } from "../error.js";
import { forget } from "../loaders/client.js";

/** @type {typeof import("./index.js").resetRateLimits} */
export function resetRateLimits() {
  forget(() => new ComfyControlError("internal", "resetRateLimits() ended this call", { retryable: false }));
}
