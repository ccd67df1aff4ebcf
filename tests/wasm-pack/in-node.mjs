// Tests a build for Node, or for bundlers, and prints the result as JSON.
//
//   node in-node.mjs PACKAGE_FOLDER DECLARED_AS_JSON

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { ask } from "./list.mjs";

const [folder, declared] = process.argv.slice(2);
const { main, type } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
const entry = join(folder, main);
const api = type === "module" ? await import(pathToFileURL(entry)) : createRequire(import.meta.url)(entry);
console.log(JSON.stringify(await ask(api, JSON.parse(declared))));
