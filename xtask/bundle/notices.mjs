// What the licences of the linked crates ask to be handed on with the package: their texts and notices.
//
//   node notices.mjs DIST_FOLDER
//
// Reads sbom.json there.

import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const dist = resolve(process.argv[2]);
const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const { components } = JSON.parse(readFileSync(join(dist, "sbom.json"), "utf8"));
const args = ["metadata", "--locked", "--format-version=1", "--filter-platform=wasm32-unknown-unknown"];
const metadata = execFileSync(process.env.CARGO ?? "cargo", args, { cwd: root, maxBuffer: 1 << 28 });
const { packages } = JSON.parse(metadata);

/** The files of a crate whose names begin so, as one text. */
function texts({ name, version }, start) {
  const folder = dirname(packages.find((one) => one.name === name && one.version === version).manifest_path);
  const files = readdirSync(folder).filter((file) => start.test(file)).sort();
  return files.map((file) => readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim()).join("\n\n");
}

const title = ({ name, version }) => `${name} ${version}`;
const foreign = components.filter(({ purl, name }) => purl || name === "std");
// Where there is a choice, it is Apache-2.0, whose text is in the package already.
const apache = foreign.filter(({ licenses: [{ expression }] }) => expression.includes("Apache-2.0"));
const own = foreign.filter((one) => !apache.includes(one)).map((one) => {
  const text = texts(one, /^licen[cs]e/i);
  if (!text) throw new Error(`${title(one)} comes without its licence`);
  return `${title(one)}\n\n${text}`;
});
// And what holds besides, whatever was chosen.
const besides = apache.filter(({ purl }) => purl).map((one) => [one, texts(one, /^(notice|licen[cs]e[-_](?!mit|apache))/i)]);
const sections = [
  `core.wasm, and the files that carry it, contain code of others.\n\nUnder the Apache License, Version 2.0 (LICENSE-APACHE):\n\n${apache.map((one) => `  ${title(one)}`).join("\n")}`,
  ...own,
  ...besides.filter(([, text]) => text).map(([one, text]) => `${title(one)}\n\n${text}`),
];
writeFileSync(join(dist, "THIRD-PARTY.txt"), `${sections.join(`\n\n${"-".repeat(80)}\n\n`)}\n`);
