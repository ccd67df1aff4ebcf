// The repository, its files and the programs that look at it.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What `cargo xtask test supply` hands over. */
export function given(name) {
  assert(process.env[name], `${name} is not set: run \`cargo xtask test supply\``);
  return process.env[name];
}

/** The repository's files, those included that are not committed yet; or those of some names. */
export function files(...patterns) {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ...patterns], { cwd: ROOT, encoding: "utf8" });
  const found = listed.split("\0").filter((file) => file && existsSync(join(ROOT, file)));
  assert(found.length > 0, `no file is called ${patterns}`);
  return found;
}

export const json = (file) => JSON.parse(readFileSync(join(ROOT, file), "utf8"));

/** Runs a program to its end, however that is. */
export function run(program, args, options) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 28, ...options });
  if (error) throw error;
  return { status, stdout, stderr };
}

/**
 * Leaves a check out that needs data from elsewhere which cannot be had, and says so; with ADVISORIES=required, as in the
 * workflow, that is a failure.
 */
export function unreachable(test, what, why) {
  assert.notEqual(process.env.ADVISORIES, "required", `${what}: ${why}`);
  test.skip(`NOT CHECKED, ${what}: ${why}`);
}
