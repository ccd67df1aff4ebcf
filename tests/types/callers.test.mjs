// The generated definitions in the projects of users: strictest options, other fetch types, no DOM, and compilers from
// TypeScript 4.7 on. Every declaration is checked (`skipLibCheck: false`).

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";

import { folder } from "../package/support/package.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const COMPILERS = { "TypeScript 4.7": "typescript-4.7", "the newest TypeScript": "typescript" };

const STRICT = {
  strict: true,
  noEmit: true,
  target: "es2020",
  lib: ["es2020"],
  types: [],
  skipLibCheck: false,
  esModuleInterop: true,
  isolatedModules: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noPropertyAccessFromIndexSignature: false,
};
const NODE16 = { module: "node16", moduleResolution: "node16" };
const DOM = { lib: ["es2020", "dom"] };
/** With Node's own types, whose files a compiler of 2022 cannot read. */
const NODE = { types: ["node"], lib: ["es2023"] };

/** What is compiled, with which types, and by which compilers. */
const PROJECTS = [
  ["every optional member takes undefined", "options", DOM],
  ["a watch's items are told apart by `error`", "changes", DOM],
  ["a page's fetch, wrappers, mocks and arrow functions fit", "fetch-dom", DOM],
  ["Node's, undici's and node-fetch's fetch fit", "fetch-node", NODE, ["the newest TypeScript"]],
  ["Bun's fetch fits", "fetch-bun", { types: ["bun-types"], lib: ["esnext"] }, ["the newest TypeScript"]],
  ["the definitions need no DOM", "nothing", {}],
  ["the definitions need no DOM beside Node's types", "nothing", NODE, ["the newest TypeScript"]],
  ["the definitions need no more than ES2018", "nothing", { target: "es2018", lib: ["es2018"] }],
  [
    "what dashboards use is typed, `await using` too",
    "dashboards",
    { lib: ["es2022", "esnext.disposable", "dom", "dom.iterable"], target: "es2022" },
    ["the newest TypeScript"],
  ],
  [
    "a library that exports iterators can be declared",
    "exported",
    { ...NODE, declaration: true },
    ["the newest TypeScript"],
  ],
  ["core.wasm needs no DOM", "module", { ...NODE16 }],
  ["core.wasm is a module of the DOM where there is one", "module", { ...NODE16, ...DOM }],
];

/** Compiles a file beside the installed package; returns the compiler's messages about it and about the package. */
async function compile(compiler, name, compilerOptions) {
  const project = mkdtempSync(join(folder, "callers-"));
  try {
    // As ES modules and as CommonJS, which have separate definition files.
    const extensions = compilerOptions.module ? [".mts", ".cts"] : [".mts"];
    for (const extension of extensions)
      cpSync(join(here, "callers", `${name}.ts`), join(project, name + extension));
    symlinkSync(join(here, "node_modules"), join(project, "node_modules"), "junction");
    const files = extensions.map((extension) => name + extension);
    writeFileSync(
      join(project, "tsconfig.json"),
      JSON.stringify({ compilerOptions: { ...STRICT, ...NODE16, ...compilerOptions }, files }),
    );
    const tsc = join(here, "node_modules", compiler, "bin/tsc");
    const messages = await new Promise((resolve) =>
      execFile(
        process.execPath,
        [tsc, "--project", project, "--pretty", "false"],
        { maxBuffer: 1e8 },
        (error, stdout, stderr) => resolve(error ? stdout + stderr || String(error) : ""),
      ),
    );
    // Leave out messages about the definitions of other packages.
    const lines = messages.split("\n").filter((line) => /error TS/.test(line));
    const others = (line) => line.includes("node_modules") && !line.includes("comfycontrol-runners");
    return lines.filter((line) => !others(line)).map((line) => line.replace(/^.*node_modules\//, ""));
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

for (const [what, name, options, only = Object.keys(COMPILERS)] of PROJECTS) {
  suite(what, () => {
    for (const compiler of only) {
      test(compiler, async () => {
        assert.deepEqual(await compile(COMPILERS[compiler], name, options), []);
      });
    }
  });
}

suite("where `exports` is not read", () => {
  test("TypeScript 4.7, moduleResolution node: both entries have their types", async () => {
    assert.deepEqual(
      await compile("typescript-4.7", "nothing", { module: "commonjs", moduleResolution: "node" }),
      [],
    );
  });
});

test("the check itself notices what does not compile", async () => {
  for (const compiler of Object.values(COMPILERS))
    assert.match((await compile(compiler, "fetch-dom", {})).join("\n"), /Cannot find name 'RequestInit'/);
});
