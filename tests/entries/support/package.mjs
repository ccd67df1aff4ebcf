// The packed package, installed by npm in a temporary folder: the entries for dashboards, and what they need.

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
