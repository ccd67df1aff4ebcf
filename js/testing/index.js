// `comfycontrol-runners/testing`. Nothing happens at import: the first call compiles the emulator.

import { core } from "./core.js";
import { toJson } from "./json.js";

export { ready } from "./core.js";
export { createEmulator } from "./emulator.js";
export { ledgerConformance } from "./ledger-conformance.js";
export { resetRateLimits } from "./reset.js";

/** @type {typeof import("./index.js").fakeRunner} */
export function fakeRunner(overrides = {}) {
  return core().fakeRunner(toJson("fakeRunner", overrides));
}

/** @type {typeof import("./index.js").fakeRunners} */
export function fakeRunners(count, options = {}) {
  return core().fakeRunners(toJson("fakeRunners: count", count), toJson("fakeRunners", options));
}
