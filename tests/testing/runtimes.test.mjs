// Edge runtimes forbid compiling at run time: there the entry imports the compiled module.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";

import { EdgeRuntime } from "edge-runtime";
import { build } from "esbuild";
import { Miniflare } from "miniflare";

import { folder } from "./support/package.mjs";

const USE = `
  import { ComfyControl } from "comfycontrol-runners";
  import { createEmulator, fakeRunners } from "comfycontrol-runners/testing";

  async function use() {
    const api = createEmulator({ runners: fakeRunners(12) });
    const client = new ComfyControl({ ...api.clientOptions, maxRetries: 0, timeout: 50 });
    const { total } = await client.listManagedRunners();
    const codes = [];
    for (const fault of [{ cut: "mid-body" }, { stall: "after-headers" }, { html: true, status: 502 }]) {
      api.failNext(fault);
      codes.push(await client.listManagedRunners().catch(({ code }) => code));
    }
    return Response.json({ total, codes, outcomes: api.requests.map(({ outcome }) => outcome) });
  }
`;

const EXPECTED = {
  total: 12,
  codes: ["connection_failed", "timeout", "server_error"],
  outcomes: ["sent", "cut", "aborted", "sent"],
};

async function bundle(contents, condition, plugin) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    format: "esm",
    write: false,
    conditions: [condition],
    plugins: [plugin],
  });
  return outputFiles[0].text;
}

test("runs in workerd", async () => {
  const modules = new Map();
  const wasmFiles = {
    name: "wasm files",
    setup({ onResolve }) {
      onResolve({ filter: /\.wasm\?module$/ }, async ({ path, resolveDir }) => {
        const file = path.split("?")[0];
        const name = basename(file);
        modules.set(name, {
          type: "CompiledWasm",
          path: name,
          contents: await readFile(join(resolveDir, file)),
        });
        return { path: name, external: true };
      });
    },
  };
  const contents = await bundle(`${USE} export default { fetch: use };`, "workerd", wasmFiles);
  const miniflare = new Miniflare({
    modules: [{ type: "ESModule", path: "index.mjs", contents }, ...modules.values()],
    compatibilityDate: "2026-01-01",
  });
  try {
    assert.deepEqual([...modules.keys()].sort(), ["core.wasm", "testing.wasm"]);
    assert.deepEqual(await (await miniflare.dispatchFetch("http://localhost/")).json(), EXPECTED);
  } finally {
    await miniflare.dispose();
  }
});

test("runs in the edge runtime", async () => {
  const modules = {};
  const precompiled = {
    name: "precompiled modules",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /\.wasm\?module$/ }, ({ path, importer }) => ({
        path: join(dirname(importer), path.split("?")[0]),
        namespace: "precompiled",
      }));
      onLoad({ filter: /.*/, namespace: "precompiled" }, async ({ path }) => {
        const name = basename(path).replace(/\W/g, "_");
        modules[name] = await WebAssembly.compile(await readFile(path));
        return { contents: `export default ${name};` };
      });
    },
  };
  const handler = `${USE} addEventListener("fetch", (event) => event.respondWith(use()));`;
  const runtime = new EdgeRuntime({
    codeGeneration: { strings: false, wasm: false },
    extend: (context) => Object.assign(context, modules),
    initialCode: await bundle(handler, "edge-light", precompiled),
  });
  const response = await runtime.dispatchFetch("http://localhost/");
  assert.deepEqual(await response.json(), EXPECTED);
});
