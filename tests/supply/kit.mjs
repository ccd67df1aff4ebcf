// The repository, its files, copies of it, and the programs that check it.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The environment variables that `cargo xtask test` sets. */
export function given(name) {
  assert(process.env[name], `${name} is not set: run the tests with \`cargo xtask test\``);
  return process.env[name];
}

/** The repository's files, including those that are not committed yet; or those with some names. */
export function files(...patterns) {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ...patterns];
  const listed = execFileSync("git", args, { cwd: ROOT, encoding: "utf8" });
  const found = listed.split("\0").filter((file) => file && existsSync(join(ROOT, file)));
  assert(found.length > 0, `no file is called ${patterns}`);
  return found;
}

export const json = (file) => JSON.parse(readFileSync(join(ROOT, file), "utf8"));

/** Runs a program to its end, also if it fails. */
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

/** Makes a repository with one commit of everything in a folder. */
export function commit(folder) {
  const author = ["-c", "user.name=test", "-c", "user.email=test@localhost"];
  succeed("git", ["init", "--quiet", "--initial-branch=main"], { cwd: folder });
  // Also ignored files: `pkg/.gitignore` ignores itself.
  succeed("git", ["add", "--force", "."], { cwd: folder });
  succeed("git", [...author, "commit", "--quiet", "--message=one"], { cwd: folder });
}

/** A clone of the repository with what is not committed yet. */
export function clone(folder) {
  for (const file of files()) cpSync(join(ROOT, file), join(folder, file));
  commit(folder);
}

/** The files that were changed or added in a folder since the commit. */
export const changes = (folder) => succeed("git", ["status", "--porcelain"], { cwd: folder });

/**
 * Skips a check whose data cannot be fetched, with a message. With ADVISORIES=required, as in the workflow, it fails
 * instead.
 */
export function unreachable(test, what, why) {
  assert.notEqual(process.env.ADVISORIES, "required", `${what}: ${why}`);
  test.skip(`NOT CHECKED, ${what}: ${why}`);
}
