// The API in memory, `comfycontrol-runners/testing`, as the package's users import it.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { folder } from "./package.mjs";

const file = join(folder, "testing.mjs");
writeFileSync(file, 'export * from "comfycontrol-runners/testing";\n');
export const { createEmulator, fakeRunner, fakeRunners } = await import(pathToFileURL(file).href);

/** Ids of runners, as `api.runners` and lists have them. */
export const ids = (runners) => runners.map(({ id }) => id);
