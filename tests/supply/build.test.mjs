// A second build, of a copy of the repository in another place: what it gives, and what it was made of.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { Spec, Validation } from "@cyclonedx/cyclonedx-library";

import { ROOT, files, given, run } from "./kit.mjs";

const copy = mkdtempSync(join(realpathSync(tmpdir()), "supply, another and a longer place "));
const first = join(ROOT, "pkg/dist");
const second = join(copy, "pkg/dist");
const sbom = () => JSON.parse(readFileSync(join(first, "sbom.json"), "utf8"));

before(() => {
  for (const file of files()) cpSync(join(ROOT, file), join(copy, file));
  const env = { ...process.env, XTASK_ROOT: copy, TZ: "Pacific/Chatham", LC_ALL: "C" };
  // The copy has one of its own.
  delete env.CARGO_TARGET_DIR;
  const { status, stderr } = run(given("XTASK"), ["build"], { cwd: copy, env });
  assert.equal(status, 0, stderr);
});
after(() => rmSync(copy, { recursive: true }));

test("two builds in two folders are the same to the byte", () => {
  const names = readdirSync(first).sort();
  assert.deepEqual(readdirSync(second).sort(), names);
  const differ = names.filter((name) => !readFileSync(join(first, name)).equals(readFileSync(join(second, name))));
  assert.deepEqual(differ, []);
});

test("no file names a place of the machine that built it", () => {
  const sysroot = run("rustc", ["--print", "sysroot"]).stdout.trim();
  // The last is where cargo unpacks crates, in a folder that is called after the registry.
  const places = [ROOT, copy, homedir(), process.env.CARGO_HOME, sysroot, tmpdir(), "registry/src/"].filter(Boolean);
  for (const folder of [first, second]) {
    for (const name of readdirSync(folder)) {
      const content = readFileSync(join(folder, name));
      assert.deepEqual(places.filter((place) => content.includes(place)), [], name);
    }
  }
});

test("sbom.json is what CycloneDX's own schema says", async () => {
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
  assert.equal(await validator.validate(JSON.stringify(sbom())), null);
});

test("sbom.json names exactly the crates that were compiled for the module", () => {
  // The copy had compiled nothing before, so that what cargo left there is what the module was linked from.
  const folder = join(copy, "target/wasm32-unknown-unknown/release/deps");
  const sources = readdirSync(folder).filter((name) => name.endsWith(".d")).map((name) => readFileSync(join(folder, name), "utf8"));
  const compiled = sources.flatMap((text) => text.match(/\/registry\/src\/[^/]+\/([^/]+)\//)?.[1] ?? []);
  const named = sbom().components.filter(({ purl }) => purl).map(({ name, version }) => `${name}-${version}`);
  assert.deepEqual(named.sort(), compiled.sort());
  const own = sbom().components.filter(({ purl }) => !purl).map(({ name }) => name);
  assert.deepEqual(own, ["comfycontrol-decode", "std"]);
  assert.equal(sources.length, named.length + own.length, "these, and the crate itself for the standard library");
});

test("what is linked may be used under MIT or Apache-2.0", () => {
  // Unicode-3.0 is of tables in a crate that only macros call: it leaves no code in the module.
  const known = ["MIT", "MIT OR Apache-2.0", "Apache-2.0 OR MIT", "(MIT OR Apache-2.0) AND Unicode-3.0"];
  const others = sbom().components.filter(({ licenses: [{ expression }] }) => !known.includes(expression));
  assert.deepEqual(others, []);
});

test("the licences of what is linked are handed on with it", () => {
  const [list, ...texts] = readFileSync(join(first, "THIRD-PARTY.txt"), "utf8").split(`${"-".repeat(80)}\n\n`);
  for (const { name, version, licenses: [{ expression }] } of sbom().components.filter(({ purl }) => purl)) {
    const listed = list.includes(`  ${name} ${version}\n`);
    assert.equal(listed, expression.includes("Apache-2.0"), `${name} is listed`);
    // Of parts under another licence, or without a choice: that licence's text.
    if (listed && !expression.includes(" AND ")) continue;
    const text = texts.find((text) => text.startsWith(`${name} ${version}\n`));
    assert(/copyright/i.test(text) && /"AS IS"/.test(text), `the licence of ${name} is there`);
  }
});

test("the JavaScript imports nothing but its own files", () => {
  const own = ["glue", "bytes", "source"]; // What the bundler puts there.
  for (const file of files("pkg/js/*.js", "pkg/loaders/*.js")) {
    const imports = readFileSync(join(ROOT, file), "utf8").matchAll(/(?:from|import|import\(|require\()\s*"([^"]+)"/g);
    for (const [, name] of imports) assert(name.startsWith("./") || name.startsWith("../js/") || own.includes(name), `${file} imports ${name}`);
  }
});
