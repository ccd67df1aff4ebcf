// The packed package, installed by npm in a temporary folder: `comfycontrol-runners` and its testing entry.

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { folder } from "../../package/support/package.mjs";

export { folder, home } from "../../package/support/package.mjs";

/** Imports from the folder where the package is installed, by its name. */
export const importFromPackage = async (name) => {
  const file = join(folder, `${name.replace(/\W/g, "-")}.mjs`);
  writeFileSync(file, `export * from "${name}";\n`);
  return import(pathToFileURL(file).href);
};

/** Requires from that folder: another copy of the package. */
export const requireFromPackage = createRequire(join(folder, "entry.mjs"));

export const testing = await importFromPackage("comfycontrol-runners/testing");
export const { createEmulator, fakeRunner, fakeRunners, resetRateLimits } = testing;
export const { ComfyControl, isComfyControlError, listManagedRunners } =
  await importFromPackage("comfycontrol-runners");
