// From the generated glue and the loaders of pkg/ to the files of the npm package.
//
//   node bundle.mjs GLUE_FOLDER DIST_FOLDER

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const [glue, dist] = process.argv.slice(2).map((folder) => resolve(folder));
const pkg = dirname(dist);
const here = dirname(fileURLToPath(import.meta.url));

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });

// 1. The module, as small as it gets.
const wasm = join(dist, "core.wasm");
const wasmOpt = join(dirname(createRequire(import.meta.url).resolve("binaryen/package.json")), "bin/wasm-opt");
execFileSync(process.execPath, [wasmOpt, "-Oz", "--converge", "-o", wasm, join(glue, "glue_bg.wasm")], { stdio: "inherit", cwd: here });
const bytes = readFileSync(wasm);
const exports = WebAssembly.Module.exports(new WebAssembly.Module(bytes));

// 2. The glue as a function that makes a fresh instance with a scope of its own, and runs its microtasks through a
//    guard: after a trap nothing of the old instance is left to call by mistake. pkg/js/ stays shared.
const used = ["initSync", "listManagedRunners", "getManagedRunner", "matchRunners", "clientList", "clientGet", "settle", "rateLimit"];
for (const name of used.slice(1)) {
  if (!exports.some((one) => one.name.toLowerCase() === name.toLowerCase())) throw new Error(`the module has no export ${name}`);
}
const factory = join(glue, "factory.js");
await build({
  stdin: { contents: `export { ${used} } from "./glue.js";`, resolveDir: glue },
  outfile: factory,
  bundle: true,
  format: "iife",
  globalName: "glue",
  minifySyntax: true,
  legalComments: "none",
  plugins: [
    {
      name: "shared-snippets",
      setup(plugin) {
        plugin.onResolve({ filter: /snippets\/.*\/pkg\/js\// }, ({ path }) => ({ path: basename(path, ".js"), namespace: "shared" }));
        plugin.onLoad({ filter: /.*/, namespace: "shared" }, ({ path }) => ({ contents: `module.exports = ${path}Module;` }));
      },
    },
  ],
});
const modules = ["errors", "io", "options", "rows"];
writeFileSync(
  factory,
  `${modules.map((name) => `import * as ${name}Module from ${JSON.stringify(join(pkg, "js", `${name}.js`))};`).join("\n")}
export function createGlue(queueMicrotask) {
${readFileSync(factory, "utf8")}
return glue;
}
`,
);

// 3. The bytes as a string of one character each, which a compressed transfer carries best.
const text = join(glue, "bytes.js");
writeFileSync(text, `export const text = ${JSON.stringify(bytes.toString("latin1"))};\n`);

// 4. The entries, as ES modules and as CommonJS.
const entries = { index: join(pkg, "loaders/index.js") };
const shared = { bundle: true, alias: { glue: factory, bytes: text }, minify: true, keepNames: false, target: "es2022", charset: "utf8", legalComments: "none" };
await build({ ...shared, entryPoints: entries, outdir: dist, format: "esm", splitting: true, chunkNames: "shared-[hash]" });
await build({ ...shared, entryPoints: entries, outdir: dist, format: "cjs", outExtension: { ".js": ".cjs" } });

// 5. The types.
const types = readFileSync(join(glue, "index.d.ts"), "utf8");
for (const extension of [".d.ts", ".d.cts"]) writeFileSync(join(dist, `index${extension}`), types);
for (const name of ["LICENSE-MIT", "LICENSE-APACHE"]) cpSync(join(pkg, "..", name), join(pkg, name));
