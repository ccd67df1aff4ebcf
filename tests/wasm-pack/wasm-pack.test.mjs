// wasm-pack in a fresh clone: it builds a package for each target, and runs the crate's tests.
//
// Nothing is downloaded: wasm-pack finds the programs that it wants on the PATH (`xtask/src/tools/wasm_bindgen.rs`),
// and no registry answers.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { changes, clone, files, given, succeed } from "../supply/kit.mjs";
import { declaredValues } from "../types/declared.mjs";
import { askInChromium } from "./in-chromium.mjs";
import { EXPECTED } from "./list.mjs";

const folder = mkdtempSync(join(realpathSync(tmpdir()), "wasm-pack-"));
const repository = join(folder, "repository");
const built = join(repository, "pkg");

const env = {
  ...process.env,
  WASM_PACK_CACHE: join(folder, "cache"),
  WASM_BINDGEN_TEST_TIMEOUT: "120",
  CARGO_NET_OFFLINE: "true",
  // Nothing listens there.
  HTTPS_PROXY: "http://127.0.0.1:9",
  NO_PROXY: "127.0.0.1,localhost",
};
// The clone has one of its own.
delete env.CARGO_TARGET_DIR;

const wasmPack = (...args) => succeed("wasm-pack", args, { cwd: repository, env });

before(() => {
  given("CHROMIUM");
  clone(repository);
  succeed("cargo", ["fetch", "--locked", "--target", "wasm32-unknown-unknown"], { cwd: repository });
});
after(() => rmSync(folder, { recursive: true }));

/** The manifest of the package that was built last. */
const about = () => JSON.parse(readFileSync(join(built, "package.json"), "utf8"));
const declared = () => [...declaredValues(join(built, about().types))];

/** Runs the test in Node. Before version 24, Node needs a flag to import WebAssembly as bundlers do. */
function askInNode(...flags) {
  const script = fileURLToPath(new URL("in-node.mjs", import.meta.url));
  return JSON.parse(
    succeed(process.execPath, [...flags, "--no-warnings", script, built, JSON.stringify(declared())]),
  );
}

test("a fresh clone's pkg/ holds nothing but what wasm-pack writes there too", () => {
  assert.deepEqual(files("pkg"), ["pkg/.gitignore"]);
});

const TARGETS = {
  nodejs: () => askInNode(),
  bundler: () => askInNode("--experimental-wasm-modules"),
  web: () => askInChromium(built, about().main, declared()),
};
for (const [target, ask] of Object.entries(TARGETS)) {
  test(`--target ${target}: every declared value exists, a page is listed, and git sees no change`, async () => {
    wasmPack("build", "--target", target);
    for (const file of about().files) assert(existsSync(join(built, file)), `${file} is there`);
    assert.deepEqual(await ask(), EXPECTED);
    assert.equal(changes(repository), "");
  });
}

test("the crate's tests pass in Node", () => {
  assert.match(wasmPack("test", "--node"), /test result: ok\. [1-9]/);
});

test("the crate's tests pass in headless Chromium", () => {
  assert.match(wasmPack("test", "--headless", "--chrome"), /test result: ok\. [1-9]/);
});
