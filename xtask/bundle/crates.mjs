// The crates in the modules, as cargo resolves them for WebAssembly.

import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");

const TARGET = "wasm32-unknown-unknown";

/** What a program prints. */
export function printed(program, ...args) {
  return execFileSync(program, args, { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 28 });
}

const cargo = (...args) => printed(process.env.CARGO ?? "cargo", ...args);

/**
 * @typedef {object} Crate
 * @property {number} depth - How far it is from the crate of a module, which has 0.
 * @property {string} name
 * @property {string} version
 * @property {string} licence - An SPDX expression.
 */

/**
 * A crate of this repository and what it depends on, parents before their children; some more than once.
 *
 * @param {string} crate
 * @param {string} edges - Which dependencies, as for `cargo tree --edges`.
 * @returns {Crate[]}
 */
function tree(crate, edges) {
  const which = ["--locked", "--package", crate, "--target", TARGET, "--edges", edges];
  const lines = cargo("tree", ...which, "--prefix", "depth", "--format", "|{p}|{l}")
    .trim()
    .split("\n");
  return lines.map((line) => {
    // A line: `2|wasm-bindgen v0.2.130|MIT OR Apache-2.0`, with ` (*)` where its children were listed before.
    const [depth, crate, licence] = line.replace(/ \(\*\)$/, "").split("|");
    const [name, version] = crate.split(" v");
    return {
      depth: Number(depth),
      name,
      version: version.split(" ")[0],
      licence: licence.replaceAll("/", " OR "),
    };
  });
}

/** The crates that are compiled to the package's modules: `core.wasm` and `testing.wasm`. */
const MODULES = ["comfycontrol-runners", "comfycontrol-testing"];

/** What is linked into the modules. Macros leave nothing in them but what they write. */
export const linked = () => MODULES.flatMap((crate) => tree(crate, "normal,no-proc-macro"));

/** What their tests use besides, themselves alone. */
export const ofTests = () =>
  MODULES.flatMap((crate) => tree(crate, "dev")).filter(({ depth }) => depth === 1);

/** Finds the folder of a crate's source. */
export function sources() {
  const metadata = cargo("metadata", "--locked", "--format-version=1", `--filter-platform=${TARGET}`);
  const { packages } = JSON.parse(metadata);
  return ({ name, version }) =>
    dirname(packages.find((one) => one.name === name && one.version === version).manifest_path);
}
