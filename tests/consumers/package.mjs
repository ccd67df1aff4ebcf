// Properties of the package itself.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { HERE, NAME, open, run, serve, version } from "./kit.mjs";

const own = () => version(".", NAME);

/** Apps, and how much an import may add to each: nothing, or less than the module. */
const APPS = {
  "an import for nothing": { code: `import "${NAME}";`, most: 100 },
  "imports that are not used": {
    code: `import { ComfyControl, listManagedRunners } from "${NAME}";`,
    most: 100,
  },
  "a slim import that is not used": { code: `import { initialize } from "${NAME}/slim";`, most: 100 },
  "the guard alone": {
    code: `import { isComfyControlError } from "${NAME}"; addEventListener("error", (event) => console.log(isComfyControlError(event.error)));`,
    most: 4000,
  },
  "all without the module": {
    code: `import { initialize, listManagedRunners } from "${NAME}/slim"; initialize(self.bytes); listManagedRunners();`,
    most: 44_000,
  },
};

/** Bundles every app with `tool(file, folder)`, and measures the result. */
function shaken(name, project, tool, fast) {
  const check = async () => {
    const folder = join(HERE, project, "out");
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const sizes = {};
    const apps = {
      ...APPS,
      "a listing": {
        code: `import { listManagedRunners } from "${NAME}"; listManagedRunners();`,
        most: Infinity,
      },
    };
    for (const [at, { code }] of Object.values(apps).entries()) {
      const entry = join(folder, `app-${at}.js`);
      const out = join(folder, String(at));
      writeFileSync(entry, code);
      await tool(entry, out);
      sizes[Object.keys(apps)[at]] = readdirSync(out).reduce(
        (sum, file) => sum + readFileSync(join(out, file)).length,
        0,
      );
    }
    const tooMuch = Object.entries(apps).filter(([app, { most }]) => sizes[app] > most);
    assert.deepEqual(
      tooMuch.map(([app, { most }]) => `${app}: ${sizes[app]} bytes, at most ${most}`),
      [],
    );
    assert(sizes["a listing"] > 60_000, "the listing has the module");
  };
  return {
    where: "tree shaking",
    name,
    fast,
    run: check,
    version: () => version(project, name.toLowerCase()),
  };
}

const load = (folder, name) => import(createRequire(join(HERE, folder, "package.json")).resolve(name));

function forbidden(kind, fast) {
  const check = async () => {
    const { complaints, close } = await open(`${await serve("browser", "default-src 'self'")}/`, kind);
    const complaint =
      "the page's Content-Security-Policy forbids WebAssembly: add 'wasm-unsafe-eval' to its script-src";
    for (let tries = 0; tries < 100 && !complaints.join("").includes(complaint); tries++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    await close();
    assert(complaints.join("\n").includes(complaint), complaints.join("\n"));
  };
  return {
    where: "package",
    name: `a policy without 'wasm-unsafe-eval' is named, ${kind}`,
    fast,
    more: false,
    run: check,
    version: own,
  };
}

/** Compiles the types with every module resolution, and checks every declaration. */
function types(name, tool, modes) {
  const folder = "more/typescript";
  const compiler = join(HERE, "more/node_modules", tool, "bin/tsc");
  const check = async () => {
    for (const mode of modes)
      await run(folder, "node", [compiler, "-p", `tsconfig${mode && `.${mode}`}.json`]);
  };
  return { where: "types", name, run: check, version: () => version(folder, tool) };
}

export const checks = [
  types("the oldest TypeScript in common use: bundler, node16, nodenext", "typescript-5.0", [
    "bundler",
    "node16",
    "",
  ]),
  types("the newest TypeScript: bundler, node16, nodenext, Node's types alone", "typescript", [
    "bundler",
    "node16",
    "",
    "server",
  ]),
  {
    where: "types",
    name: "Are the types wrong?",
    run: () => run("more/typescript", "attw", [process.env.TARBALL]),
    version: () => version("more/typescript", "@arethetypeswrong/cli"),
  },
  {
    where: "package",
    name: "publint --strict",
    run: () => run("more/typescript", "publint", ["--strict", process.env.TARBALL]),
    version: () => version("more/typescript", "publint"),
  },
  {
    where: "package",
    name: "compiles nothing until it is called",
    fast: true,
    run: async () => assert.equal((await run("package", process.execPath, ["idle.mjs"])).trim(), "0 0\n2"),
    version: own,
  },
  forbidden("chrome", true),
  forbidden("firefox"),
  shaken(
    "esbuild",
    "esbuild",
    async (entry, outdir) => {
      const { build } = await load("esbuild", "esbuild");
      await build({
        entryPoints: [entry],
        outdir,
        bundle: true,
        minify: true,
        format: "esm",
        logLevel: "silent",
      });
    },
    true,
  ),
  shaken(
    "Vite",
    "vite",
    async (entry, outDir) => {
      const { build } = await load("vite", "vite");
      await build({
        root: join(HERE, "vite"),
        configFile: false,
        logLevel: "silent",
        build: {
          outDir,
          rollupOptions: { input: entry, output: { entryFileNames: "app.js" } },
          modulePreload: false,
        },
      });
    },
    true,
  ),
  shaken(
    "webpack",
    "webpack",
    async (entry, path) => {
      const { default: webpack } = await load("webpack", "webpack");
      const compiler = webpack({ mode: "production", entry, output: { path } });
      await new Promise((resolve, reject) =>
        compiler.run((error) => (error ? reject(error) : compiler.close(resolve))),
      );
    },
    true,
  ),
];
