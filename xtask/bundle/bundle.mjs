// From the generated glue and the loaders of pkg/ to the files of the npm package.
//
//   node bundle.mjs GLUE_FOLDER DIST_FOLDER

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { embed } from "./text.mjs";

const [glue, dist] = process.argv.slice(2).map((folder) => resolve(folder));
const here = dirname(fileURLToPath(import.meta.url));
const pkg = join(here, "../../pkg");

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });

/**
 * What esbuild wrote, with its helper `__export` taking own names only: inherited ones are there as soon as anybody gives
 * `Object.prototype` a member that can be enumerated, and none of these is a getter.
 */
function ownNames(file) {
  const [before, after, ...more] = readFileSync(file, "utf8").split("for(var name in all)");
  if (after === undefined || more.length > 0) throw new Error(`esbuild's helper __export does not stand once in ${file}`);
  return `${before}for(var name of Object.keys(all))${after}`;
}

// 1. The module, as small as it gets.
const wasm = join(dist, "core.wasm");
const wasmOpt = join(dirname(createRequire(import.meta.url).resolve("binaryen/package.json")), "bin/wasm-opt");
// What compresses best: see BENCHMARKS.md. The first 1,024 bytes are the last of the stack, which no address with an offset means.
const inlining = ["--one-caller-inline-max-function-size=170", "--always-inline-max-function-size=4"];
const flags = ["--low-memory-unused", ...inlining, "--skip-pass=memory-packing", "--skip-pass=local-cse", "--reorder-functions-by-name", "--strip-target-features"];
execFileSync(process.execPath, [wasmOpt, "-Oz", "--converge", ...flags, "-o", wasm, join(glue, "glue_bg.wasm")], { stdio: "inherit", cwd: here });
const bytes = readFileSync(wasm);

// 2. The glue as a function that makes a fresh instance with a scope of its own: after a trap nothing of the old instance is
//    left to call by mistake. pkg/js/ stays shared. What the module and the glue call each other is short already in the
//    module, and becomes so in the glue. Its own ways to load a module stay out, since `pkg/loaders/core.js` has another; and
//    so do functions that call an export and do no more.
let parts = readFileSync(join(glue, "glue.js"), "utf8");
// Texts that come out are an error's or a checkpoint: few, and so decoded without what is kept for more.
const decode = 'function getStringFromWasm0(ptr, len) {\n    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(new Uint8Array(wasm.memory.buffer, ptr >>> 0, len));\n}';
const instead = [
  [/^function getStringFromWasm0\(ptr, len\) \{.*?^\}/ms, decode],
  [/^let cachedTextDecoder = .*\n^cachedTextDecoder\.decode\(\);\n/m, ""],
  [/^ {4}cachedUint8ArrayMemory0 = null;\n/m, ""],
];
for (const [pattern, text] of instead) {
  if (!pattern.test(parts)) throw new Error(`the glue has nothing like ${pattern} any more`);
  parts = parts.replace(pattern, text);
}
writeFileSync(join(glue, "parts.js"), `${parts}\nexport { __wbg_get_imports as imports, __wbg_finalize_init as begin };\n`);
const { glued, own } = JSON.parse(readFileSync(join(glue, "names.json"), "utf8"));
for (const name of Object.keys(own)) {
  const does = new RegExp(`^export function ${name}\\(([\\w, ]*)\\) \\{\\n    (?:const ret = )?wasm\\.${name}\\(\\1\\);\\n(?:    return ret;\\n)?\\}`, "m");
  if (parts.includes(`export function ${name}(`) && !does.test(parts)) throw new Error(`the export ${name} cannot be called without its glue`);
}
const shared = ["call"];
const factory = join(glue, "factory.js");
await build({
  stdin: { contents: `import { begin, imports } from "./parts.js"; exported = { begin, imports };`, resolveDir: glue },
  outfile: factory,
  bundle: true,
  format: "iife",
  minifySyntax: true,
  legalComments: "none",
  // The same file may be imported several times, once for each function.
  logOverride: { "duplicate-object-key": "silent" },
  mangleProps: new RegExp(`^(?:${Object.keys(glued).map((name) => name.replace(/[.\/]/g, "\\$&")).join("|")})$`),
  mangleQuoted: true,
  mangleCache: glued,
  plugins: [
    {
      name: "shared",
      setup(plugin) {
        plugin.onResolve({ filter: /snippets\/.*\/pkg\/js\// }, ({ path }) => ({ path: basename(path, ".js"), namespace: "shared" }));
        plugin.onLoad({ filter: /.*/, namespace: "shared" }, async ({ path }) => {
          const found = Object.keys(await import(join(pkg, "js", `${path}.js`)));
          // As calls without effects, so that what the glue has no use for is left out.
          return { contents: found.map((name) => `export const ${name} = /* @__PURE__ */ (() => ${path}Module.${name})();`).join("\n") };
        });
      },
    },
  ],
});
writeFileSync(
  factory,
  `${shared.map((name) => `import * as ${name}Module from ${JSON.stringify(join(pkg, "js", `${name}.js`))};`).join("\n")}
export function createGlue() {
let exported;
${readFileSync(factory, "utf8")}
return exported;
}
`,
);

// 3. The bytes as a string.
const text = join(glue, "bytes.js");
writeFileSync(text, embed(bytes));

// 4. The entries, as ES modules and as CommonJS. All import one `client` file, so that they share the running instance. What
//    they ask of the module they call as short as it does.
const asked = new Set();
const ask = (name) => (asked.add(name), own[name]);
const short = (code) =>
  code.replace(/(\b(?:core\.)?last\("|\b(?:core|exports)\.)(\w+)/g, (all, before, name) => (Object.hasOwn(own, name) ? before + ask(name) : all));
const outside = { "./core.wasm": "./core.wasm", "./core.wasm?module": "./core.wasm?module" };
async function entry(name, format, source) {
  const extension = format === "esm" ? ".js" : ".cjs";
  const outfile = join(dist, name + extension);
  const kept = { ...outside, "./client.js": `./client${extension}` };
  await build({
    entryPoints: [join(pkg, "loaders", `${source ? "index" : name}.js`)],
    outfile,
    format,
    bundle: true,
    minifySyntax: true,
    minifyWhitespace: true,
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    logOverride: { "duplicate-object-key": "silent" },
    alias: { glue: factory, bytes: text, source: join(pkg, "loaders", `${source}.js`) },
    plugins: [
      {
        name: "short names",
        setup(plugin) {
          plugin.onLoad({ filter: /\/pkg\/(?:js|loaders)\/[^/]*\.js$/ }, ({ path }) => ({ contents: short(readFileSync(path, "utf8")) }));
        },
      },
      {
        name: "files of their own",
        setup(plugin) {
          plugin.onResolve({ filter: /^\.\/(client\.js|core\.wasm)/ }, ({ path }) => ({ path: kept[path], external: true }));
        },
      },
    ],
  });
  if (format === "cjs") writeFileSync(outfile, ownNames(outfile));
}
for (const format of ["esm", "cjs"]) {
  await entry("client", format);
  await entry("slim", format);
  await entry("index", format, "embedded");
}
const needlessly = Object.keys(own).filter((name) => !asked.has(name));
if (needlessly.length > 0) throw new Error(`nothing asks for what the module exports as ${needlessly.join(", ")}`);
await entry("workerd", "esm", "workerd");
await entry("edge-light", "esm", "edge-light");

// 5. The types: what stands between the marks of src/wasm/types.rs is of `./slim` alone.
const [before, slim, after, ...rest] = readFileSync(join(glue, "index.d.ts"), "utf8").split(/^\/\/ (?:begin|end) of slim\n/m);
if (after === undefined || rest.length > 0) throw new Error("the types of ./slim are not marked as they were");
for (const [types, code] of [[".d.ts", ".js"], [".d.cts", ".cjs"]]) {
  writeFileSync(join(dist, `index${types}`), before + after);
  writeFileSync(join(dist, `slim${types}`), `export * from "./index${code}";\n\n${slim}`);
}
cpSync(join(pkg, "loaders/core.wasm.d.cts"), join(dist, "core.wasm.d.cts"));
for (const name of ["LICENSE-MIT", "LICENSE-APACHE", "README.md"]) cpSync(join(pkg, "..", name), join(dist, "..", name));
