// Every crate in every lock file, whatever it is used for.

import assert from "node:assert/strict";
import { dirname } from "node:path";
import { test } from "node:test";

import { files, given, run, unreachable } from "./kit.mjs";

/** Runs some checks of `cargo deny` over a workspace. */
function deny(lock, checks, ...options) {
  const manifest = `${dirname(lock)}/Cargo.toml`;
  const { status, stderr } = run(given("CARGO_DENY"), ["--config", "deny.toml", "--manifest-path", manifest, "--locked", "--workspace", "check", ...options, ...checks]);
  assert.equal(status, 0, stderr);
}

let fetched;
/** What kept the database of advisories away, if anything did. */
const missing = () => (fetched ??= run(given("CARGO_DENY"), ["--config", "deny.toml", "fetch", "db"]));

for (const lock of files("Cargo.lock", "*/Cargo.lock")) {
  test(`${lock}: licences, duplicates and sources are what deny.toml allows`, () => {
    // An exception that nothing needs any more goes; the smaller workspaces do not need all.
    const lint = lock === "Cargo.lock" ? "--deny" : "--allow";
    const unused = ["unmatched-skip", "license-exception-not-encountered"];
    deny(lock, ["licenses", "bans", "sources"], ...unused.flatMap((name) => [lint, name]));
  });

  test(`${lock}: no crate has a known vulnerability`, (t) => {
    const { status, stderr } = missing();
    if (status === 0) deny(lock, ["advisories"], "--disable-fetch");
    else unreachable(t, "RustSec's advisories", stderr.trim().split("\n").at(-1));
  });
}
