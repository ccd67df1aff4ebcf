// What a host of edge functions does: bundles the handler with the `edge-light` condition, compiles the modules that it
// imports with `?module` beforehand, and runs it where nothing can be compiled any more.
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { EdgeRuntime } from "edge-runtime";
import { build } from "esbuild";

const modules = {};
const precompiled = {
  name: "precompiled modules",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.wasm\?module$/ }, ({ path, importer }) => ({
      path: join(dirname(importer), path.split("?")[0]),
      namespace: "precompiled",
    }));
    onLoad({ filter: /.*/, namespace: "precompiled" }, async ({ path }) => {
      const name = `wasm_${Object.keys(modules).length}`;
      modules[name] = await WebAssembly.compile(await readFile(path));
      return { contents: `export default ${name};` };
    });
  },
};
const { outputFiles } = await build({
  entryPoints: ["handler.js"],
  bundle: true,
  write: false,
  conditions: ["edge-light"],
  plugins: [precompiled],
});

const { COMFYCONTROL_TOKEN, COMFYCONTROL_BASE_URL } = process.env;
const runtime = new EdgeRuntime({
  codeGeneration: { strings: false, wasm: false },
  extend: (context) => Object.assign(context, modules, { COMFYCONTROL_TOKEN, COMFYCONTROL_BASE_URL }),
  initialCode: outputFiles[0].text,
});
const response = await runtime.dispatchFetch("http://localhost/");
for (const { name } of await response.json()) console.log(name);
