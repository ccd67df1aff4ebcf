// Bundles the generated glue and the JavaScript of js/ to the files of the npm package.
//
//   node bundle.mjs GLUE_FOLDER PACKAGE_FOLDER

import { execFileSync } from "node:child_process";
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { embed } from "./embed.mjs";
import { buildRedis } from "./redis.mjs";

const [glue, pkg] = process.argv.slice(2).map((folder) => resolve(folder));
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const js = join(root, "js");
const dist = join(pkg, "dist");

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });

// 1. The module, optimized for size. `--low-memory-unused` is safe: the first 1,024 bytes of memory are the
//    end of the stack, so no address with an offset points there.
const wasm = join(dist, "core.wasm");
const wasmOpt = join(
  dirname(createRequire(import.meta.url).resolve("binaryen/package.json")),
  "bin/wasm-opt",
);
const flags = [
  "-Oz",
  "--converge",
  "--low-memory-unused",
  "--strip-target-features",
  "--one-caller-inline-max-function-size=15",
  "--always-inline-max-function-size=4",
  "--skip-pass=memory-packing",
  "--skip-pass=local-cse",
  "--skip-pass=code-folding",
  "--reorder-functions-by-name",
];
execFileSync(process.execPath, [wasmOpt, ...flags, "-o", wasm, join(glue, "glue_bg.wasm")], {
  stdio: "inherit",
  cwd: here,
});

// 2. The module's bytes as a string.
const text = join(glue, "module-text.js");
writeFileSync(text, embed(readFileSync(wasm)));

// 3. The entries, as ES modules and as CommonJS. All of them import one `client` file, so that they
//    share the running instance, and one `error` file, so that an app that imports only
//    `isComfyControlError` gets nothing else.
const oneCopyOfJs = {
  name: "the files that the glue imports are those of js/",
  setup(plugin) {
    plugin.onResolve({ filter: /\/snippets\/[^/]+\/js\// }, ({ path }) => ({
      path: join(js, path.replace(/^.*\/snippets\/[^/]+\/js\//, "")),
    }));
  },
};
const errorFile = join(js, "error.js");
/** Entries beside the loaders: what dashboards take. */
const DASHBOARDS = ["query", "store"];
async function entry(name, format, source) {
  const extension = format === "cjs" ? ".cjs" : ".js";
  const isForDashboards = DASHBOARDS.includes(name);
  const file =
    name === "error"
      ? errorFile
      : isForDashboards
        ? join(js, name, "index.js")
        : join(js, "loaders", `${source ? "index" : name}.js`);
  // A classic script is a single file.
  const isWhole = format === "iife";
  const filesOfTheirOwn = {
    name: "files of their own",
    setup(plugin) {
      if (isWhole || name === "error") return;
      plugin.onResolve({ filter: /\/client\.js$/ }, ({ importer }) =>
        importer === file || isForDashboards ? { path: `./client${extension}`, external: true } : undefined,
      );
      plugin.onResolve({ filter: /\/error\.js$/ }, () => ({ path: `./error${extension}`, external: true }));
      plugin.onResolve({ filter: /^\.\/core\.wasm\?module$/ }, ({ path }) => ({ path, external: true }));
    },
  };
  const names = exported[name];
  const { metafile } = await build({
    // CommonJS without esbuild's helper for exports, which breaks if others add members to Object.prototype.
    ...(format !== "cjs"
      ? { entryPoints: [file] }
      : {
          stdin: {
            contents: `import { ${names} } from ${JSON.stringify(file)}; module.exports = { ${names} };`,
            resolveDir: js,
          },
        }),
    outfile: join(dist, name + extension),
    format,
    globalName: format === "iife" ? "ComfyControlRunners" : undefined,
    bundle: true,
    metafile: true,
    target: "es2019",
    charset: "utf8",
    legalComments: "none",
    // The generated glue imports a file once for each function.
    logOverride: { "duplicate-object-key": "silent", "commonjs-variable-in-esm": "silent" },
    alias: {
      glue: join(glue, "glue.js"),
      "module-text": text,
      "module-source": join(js, "loaders", `${source}.js`),
    },
    // Replacements for globals that the glue uses at import, and when it queues a task.
    inject: isWhole || name === "client" ? [join(js, "loaders/globals.js")] : [],
    plugins: [filesOfTheirOwn, oneCopyOfJs],
  });
  exported[name] ??= Object.values(metafile.outputs)[0].exports.join(", ");
}
/** The names that an entry exports: those of its ES module. */
const exported = {};
for (const format of ["esm", "cjs"]) {
  await entry("error", format);
  await entry("client", format);
  await entry("slim", format);
  await entry("index", format, "embedded");
  for (const name of DASHBOARDS) await entry(name, format);
}
await entry("workerd", "esm", "workerd");
await entry("global", "iife", "embedded");
await entry("edge-light", "esm", "edge-light");

// 4. The command, which imports the package by its name.
await build({
  entryPoints: [join(js, "cli/main.js")],
  outfile: join(dist, "cli.js"),
  format: "esm",
  bundle: true,
  platform: "node",
  target: "node20",
  charset: "utf8",
  legalComments: "none",
  minifyWhitespace: true,
  // Short lines, so that stack traces are useful.
  lineLimit: 200,
  external: ["comfycontrol-runners", "comfycontrol-runners/*"],
});

// 5. The shared rate limits, which no other entry imports: the ledger in Redis, and those in plain JavaScript.
await buildRedis(js, dist);
const ledgers = { ledger: ["index", "createLedger"], tabs: ["tabs", "tabsLedger"] };
for (const [name, [source, exports]] of Object.entries(ledgers)) {
  const file = join(js, "ledger", source);
  const contents = {
    ".js": `export { ${exports} } from ${JSON.stringify(`${file}.js`)};`,
    ".cjs": `import { ${exports} } from ${JSON.stringify(`${file}.js`)}; module.exports = { ${exports} };`,
  };
  for (const extension of [".js", ".cjs"]) {
    await build({
      stdin: { contents: contents[extension], resolveDir: js },
      outfile: join(dist, name + extension),
      format: extension === ".js" ? "esm" : "cjs",
      bundle: true,
      target: "es2019",
      charset: "utf8",
      legalComments: "none",
      logOverride: { "commonjs-variable-in-esm": "silent" },
    });
  }
}

// 6. The types, for ES modules and for CommonJS.
const typesOf = {
  index: join(glue, "index.d.ts"),
  slim: join(js, "loaders/slim.d.ts"),
  query: join(js, "query/index.d.ts"),
  store: join(js, "store/index.d.ts"),
  redis: join(js, "redis/index.d.ts"),
  ledger: join(js, "ledger/index.d.ts"),
  tabs: join(js, "ledger/tabs.d.ts"),
};
for (const [name, from] of Object.entries(typesOf)) {
  for (const extension of [".d.ts", ".d.cts"]) copyFileSync(from, join(dist, name + extension));
}
const added = readFileSync(join(js, "loaders/schema.d.ts"));
for (const file of ["index.d.ts", "index.d.cts"]) appendFileSync(join(dist, file), added);
copyFileSync(join(js, "loaders/core.wasm.d.cts"), join(dist, "core.wasm.d.cts"));
copyFileSync(join(js, "package.json"), join(pkg, "package.json"));
// For resolvers that do not support `exports`.
const slim = { main: "../dist/slim.cjs", module: "../dist/slim.js", types: "../dist/slim.d.cts" };
mkdirSync(join(pkg, "slim"), { recursive: true });
writeFileSync(join(pkg, "slim/package.json"), `${JSON.stringify(slim, null, 2)}\n`);
for (const name of ["LICENSE-MIT", "LICENSE-APACHE", "README.md"])
  copyFileSync(join(root, name), join(pkg, name));
