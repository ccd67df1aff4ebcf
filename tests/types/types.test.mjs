// The generated definitions, as a strict TypeScript project sees them.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import * as runtime from "../package/support/package.mjs";
import { declaredValues } from "./declared.mjs";
import { missingValues } from "./missing.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const tsc = join(here, "node_modules/typescript/bin/tsc");
const read = (name) => readFileSync(join(runtime.home, "dist", name), "utf8");

const STRICT = {
  strict: true,
  noEmit: true,
  target: "es2022",
  lib: ["es2022", "dom"],
  types: [],
  skipLibCheck: false,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  isolatedModules: true,
  verbatimModuleSyntax: false,
};
const PROJECTS = [
  ["moduleResolution bundler", { module: "esnext", moduleResolution: "bundler" }, ".ts"],
  ["nodenext, as an ES module", { module: "nodenext", moduleResolution: "nodenext" }, ".mts"],
  ["nodenext, as CommonJS", { module: "nodenext", moduleResolution: "nodenext" }, ".cts"],
  ["node16, as an ES module", { module: "node16", moduleResolution: "node16" }, ".mts"],
  ["node16, as CommonJS", { module: "node16", moduleResolution: "node16" }, ".cts"],
];

/** Checks files in a project beside the installed package; returns the compiler's messages. */
async function check(compilerOptions, files) {
  const project = mkdtempSync(join(runtime.folder, "types-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(project, name), text);
    writeFileSync(
      join(project, "tsconfig.json"),
      JSON.stringify({ compilerOptions: { ...STRICT, ...compilerOptions }, files: Object.keys(files) }),
    );
    return await new Promise((resolve) =>
      execFile(process.execPath, [tsc, "--project", project, "--pretty", "false"], (error, stdout, stderr) =>
        resolve(error ? stdout + stderr || String(error) : ""),
      ),
    );
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

const calls = readdirSync(join(here, "calls")).map((name) => [
  name.replace(/\.ts$/, ""),
  readFileSync(join(here, "calls", name), "utf8"),
]);

for (const [what, compilerOptions, extension] of PROJECTS) {
  test(`${what}: the calls that must compile do, and those that must not do not`, async () => {
    const files = Object.fromEntries(calls.map(([name, text]) => [name + extension, text]));
    assert.equal(await check(compilerOptions, files), "");
  });
}

test("the check itself notices a call that should not compile, and one that should not fail", async () => {
  const [, options, extension] = PROJECTS[0];
  const messages = await check(options, {
    [`a${extension}`]:
      'import { listManagedRunners } from "comfycontrol-runners";\nvoid listManagedRunners({ page: "2" });\n// @ts-expect-error\nvoid listManagedRunners({ page: 2 });\n',
  });
  assert.match(messages, /a\.ts\(2,.*TS2322/);
  assert.match(messages, /a\.ts\(3,.*TS2578/);
});

test("every exported item and every member of it has documentation", () => {
  const lines = read("index.d.ts").split("\n");
  const undocumented = [];
  let members = 0;
  let owner = "";
  let documented = false;
  for (const line of lines) {
    const text = line.trim();
    if (text === "" || text.startsWith("*") || text.startsWith("/**")) {
      if (text.endsWith("*/")) documented = true;
      continue;
    }
    const [, kind, item] =
      /^export (?:declare )?(class|interface|type|function|const) (\w+)/.exec(line) ?? [];
    const member = /^ {4}(?:readonly |get |set )?(\[?[\w.]+\]?)\??[(:]/.exec(line)?.[1];
    // The parameters of a function are documented with the function.
    if (item) owner = kind === "function" ? "" : item;
    // The class documents its constructor; every error has `name`.
    const named =
      item ??
      (owner && member && !["constructor", "name"].includes(member) ? `${owner}.${member}` : undefined);
    if (named) members += 1;
    if (named && !documented) undocumented.push(named);
    documented = false;
  }
  assert.ok(members > 60, String(members));
  assert.deepEqual(undocumented, []);
});

test("what is declared to be exported is, from import and require alike, and nothing else", async () => {
  const declared = declaredValues(join(runtime.home, "dist/index.d.ts"));
  const names = [...declared.keys()].sort();
  for (const module of [await import(runtime.entry), runtime.secondCopy()]) {
    assert.deepEqual(Object.keys(module).sort(), names);
    assert.deepEqual(missingValues([...declared], module), []);
  }
  assert.equal(read("index.d.cts"), read("index.d.ts"));
});

test("a value that is declared and does not exist is found, and so is a method", () => {
  const declared = [
    ["missing", []],
    ["Class", ["there", "gone"]],
  ];
  class Class {
    there() {}
  }
  assert.deepEqual(missingValues(declared, { Class }), ["missing", "Class.prototype.gone"]);
});

test("declared methods are there, and no other public ones", () => {
  const body = /export class ComfyControl \{([\s\S]*?)\n\}/
    .exec(read("index.d.ts"))[1]
    .replace(/\/\*[\s\S]*?\*\//g, "");
  const names = [...body.matchAll(/^ {2}(?:readonly |get )?(\w+)[(:]/gm)].map(([, name]) => name).sort();
  const own = new Set();
  for (let at = runtime.ComfyControl.prototype; at !== Object.prototype; at = Object.getPrototypeOf(at))
    for (const name of Reflect.ownKeys(at)) own.add(name);
  // wasm-bindgen adds these to every class, and the definitions omit them: clients need no disposal.
  const disposal = ["free", Symbol.dispose];
  const found = [...own].filter((name) => !disposal.includes(name));
  assert.deepEqual(found.sort(), names);
});

test("the definitions name no type that stands for anything at all", () => {
  assert.doesNotMatch(
    read("index.d.ts").replace(/\/\*[\s\S]*?\*\//g, ""),
    /\bany\b|\bFunction\b|\bobject\b|\bMap</,
  );
});
