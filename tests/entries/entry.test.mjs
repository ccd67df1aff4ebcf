// The entries themselves: importing has no side effects, the main entry does not grow, and the types match the code.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { build } from "esbuild";

import { folder, home, query, requireFromPackage, store } from "./support/package.mjs";

const dist = (name) => readFileSync(join(home, "dist", name), "utf8");
const ENTRIES = { query, store };

/** Bundles an app as a user would. Returns its code, and the files of the package in it. */
async function bundle(contents) {
  const { metafile, outputFiles } = await build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
    metafile: true,
  });
  const files = Object.entries(metafile.outputs["stdin.js"].inputs).filter(
    ([, { bytesInOutput }]) => bytesInOutput,
  );
  return { code: outputFiles[0].text, files: files.map(([name]) => name.replace(/.*dist\//, "")).sort() };
}

test("their code is not in other entries, nor in an app that does not import them", async () => {
  for (const name of ["index.js", "error.js", "slim.js", "workerd.js", "edge-light.js"])
    assert.doesNotMatch(dist(name), /getSnapshot|queryKey|baseUrlOf/, name);
  assert.doesNotMatch(dist("client.js"), /getSnapshot|queryKey/);
  const { code, files } = await bundle(
    'import { ComfyControl, listManagedRunners } from "comfycontrol-runners"; console.log(ComfyControl, listManagedRunners);',
  );
  assert.deepEqual(files, ["<stdin>", "client.js", "error.js", "index.js"]);
  // The entries need one function of the client that no other entry calls.
  assert.doesNotMatch(code, /COMFYCONTROL_BASE_URL/);
});

test("an app that does not use the schemas has none of their code", async () => {
  const traces = /~standard|json-schema\.org|checkRunner|checkPage|characters of JSON/;
  for (const entry of ["comfycontrol-runners", "comfycontrol-runners/slim"]) {
    const used = await bundle(
      `import { managedRunnerSchema } from "${entry}"; console.log(managedRunnerSchema);`,
    );
    assert.match(used.code, traces);
    const unused = await bundle(`import * as runners from "${entry}"; console.log(runners.ComfyControl);`);
    assert.doesNotMatch(unused.code, traces);
    const { files } = await bundle(
      `import { managedRunnerSchema, managedRunnerPageSchema } from "${entry}";`,
    );
    assert.deepEqual(files, [], "an import for nothing");
  }
  // The store checks its saved list, but needs no JSON Schema.
  const { code } = await bundle(
    'import { runnersStore } from "comfycontrol-runners/store"; console.log(runnersStore);',
  );
  assert.match(code, /characters of JSON/);
  assert.doesNotMatch(code, /~standard|json-schema\.org|checkPage/);
});

for (const [name, most] of [
  ["query", 2_500],
  ["store", 5_000],
]) {
  test(`/${name} is small, and depends only on the client`, async () => {
    const names = Object.keys(ENTRIES[name]);
    assert.doesNotMatch(dist(`${name}.js`), /from "(?!\.\/(client|error)\.js")/);
    const { files } = await bundle(`import { ${names[0]} } from "comfycontrol-runners/${name}";`);
    assert.deepEqual(files, [], "an import for nothing");
    const own = (
      await build({
        entryPoints: [join(home, "dist", `${name}.js`)],
        bundle: true,
        minify: true,
        format: "esm",
        external: ["./client.js", "./error.js"],
        write: false,
      })
    ).outputFiles[0].contents.length;
    assert.ok(own <= most, `${own} bytes, at most ${most}`);
  });
}

test("importing starts nothing, and reads no global of the environment", () => {
  const source = `
    const read = [];
    const names = "WebAssembly TextDecoder fetch setTimeout queueMicrotask AbortController Date localStorage window document process";
    for (const name of names.split(" ")) {
      const value = globalThis[name];
      const reader = () => new Error().stack.split("\\n")[3];
      Object.defineProperty(globalThis, name, {
        get: () => (/dist\\/(query|store|client)/.test(reader()) && read.push(name), value),
      });
    }
    await import("comfycontrol-runners/query");
    await import("comfycontrol-runners/store");
    console.log(JSON.stringify(read));
  `;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", source], {
    cwd: folder,
    encoding: "utf8",
  });
  assert.deepEqual(JSON.parse(output), []);
});

for (const name of Object.keys(ENTRIES)) {
  test(`/${name} exports exactly the values of its types, with import and with require`, () => {
    const types = dist(`${name}.d.ts`);
    const declared = [...types.matchAll(/^export (?:declare )?(?:function|class|const|let) (\w+)/gm)];
    const names = [...new Set(declared.map(([, value]) => value))].sort();
    const required = requireFromPackage(`comfycontrol-runners/${name}`);
    for (const module of [ENTRIES[name], required]) {
      const found = Object.keys(module).filter((value) => value !== "default" && value !== "module.exports");
      assert.deepEqual(found.sort(), names);
    }
    assert.equal(dist(`${name}.d.cts`), types.replace('"./index.js"', '"./index.cjs"'));
  });
}

test("CommonJS: a key has the base URL of a CommonJS client", () => {
  const { ComfyControl } = requireFromPackage("comfycontrol-runners");
  const { runnersKey } = requireFromPackage("comfycontrol-runners/query");
  const client = new ComfyControl({ baseUrl: "https://api.test" });
  assert.equal(runnersKey(client)[1].baseUrl, "https://api.test");
});
