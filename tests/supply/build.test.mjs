// A second build, of a clone of the repository in another folder: its files, and the list of its contents.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { Spec, Validation } from "@cyclonedx/cyclonedx-library";

import { ROOT, changes, clone, given, succeed } from "./kit.mjs";

const { build } = createRequire(join(ROOT, "xtask/bundle/package.json"))("esbuild");

const copy = mkdtempSync(join(realpathSync(tmpdir()), "supply, another and a longer place "));
const first = join(ROOT, "pkg");
const second = join(copy, "pkg");
const sbom = () => JSON.parse(readFileSync(join(first, "dist/sbom.json"), "utf8"));
/** The components that are in the package, without those that only tests use. */
const inside = () => sbom().components.filter(({ scope }) => scope !== "excluded");

/** The files of a folder and of those in it, sorted. */
const filesIn = (folder) =>
  readdirSync(folder, { recursive: true })
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort();

before(() => {
  clone(copy);
  const env = { ...process.env, XTASK_ROOT: copy, TZ: "Pacific/Chatham", LC_ALL: "C" };
  // The copy has its own.
  delete env.CARGO_TARGET_DIR;
  succeed(given("XTASK"), ["build"], { cwd: copy, env });
});
after(() => rmSync(copy, { recursive: true }));

test("two builds in two folders are the same to the byte", () => {
  const names = filesIn(first);
  assert(names.includes("package.json") && names.includes("dist/index.js"), names.join());
  assert.deepEqual(filesIn(second), names);
  const differ = names.filter(
    (name) => !readFileSync(join(first, name)).equals(readFileSync(join(second, name))),
  );
  assert.deepEqual(differ, []);
});

test("a build leaves nothing behind that git would see", () => {
  assert.equal(changes(copy), "");
});

test("no file has a path of the machine that built it", () => {
  const sysroot = succeed("rustc", ["--print", "sysroot"]).trim();
  // The last one is the folder where cargo unpacks crates, which is named after the registry.
  const all = [ROOT, copy, homedir(), process.env.CARGO_HOME, sysroot, tmpdir(), "registry/src/"];
  const paths = all.filter(Boolean);
  for (const folder of [first, second]) {
    for (const name of filesIn(folder)) {
      const content = readFileSync(join(folder, name));
      const named = paths.filter((path) => content.includes(path));
      assert.deepEqual(named, [], name);
    }
  }
});

test("sbom.json is what CycloneDX's own schema says", async () => {
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
  assert.equal(await validator.validate(JSON.stringify(sbom())), null);
});

test("sbom.json names exactly the crates that were compiled for the modules", () => {
  // The copy had compiled nothing before, so cargo's output there lists exactly the crates of the modules.
  const folder = join(copy, "target/wasm32-unknown-unknown/release/deps");
  const crates = { registry: new Set(), own: new Set() };
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".d"))) {
    const fromRegistry = /\/registry\/src\/[^/]+\/([^/]+)\//.exec(readFileSync(join(folder, name), "utf8"));
    if (fromRegistry) crates.registry.add(fromRegistry[1]);
    else crates.own.add(name.replace(/(-[0-9a-f]{16})?\.d$/, "").replaceAll("_", "-"));
  }
  const named = inside().filter(({ purl }) => purl);
  assert.deepEqual(
    named.map(({ name, version }) => `${name}-${version}`).sort(),
    [...crates.registry].sort(),
  );
  const own = inside().filter(({ purl }) => !purl);
  const ownNames = own.map(({ name }) => name);
  assert.deepEqual(ownNames, ["comfycontrol-decode", "comfycontrol-emulator", "comfycontrol-testing", "std"]);
  // The crate of the main module is the package itself.
  const compiled = [...crates.own].filter((name) => name !== "comfycontrol-runners");
  assert.deepEqual(compiled.sort(), ownNames.slice(0, -1));
});

test("what is linked may be used under MIT or Apache-2.0", () => {
  // Unicode-3.0 is of tables in a crate that only macros call: it leaves no code in the module.
  const known = [
    "MIT",
    "MIT OR Apache-2.0",
    "Apache-2.0 OR MIT",
    "Unlicense OR MIT",
    "(MIT OR Apache-2.0) AND Unicode-3.0",
  ];
  const others = inside().filter(({ licenses: [{ expression }] }) => !known.includes(expression));
  assert.deepEqual(others, []);
});

test("the licences of what is linked are handed on with it", () => {
  const text = readFileSync(join(first, "dist/THIRD-PARTY.txt"), "utf8");
  const [list, ...texts] = text.split(`${"-".repeat(80)}\n\n`);
  for (const { name, version, licenses } of inside().filter(({ purl }) => purl)) {
    const { expression } = licenses[0];
    const listed = list.includes(`  ${name} ${version}\n`);
    assert.equal(listed, expression.includes("Apache-2.0"), `${name} is listed`);
    // For parts under another licence, or without a choice: the text of that licence.
    if (listed && !expression.includes(" AND ")) continue;
    const own = texts.find((text) => text.startsWith(`${name} ${version}\n`));
    assert(/copyright/i.test(own) && /"AS IS"/.test(own), `the licence of ${name} is there`);
  }
});

test("the JavaScript imports nothing but its own files, and the command the package and Node", async () => {
  const folder = join(first, "dist");
  const own = filesIn(folder);
  const { metafile } = await build({
    entryPoints: own.filter((name) => /\.c?js$/.test(name)).map((name) => ({ in: name, out: name })),
    absWorkingDir: folder,
    bundle: true,
    packages: "external",
    external: ["node:*"],
    loader: { ".wasm": "empty" },
    format: "esm",
    outdir: copy,
    write: false,
    metafile: true,
  });
  const read = Object.keys(metafile.inputs).map((name) => name.replace(/\?module$/, ""));
  assert.deepEqual(
    read.filter((name) => !own.includes(name)),
    [],
  );
  const imported = Object.entries(metafile.inputs).flatMap(([file, { imports }]) =>
    imports.filter(({ external }) => external).map(({ path }) => `${file}: ${path}`),
  );
  const others = imported.filter((name) => !/^cli\.js: (node:|comfycontrol-runners(\/testing)?$)/.test(name));
  assert.deepEqual(others, []);
});
