// The repository, its files, copies of it, and the programs that look at it.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What `cargo xtask test` hands over to its tests. */
export function given(name) {
  assert(process.env[name], `${name} is not set: run the tests with \`cargo xtask test\``);
  return process.env[name];
}

/** The repository's files, those included that are not committed yet; or those of some names. */
export function files(...patterns) {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ...patterns];
  const listed = execFileSync("git", args, { cwd: ROOT, encoding: "utf8" });
  const found = listed.split("\0").filter((file) => file && existsSync(join(ROOT, file)));
  assert(found.length > 0, `no file is called ${patterns}`);
  return found;
}

export const json = (file) => JSON.parse(readFileSync(join(ROOT, file), "utf8"));

/** Runs a program to its end, however that is. */
export function run(program, args, options) {
  const all = { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 28, ...options };
  const { status, stdout, stderr, error } = spawnSync(program, args, all);
  if (error) throw error;
  return { status, stdout, stderr };
}

/** Runs a program that must succeed. Returns what it printed. */
export function succeed(program, args, options) {
  const { status, stdout, stderr } = run(program, args, options);
  assert.equal(status, 0, `${program} ${args.join(" ")}\n${stdout}${stderr}`);
  return stdout;
}

/** Makes a repository of one commit of all that is in a folder. */
export function commit(folder) {
  const author = ["-c", "user.name=test", "-c", "user.email=test@localhost"];
  succeed("git", ["init", "--quiet", "--initial-branch=main"], { cwd: folder });
  // Also what .gitignore names: `pkg/.gitignore` names itself.
  succeed("git", ["add", "--force", "."], { cwd: folder });
  succeed("git", [...author, "commit", "--quiet", "--message=one"], { cwd: folder });
}

/** A clone of the repository with what is not committed yet. */
export function clone(folder) {
  for (const file of files()) cpSync(join(ROOT, file), join(folder, file));
  commit(folder);
}

/** What git sees that was changed or added in a folder since the commit. */
export const changes = (folder) => succeed("git", ["status", "--porcelain"], { cwd: folder });

/**
 * Leaves a check out that needs data from elsewhere which cannot be had, and says so; with ADVISORIES=required, as in the
 * workflow, that is a failure.
 */
export function unreachable(test, what, why) {
  assert.notEqual(process.env.ADVISORIES, "required", `${what}: ${why}`);
  test.skip(`NOT CHECKED, ${what}: ${why}`);
}
