// Every crate in every lock file, whatever it is used for.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { commit, files, given, run, unreachable } from "./kit.mjs";

const DATABASE = "https://github.com/RustSec/advisory-db";
const locks = files("Cargo.lock", "*/Cargo.lock");
const deny = (args, env) =>
  run(given("CARGO_DENY"), ["--config", "deny.toml", ...args], { env: { ...process.env, ...env } });

/** Runs some checks of `cargo deny` over a workspace. */
function check(lock, options, checks, env) {
  const manifest = `${dirname(lock)}/Cargo.toml`;
  return deny(["--manifest-path", manifest, "--locked", "--workspace", ...options, "check", ...checks], env);
}

let fetched;
/** The database of advisories, fetched once. */
const database = () => (fetched ??= deny(["fetch", "db"]));

for (const lock of locks) {
  test(`${lock}: licences, duplicates and sources are what deny.toml allows`, () => {
    // An exception that is no longer needed must go; only the smaller workspaces may leave some unused.
    const lint = lock === "Cargo.lock" ? "--deny" : "--allow";
    const unused = ["unmatched-skip", "license-exception-not-encountered"];
    const { status, stderr } = check(
      lock,
      [],
      [...unused.flatMap((name) => [lint, name]), "licenses", "bans", "sources"],
    );
    assert.equal(status, 0, stderr);
  });

  test(`${lock}: no crate has a known vulnerability`, (t) => {
    if (database().status !== 0)
      return unreachable(t, "RustSec's advisories", database().stderr.trim().split("\n").at(-1));
    const { status, stderr } = check(lock, ["--offline"], ["advisories"]);
    assert.equal(status, 0, stderr);
  });
}

test("a vulnerability that the database knows is found", () => {
  const folder = mkdtempSync(join(tmpdir(), "supply-advisories-"));
  try {
    const repository = join(folder, "database");
    mkdirSync(join(repository, "crates/slab"), { recursive: true });
    writeFileSync(
      join(repository, "crates/slab/RUSTSEC-2026-9999.md"),
      '```toml\n[advisory]\nid = "RUSTSEC-2026-9999"\npackage = "slab"\ndate = "2026-01-01"\n\n[versions]\npatched = []\n```\n\n# Made up\n\nFor a test.\n',
    );
    commit(repository);
    // Git fetches this URL from the local repository.
    const env = {
      ADVISORIES_FOLDER: join(folder, "fetched"),
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: `url.${pathToFileURL(repository)}.insteadOf`,
      GIT_CONFIG_VALUE_0: DATABASE,
    };
    assert.equal(deny(["fetch", "db"], env).status, 0);
    const { status, stderr } = check("Cargo.lock", ["--offline"], ["advisories"], env);
    assert.notEqual(status, 0);
    assert.match(stderr, /RUSTSEC-2026-9999/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
