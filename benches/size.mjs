// The compressed size of an app that lists runners, with this package and with its peers.
//
//   node size.mjs           this package and its peers, as a table
//   node size.mjs --json    the same as JSON
//   node size.mjs --check   only this package; fails above its limit

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { build } = createRequire(here("../xtask/bundle/package.json"))("esbuild");

/** The target, in bytes after brotli. */
const TARGET = 47_000;
/** The limit while the package is above its target, in bytes after brotli. */
const LIMIT = 75_000;

const ours = "listManagedRunners, ComfyControl";
const peers = ["ky-zod", "ky-valibot", "openapi-fetch-zod", "octokit", "openai"];

/** The app's code, minified by esbuild's defaults. */
async function bundle(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: here(".") },
    alias: {
      "comfycontrol-runners": here("../pkg/dist/index.js"),
      "comfycontrol-runners/slim": here("../pkg/dist/slim.js"),
    },
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
    logLevel: "error",
  });
  return outputFiles[0].contents;
}

function sizes(bytes) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return {
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes, { params }).length,
  };
}

const app = async (name, imports, from) => ({
  name,
  ...sizes(await bundle(`import { ${imports} } from ${JSON.stringify(from)}; console.log(${imports});`)),
});

const args = process.argv.slice(2);
const rows = [await app("comfycontrol-runners", ours, "comfycontrol-runners")];
const check = args.includes("--check");
if (!check) {
  rows.push(await app("its JavaScript (./slim)", `${ours}, initialize`, "comfycontrol-runners/slim"));
  rows.push({ name: "its WebAssembly (core.wasm)", ...sizes(readFileSync(here("../pkg/dist/core.wasm"))) });
  for (const peer of peers) rows.push(await app(peer, "client", `./clients/${peer}.js`));
}
const kilo = (bytes) => (bytes / 1000).toFixed(1).padStart(8);
if (args.includes("--json")) console.log(JSON.stringify(rows, null, 2));
else {
  console.log("kB, minified                      raw    gzip  brotli");
  for (const { name, raw, gzip, brotli } of rows)
    console.log(name.padEnd(29) + kilo(raw) + kilo(gzip) + kilo(brotli));
}
if (check && rows[0].brotli > TARGET) {
  console.error(`the target of ${TARGET} bytes is exceeded by ${rows[0].brotli - TARGET}`);
}
if (check && rows[0].brotli > LIMIT) {
  console.error(`${rows[0].brotli} bytes after brotli are over the limit of ${LIMIT}`);
  process.exitCode = 1;
}
