// The packed package as users get it: installed by npm in a temporary folder, imported by its name.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

// The environment of the machine must not influence the tests.
for (const name of ["COMFYCONTROL_TOKEN", "COMFYCONTROL_BASE_URL"]) delete process.env[name];

/** The folder where the package is installed: one per tarball, beside it, shared by all test files. */
export const folder = install(process.env.TARBALL);

/** The package's own folder. */
export const home = join(folder, "node_modules", "comfycontrol-runners");

/** The CommonJS build, named by its file: a second copy of the package. */
export const secondCopy = () => createRequire(join(folder, "entry.mjs"))(join(home, "dist", "index.cjs"));

/** The URL of a module that re-exports the package. */
export const entry = pathToFileURL(join(folder, "entry.mjs")).href;

const client = await import(entry);
export const {
  ComfyControl,
  ComfyControlError,
  getManagedRunner,
  isComfyControlError,
  listManagedRunners,
  matchRunners,
  responseOf,
} = client;

function install(tarball) {
  if (!tarball) throw new Error("TARBALL names no packed package: run `cargo xtask test package`");
  const from = resolve(tarball);
  const { mtimeMs, size } = statSync(from);
  const to = join(dirname(from), `installed-${Math.round(mtimeMs)}-${size}`);
  if (existsSync(to)) return to;
  const fresh = mkdtempSync(join(dirname(from), "installing-"));
  writeFileSync(
    join(fresh, "package.json"),
    `{ "private": true, "name": "consumer-of-${basename(from).replace(/[^a-z0-9.-]/gi, "-")}" }\n`,
  );
  execFileSync("npm", ["install", "--offline", "--no-audit", "--no-fund", "--ignore-scripts", from], {
    cwd: fresh,
    stdio: "pipe",
    shell: process.platform === "win32",
  });
  writeFileSync(join(fresh, "entry.mjs"), 'export * from "comfycontrol-runners";\n');
  try {
    renameSync(fresh, to);
  } catch {
    // Another test file was faster.
    rmSync(fresh, { recursive: true, force: true });
  }
  return to;
}
