// Installs the packed package with npm in a temporary folder, with the dependencies of these tests.

import { importFromPackage } from "../../testing/support/package.mjs";

export {
  ComfyControl,
  createEmulator,
  fakeRunners,
  folder,
  home,
  isComfyControlError,
  requireFromPackage,
} from "../../testing/support/package.mjs";

export const main = await importFromPackage("comfycontrol-runners");
export const slim = await importFromPackage("comfycontrol-runners/slim");
export const query = await importFromPackage("comfycontrol-runners/query");
export const store = await importFromPackage("comfycontrol-runners/store");
