// `comfycontrol-runners/testing`. Nothing happens at import: the first call compiles the emulator.

import * as client from "../loaders/client.js";
import { core } from "./core.js";
import { toJson } from "./json.js";

export { createEmulator } from "./emulator.js";

export function fakeRunner(overrides = {}) {
  return core().fakeRunner(toJson("fakeRunner", overrides));
}

export function fakeRunners(count, options = {}) {
  return core().fakeRunners(toJson("fakeRunners: count", count), toJson("fakeRunners", options));
}

export function resetRateLimits() {
  client.resetRateLimits();
}
