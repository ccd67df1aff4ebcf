// Writes the list of contents as CycloneDX: the crates that are linked into the modules, and the tools
// that built the package.
//
//   node sbom.mjs DIST_FOLDER
//
// All JavaScript comes from this repository. The list does not depend on the time, the machine or random
// numbers: the same commit gives the same list.

import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { ROOT, linked, ofTests, printed } from "./crates.mjs";

const dist = resolve(process.argv[2]);
const json = (path) => JSON.parse(readFileSync(path, "utf8"));
const about = json(join(dist, "../package.json"));
const self = `pkg:npm/${about.name}@${about.version}`;
const lock = readFileSync(join(ROOT, "Cargo.lock"), "utf8").split("[[package]]\n");

/** A crate's entry in Cargo.lock has these fields among others; without a version, of the only one. */
function locked(name, version = "") {
  const entry = lock.find((entry) => entry.startsWith(`name = "${name}"\nversion = "${version}`));
  const field = (key) => entry.match(new RegExp(`^${key} = "(.*)"$`, "m"))?.[1];
  return { version: field("version"), checksum: field("checksum") };
}

/** A component; what comes from a registry has a hash and an address. */
function component(type, { name, version, licence, hash, purl, ...more }) {
  return {
    type,
    "bom-ref": purl ?? name,
    name,
    version,
    ...more,
    ...(hash && { hashes: [hash] }),
    ...(licence && { licenses: [{ expression: licence }] }),
    ...(purl && { purl }),
  };
}

function crate({ name, version, licence }, more) {
  const { checksum } = locked(name, version);
  const source = checksum && {
    hash: { alg: "SHA-256", content: checksum },
    purl: `pkg:cargo/${name}@${version}`,
  };
  return component("library", { name, version, licence, ...source, ...more });
}

const byRef = (a, b) => (a["bom-ref"] < b["bom-ref"] ? -1 : 1);
const once = (components) =>
  [...new Map(components.map((one) => [one["bom-ref"], one])).values()].sort(byRef);

const tree = linked();
const rustc = Object.fromEntries(
  printed("rustc", "--version", "--verbose")
    .split("\n")
    .map((line) => line.split(": ")),
);
const std = component("library", {
  name: "std",
  version: rustc.release,
  licence: "MIT OR Apache-2.0",
  description: "Rust's standard library, with what it contains",
});

/** The crate of the main module is the package itself, which holds the crate of the other module. */
const isSelf = ({ name }) => name === about.name;

/** The dependencies of each crate, by its parents in the tree. All crates depend on the standard library. */
function dependencies() {
  const found = new Map([["std", new Set()]]);
  const path = [];
  for (const one of tree) {
    const ref = isSelf(one) ? self : crate(one)["bom-ref"];
    path.splice(one.depth, Infinity, ref);
    const parent = one.depth > 0 ? path[one.depth - 1] : self;
    if (ref !== self) found.get(parent).add(ref);
    if (!found.has(ref)) found.set(ref, new Set(["std"]));
  }
  const all = [...found].map(([ref, needs]) => ({ ref, dependsOn: [...needs].sort() }));
  return all.sort((a, b) => (a.ref < b.ref ? -1 : 1));
}

/** What made the package of its sources. */
function tools() {
  const compiler = { name: "rustc", version: rustc.release, description: rustc["commit-hash"] };
  const glue = "wasm-bindgen-cli-support";
  const { packages } = json(join(ROOT, "xtask/bundle/package-lock.json"));
  const fromNpm = Object.keys(packages[""].devDependencies).map((name) => {
    const { version, integrity, license } = packages[`node_modules/${name}`];
    const content = Buffer.from(integrity.replace("sha512-", ""), "base64").toString("hex");
    const source = { hash: { alg: "SHA-512", content }, purl: `pkg:npm/${name}@${version}` };
    return component("application", { name, version, licence: license, ...source });
  });
  return [
    component("application", compiler),
    crate({ name: glue, version: locked(glue).version }),
    ...fromNpm,
  ];
}

const inside = once([...tree.filter((one) => !isSelf(one)).map((one) => crate(one)), std]);
const isInside = (one) => inside.some((component) => component["bom-ref"] === one["bom-ref"]);
// CycloneDX's term for something that is not in the package, but was used to test it.
const besides = once(ofTests().map((one) => crate(one, { scope: "excluded" }))).filter(
  (one) => !isInside(one),
);

const list = {
  $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  version: 1,
  metadata: {
    lifecycles: [{ phase: "build" }],
    component: component("library", {
      name: about.name,
      version: about.version,
      description: about.description,
      licence: about.license,
      purl: self,
    }),
  },
  components: [...inside, ...besides],
  dependencies: dependencies(),
  compositions: [{ aggregate: "complete", dependencies: [self] }],
  formulation: [{ "bom-ref": "build", components: tools() }],
};
writeFileSync(join(dist, "sbom.json"), `${JSON.stringify(list, null, 2)}\n`);
