// From the generated glue and the JavaScript of js/ to the files of the npm package.
//
//   node bundle.mjs GLUE_FOLDER PACKAGE_FOLDER

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { embed } from "./embed.mjs";

const [glue, pkg] = process.argv.slice(2).map((folder) => resolve(folder));
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const js = join(root, "js");
const dist = join(pkg, "dist");

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });

// 1. The module, as small as it gets. The first 1,024 bytes of memory are the end of the stack, so
//    that no address with an offset means them.
const wasm = join(dist, "core.wasm");
const wasmOpt = join(dirname(createRequire(import.meta.url).resolve("binaryen/package.json")), "bin/wasm-opt");
const flags = ["-Oz", "--converge", "--low-memory-unused", "--strip-target-features", "--one-caller-inline-max-function-size=170", "--always-inline-max-function-size=4", "--skip-pass=memory-packing", "--skip-pass=local-cse", "--reorder-functions-by-name"];
execFileSync(process.execPath, [wasmOpt, ...flags, "-o", wasm, join(glue, "glue_bg.wasm")], {
  stdio: "inherit",
  cwd: here,
});

// 2. The module's bytes as a string.
const text = join(glue, "module-text.js");
writeFileSync(text, embed(readFileSync(wasm)));

// 3. The entries, as ES modules and as CommonJS. All of them import one `client` file, so that they
//    share the running instance.
const oneCopyOfJs = {
  name: "the files that the glue imports are those of js/",
  setup(plugin) {
    plugin.onResolve({ filter: /\/snippets\/[^/]+\/js\// }, ({ path }) => ({
      path: join(js, path.replace(/^.*\/snippets\/[^/]+\/js\//, "")),
    }));
  },
};
async function entry(name, format, source) {
  const extension = format === "esm" ? ".js" : ".cjs";
  const filesOfTheirOwn = {
    name: "files of their own",
    setup(plugin) {
      plugin.onResolve({ filter: /^\.\/(client\.js|core\.wasm\?module)$/ }, ({ path }) => ({
        path: path.replace(/\.js$/, extension),
        external: true,
      }));
    },
  };
  await build({
    entryPoints: [join(js, "loaders", `${source ? "index" : name}.js`)],
    outfile: join(dist, name + extension),
    format,
    bundle: true,
    target: "es2020",
    charset: "utf8",
    legalComments: "none",
    // The generated glue names a file once for each function that it imports from there.
    logOverride: { "duplicate-object-key": "silent" },
    alias: {
      glue: join(glue, "glue.js"),
      "module-text": text,
      "module-source": join(js, "loaders", `${source}.js`),
    },
    // A trap in a task of Rust is noticed where the glue queues it.
    inject: name === "client" ? [join(js, "loaders/microtask.js")] : [],
    plugins: name === "client" ? [oneCopyOfJs] : [filesOfTheirOwn, oneCopyOfJs],
  });
}
for (const format of ["esm", "cjs"]) {
  await entry("client", format);
  await entry("slim", format);
  await entry("index", format, "embedded");
}
await entry("workerd", "esm", "workerd");
await entry("edge-light", "esm", "edge-light");

// 4. The types, once for each kind of module.
for (const name of ["index", "slim"]) {
  const from = name === "index" ? join(glue, "index.d.ts") : join(js, "loaders/slim.d.ts");
  copyFileSync(from, join(dist, `${name}.d.ts`));
  writeFileSync(join(dist, `${name}.d.cts`), readFileSync(from, "utf8").replace('"./index.js"', '"./index.cjs"'));
}
copyFileSync(join(js, "loaders/core.wasm.d.cts"), join(dist, "core.wasm.d.cts"));
copyFileSync(join(js, "package.json"), join(pkg, "package.json"));
for (const name of ["LICENSE-MIT", "LICENSE-APACHE", "README.md"]) copyFileSync(join(root, name), join(pkg, name));
