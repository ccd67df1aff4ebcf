// Installs the packed package with npm in a temporary folder, with the dependencies of these tests.

import { importFromPackage } from "../../testing/support/package.mjs";

export {
  ComfyControl,
  createEmulator,
  folder,
  home,
  isComfyControlError,
  requireFromPackage,
} from "../../testing/support/package.mjs";

export const query = await importFromPackage("comfycontrol-runners/query");
export const store = await importFromPackage("comfycontrol-runners/store");
