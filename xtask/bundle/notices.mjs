// Collects the licence texts and notices of the linked crates, which their licences require in the package.
//
//   node notices.mjs DIST_FOLDER

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { linked, sources } from "./crates.mjs";

const dist = resolve(process.argv[2]);
const folder = sources();

/** The files of a crate whose names are such, as one text. */
function texts(crate, name) {
  const files = readdirSync(folder(crate))
    .filter((file) => name.test(file))
    .sort();
  return files
    .map((file) =>
      readFileSync(join(folder(crate), file), "utf8")
        .replaceAll("\r\n", "\n")
        .trim(),
    )
    .join("\n\n");
}

const title = ({ name, version }) => `${name} ${version}`;
const withTitle = (crate, text) => `${title(crate)}\n\n${text}`;

// The crates of this repository have the licences of the package itself.
const foreign = linked().filter(({ name }) => !name.startsWith("comfycontrol-"));
const crates = [...new Map(foreign.map((crate) => [title(crate), crate])).values()];
crates.sort((a, b) => (title(a) < title(b) ? -1 : 1));

// If a crate offers a choice, choose Apache-2.0, whose text is in the package already.
const apache = crates.filter(({ licence }) => licence.includes("Apache-2.0"));
const list = [...apache.map(title), "Rust's standard library"].map((name) => `  ${name}`).join("\n");
const sections = [
  `core.wasm, testing.wasm and the files that carry them contain code of others.\n\nUnder the Apache License, Version 2.0 (LICENSE-APACHE):\n\n${list}`,
];
for (const crate of crates.filter((crate) => !apache.includes(crate))) {
  const text = texts(crate, /^licen[cs]e/i);
  if (!text) throw new Error(`${title(crate)} comes without its licence`);
  sections.push(withTitle(crate, text));
}
// Notices and additional licences of the crates under Apache-2.0.
for (const crate of apache) {
  const text = texts(crate, /^(notice|licen[cs]e[-_](?!mit|apache))/i);
  if (text) sections.push(withTitle(crate, text));
}
writeFileSync(join(dist, "THIRD-PARTY.txt"), `${sections.join(`\n\n${"-".repeat(80)}\n\n`)}\n`);
