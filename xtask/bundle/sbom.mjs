// What is in the package, as CycloneDX: the crates that are linked into the module, and the tools that made it.
//
//   node sbom.mjs DIST_FOLDER
//
// The JavaScript is all of this repository. Nothing here depends on the time, the machine or chance: the same commit
// gives the same list.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const dist = resolve(process.argv[2]);
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const json = (path) => JSON.parse(readFileSync(join(root, path), "utf8"));
const run = (program, ...args) => execFileSync(program, args, { cwd: root, encoding: "utf8" });

const about = json("pkg/package.json");
const lock = readFileSync(join(root, "Cargo.lock"), "utf8");
const rustc = Object.fromEntries(run("rustc", "--version", "--verbose").split("\n").map((line) => line.split(": ")));

/** The crate's dependencies of some kinds, as `cargo tree` lists them: the depth, the crate, and its licence. */
function tree(edges) {
  const lines = run(
    process.env.CARGO ?? "cargo", "tree", "--locked", "--package", "comfycontrol-runners", "--target", "wasm32-unknown-unknown",
    "--edges", edges, "--prefix", "depth", "--format", "|{p}|{l}",
  ).trim().split("\n");
  return lines.map((line) => {
    const [depth, crate, licence] = line.replace(/ \(\*\)$/, "").split("|");
    const [name, version] = crate.split(" ");
    return { depth: Number(depth), name, version: version.slice(1), licence };
  });
}

/** A field of a crate's entry in Cargo.lock; without a version, of the only one. */
function locked(name, field, version) {
  const start = `name = "${name}"\nversion = "${version ? `${version}"` : ""}`;
  const entry = lock.split("[[package]]\n").find((entry) => entry.startsWith(start));
  return entry?.match(new RegExp(`^${field} = "(.*)"$`, "m"))?.[1];
}

const licences = (expression) => expression && [{ expression: expression.replaceAll("/", " OR ") }];

function crate({ name, version, licence }) {
  const checksum = locked(name, "checksum", version);
  const own = { type: "library", "bom-ref": name, name, version, licenses: licences(licence) };
  if (!checksum) return own;
  const purl = `pkg:cargo/${name}@${version}`;
  return { ...own, "bom-ref": purl, hashes: [{ alg: "SHA-256", content: checksum }], purl };
}

/** Without repeats, in the order of their names. */
function crates(listed) {
  const found = new Map(listed.map((one) => [`${one.name}@${one.version}`, crate(one)]));
  return [...found.keys()].sort().map((key) => found.get(key));
}

/** What each crate of the tree depends on. */
function dependencies(listed) {
  const found = new Map();
  const path = [];
  for (const one of listed) {
    const ref = one.depth === 0 ? about.name : crate(one)["bom-ref"];
    path.length = one.depth;
    found.get(path.at(-1))?.add(ref);
    path.push(ref);
    if (!found.has(ref)) found.set(ref, new Set());
  }
  return found;
}

const linked = tree("normal,no-proc-macro");
const parts = crates(linked.filter(({ depth }) => depth > 0));
const graph = dependencies(linked);
const std = {
  type: "library",
  "bom-ref": "std",
  name: "std",
  version: rustc.release,
  description: "Rust's standard library, with what it contains",
  licenses: licences("MIT OR Apache-2.0"),
};
for (const needs of graph.values()) needs.add("std");
graph.set("std", new Set());

// Macros and build scripts, and what they stand on.
const macros = crates(tree("normal,build").filter(({ depth }) => depth > 0)).filter((one) => !graph.has(one["bom-ref"]));
const bundle = json("xtask/bundle/package-lock.json").packages;
const tools = Object.keys(bundle[""].devDependencies).map((name) => {
  const { version, integrity, license } = bundle[`node_modules/${name}`];
  const purl = `pkg:npm/${name}@${version}`;
  const hash = Buffer.from(integrity.replace("sha512-", ""), "base64").toString("hex");
  return { type: "application", "bom-ref": purl, name, version, hashes: [{ alg: "SHA-512", content: hash }], licenses: licences(license), purl };
});
const bindgen = "wasm-bindgen-cli-support";
const glue = crate({ name: bindgen, version: locked(bindgen, "version") });
const compiler = { type: "application", "bom-ref": "rustc", name: "rustc", version: rustc.release, description: rustc["commit-hash"] };

const list = {
  $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  version: 1,
  metadata: {
    lifecycles: [{ phase: "build" }],
    component: {
      type: "library",
      "bom-ref": about.name,
      name: about.name,
      version: about.version,
      description: about.description,
      licenses: licences(about.license),
      purl: `pkg:npm/${about.name}@${about.version}`,
    },
  },
  components: [...parts, std],
  dependencies: [...graph].map(([ref, needs]) => ({ ref, dependsOn: [...needs].sort() })).sort((a, b) => (a.ref < b.ref ? -1 : 1)),
  compositions: [{ aggregate: "complete", dependencies: [about.name] }],
  formulation: [{ "bom-ref": "build", components: [compiler, glue, ...tools, ...macros] }],
};
writeFileSync(join(dist, "sbom.json"), `${JSON.stringify(list, null, 2)}\n`);
