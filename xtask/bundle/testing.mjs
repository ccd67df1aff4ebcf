// Bundles the glue of the testing crate and js/testing/ to the files of `comfycontrol-runners/testing`.
//
//   node testing.mjs GLUE_FOLDER DIST_FOLDER

import { execFileSync } from "node:child_process";
import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const [glue, dist] = process.argv.slice(2).map((folder) => resolve(folder));
const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "../../js/testing");

// 1. The module, optimized for size.
const wasm = join(dist, "testing.wasm");
const wasmOpt = join(
  dirname(createRequire(import.meta.url).resolve("binaryen/package.json")),
  "bin/wasm-opt",
);
execFileSync(process.execPath, [wasmOpt, "-Oz", "-o", wasm, join(glue, "testing_bg.wasm")], {
  stdio: "inherit",
});

// 2. Its bytes, for the entries that contain them.
const bytes = join(glue, "bytes.js");
writeFileSync(bytes, `export const base64 = "${readFileSync(wasm).toString("base64")}";\n`);

// 3. The entries. They import the same files as the main entry, and so share its rate limits and its error class.
async function entry(name, format, loader) {
  const extension = format === "esm" ? ".js" : ".cjs";
  const separate = {
    "../loaders/client.js": `./client${extension}`,
    "../error.js": `./error${extension}`,
    "./testing.wasm?module": "./testing.wasm?module",
  };
  await build({
    entryPoints: [join(source, "index.js")],
    outfile: join(dist, name + extension),
    format,
    bundle: true,
    target: "es2019",
    charset: "utf8",
    legalComments: "none",
    alias: { glue: join(glue, "testing_bg.js"), bytes, source: join(source, `${loader}.js`) },
    plugins: [
      {
        name: "separate files",
        setup({ onResolve }) {
          onResolve({ filter: /(client|error)\.js$|\.wasm/ }, ({ path }) => ({
            path: separate[path],
            external: true,
          }));
        },
      },
    ],
  });
}
await entry("testing", "esm", "embedded");
await entry("testing", "cjs", "embedded");
await entry("testing-workerd", "esm", "workerd");
await entry("testing-edge-light", "esm", "edge-light");

// 4. The types: hand-written ones of js/testing/, and generated ones of the Rust crate.
for (const file of ["testing.d.ts", "testing.d.cts"]) {
  copyFileSync(join(source, "index.d.ts"), join(dist, file));
  appendFileSync(join(dist, file), readFileSync(join(glue, "testing.d.ts")));
}
