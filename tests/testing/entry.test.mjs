// The entry itself: importing it does nothing, it does not make the other entries larger, and it runs in the same
// runtimes.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import vm from "node:vm";

import { build } from "esbuild";

import { serve, startChromium } from "./support/browser.mjs";
import {
  ComfyControl,
  createEmulator,
  folder,
  home,
  importFromPackage,
  requireFromPackage,
  testing,
} from "./support/package.mjs";

const HERE = fileURLToPath(new URL("./", import.meta.url));
const dist = (name) => readFileSync(join(home, "dist", name), "utf8");

/** Records in a child process which globals the entry reads. */
const WATCH_GLOBALS = `
  const read = new Set();
  // The function that reads a global is two frames up.
  const reader = () => new Error().stack.split("\\n")[3];
  const names = "WebAssembly TextDecoder TextEncoder FinalizationRegistry Response Request Headers ReadableStream URL atob fetch setTimeout Date";
  for (const name of names.split(" ")) {
    const value = globalThis[name];
    Object.defineProperty(globalThis, name, { get: () => (reader()?.includes("dist/testing") && read.add(name), value) });
  }
  const report = () => console.log(JSON.stringify([...read]));
`;
for (const [what, type, load] of [
  ["an ES module", "module", 'await import("comfycontrol-runners/testing")'],
  ["CommonJS", "commonjs", 'require("./node_modules/comfycontrol-runners/dist/testing.cjs")'],
]) {
  test(`as ${what}, importing reads no global, and the first call compiles`, () => {
    const source = `${WATCH_GLOBALS} const { createEmulator } = ${load}; report(); createEmulator(); report();`;
    const output = execFileSync(process.execPath, [`--input-type=${type}`, "-e", source], {
      cwd: folder,
      encoding: "utf8",
    });
    const [imported, called] = output
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(imported, []);
    assert.ok(called.includes("WebAssembly"));
  });
}

test("works in CommonJS, by its name", async () => {
  const { createEmulator, fakeRunners } = requireFromPackage("comfycontrol-runners/testing");
  const { ComfyControl } = requireFromPackage("comfycontrol-runners");
  const api = createEmulator({ runners: fakeRunners(7) });
  assert.equal((await new ComfyControl({ ...api.clientOptions }).listManagedRunners()).total, 7);
});

test("every value that its types export exists, and no other", () => {
  for (const [types, values] of [
    ["testing.d.ts", testing],
    ["testing.d.cts", requireFromPackage("comfycontrol-runners/testing")],
  ]) {
    const declared = [
      ...dist(types).matchAll(/^export (?:declare )?(?:function|class|const|let) (\w+)/gm),
    ].map(([, name]) => name);
    assert.deepEqual(
      declared.sort(),
      Object.keys(values)
        .filter((name) => name !== "default" && name !== "module.exports")
        .sort(),
    );
  }
});

for (const name of ["tabs", "ledger"]) {
  test(`./${name} as well: in CommonJS, with the exports of its types, and nothing happens at import`, async () => {
    const values = await importFromPackage(`comfycontrol-runners/${name}`);
    const exported = Object.keys(values).filter((name) => !/^(default|module\.exports)$/.test(name));
    assert.deepEqual(Object.keys(requireFromPackage(`comfycontrol-runners/${name}`)), exported);
    for (const types of [`${name}.d.ts`, `${name}.d.cts`]) {
      const declared = [...dist(types).matchAll(/^export function (\w+)/gm)].map(([, name]) => name);
      assert.deepEqual(declared, exported, types);
    }
    for (const file of [`${name}.js`, `${name}.cjs`]) {
      // In a realm without a single global of a host.
      const code = dist(file).replace(/^export \{[^}]*\};$/m, "");
      vm.runInNewContext(code, { module: {} });
    }
  });
}

test("tabsLedger names a wrong option", async () => {
  const { tabsLedger } = await importFromPackage("comfycontrol-runners/tabs");
  for (const name of ["", 5, null])
    assert.throws(() => tabsLedger({ name }), /^TypeError: tabsLedger: name: /);
});

/** Bundles an app that imports these names of the main entry. `plugins` may change the package's files. */
async function bundle(names, options) {
  const contents = `import { ${names} } from "comfycontrol-runners"; console.log(${names});`;
  const stdin = { contents, resolveDir: folder };
  return build({ stdin, bundle: true, format: "esm", write: false, metafile: true, ...options });
}

/** The names in the braces of a file's imports from `from`, or of its exports. */
const namesIn = (file, from) =>
  [...dist(file).matchAll(from ? /import \{([^}]*)\} from "([^"]+)";/g : /export \{([^}]*)\};/g)]
    .filter(([, , source]) => source === from)
    .flatMap(([, names]) => names.split(","))
    .map((name) => (from ? name.replace(/ as .*/, "") : name.replace(/.* as /, "")).trim());

test("an app that does not import it is the same to the byte as without it", async () => {
  const files = ["index.js", "slim.js", "workerd.js", "edge-light.js", "query.js", "store.js"];
  for (const name of [...files, "client.js", "error.js", "global.js"]) {
    const ofOthers =
      /createEmulator|emulator-|fakeRunner|ledgerConformance|tabsLedger\(|createLedger|indexedDB|redisLedger|evalsha/;
    assert.ok(!ofOthers.test(dist(name)), name);
  }

  // What the shared file exports for the entry alone.
  const used = new Set(files.flatMap((file) => [...namesIn(file, "./client.js"), ...namesIn(file)]));
  const imported = namesIn("testing.js", "./client.js");
  const ofTesting = imported.filter((name) => !used.has(name));
  assert.deepEqual([imported, ofTesting], [["forget"], ["forget"]]);
  const names = namesIn("index.js");
  const readable = await bundle(names);
  const inputs = Object.keys(readable.metafile.inputs).filter((name) => name.includes("dist/"));
  assert.deepEqual(inputs.map((name) => name.replace(/.*dist\//, "")).sort(), [
    "client.js",
    "error.js",
    "index.js",
  ]);
  for (const name of ofTesting) {
    assert.ok(!new RegExp(`\\b${name}\\b`).test(readable.outputFiles[0].text), `${name} is in the app`);
  }

  // The same app with a shared file that has never heard of the entry.
  const contents = ofTesting.reduce((text, name) => {
    const parts = [new RegExp(`^function ${name}\\(.*?^}\\n`, "ms"), new RegExp(`^ {2}${name},?\\n`, "m")];
    return parts.reduce((text, part) => (assert.match(text, part), text.replace(part, "")), text);
  }, dist("client.js"));
  const without = {
    name: "a package without ./testing",
    setup({ onLoad }) {
      onLoad({ filter: /dist.client\.js$/ }, ({ path }) => ({ contents, resolveDir: dirname(path) }));
    },
  };
  const same = await bundle(names, { plugins: [without] });
  assert.ok(same.outputFiles[0].text === readable.outputFiles[0].text);
  // For short names, esbuild prefers letters that are frequent in all files: those may differ.
  const sizes = [[], [without]].map(async (plugins) => {
    const { outputFiles } = await bundle(names, { minify: true, plugins });
    return outputFiles[0].contents.length;
  });
  assert.equal(await sizes[0], await sizes[1]);

  // An export of the module that the app does not call is there for somebody else. `__` begins wasm-bindgen's own.
  const core = new WebAssembly.Module(readFileSync(join(home, "dist/core.wasm")));
  for (const { name } of WebAssembly.Module.exports(core)) {
    if (name.startsWith("__")) continue;
    assert.ok(readable.outputFiles[0].text.includes(`wasm.${name}`), `nothing calls ${name} of core.wasm`);
  }
});

test("an emulator kept in reactive state works through a proxy, and copies of its options too", async () => {
  const deep = (object) =>
    new Proxy(object, {
      get: (target, name) => {
        const value = Reflect.get(target, name);
        return typeof value === "object" && value !== null ? deep(value) : value;
      },
    });
  const api = deep(createEmulator({ runners: 3 }));
  api.clock.advance(5);
  api.add();
  assert.equal((await new ComfyControl({ ...api.clientOptions }).listManagedRunners()).total, 4);
});

test("many emulators take no memory once nobody holds them", async () => {
  const script = `
    import { createEmulator } from "comfycontrol-runners/testing";
    import { setImmediate } from "node:timers/promises";
    const used = () => process.memoryUsage().rss / 1e6;
    const round = async () => {
      for (let time = 0; time < 100; time += 1) createEmulator({ runners: 200 });
      for (let time = 0; time < 5; time += 1) { global.gc(); await setImmediate(); }
    };
    await round(); await round();
    const before = used();
    for (let time = 0; time < 4; time += 1) await round();
    console.log(used() - before);
  `;
  const output = execFileSync(process.execPath, ["--expose-gc", "--input-type=module", "-e", script], {
    cwd: folder,
    encoding: "utf8",
  });
  assert.ok(Number(output) < 15, `${output} MB more`);
});

test("runs in Chromium under a strict policy", async () => {
  const server = await serve(join(home, "dist"), join(HERE, "pages"));
  const browser = await startChromium();
  try {
    const page = await browser.newPage();
    await page.goto(`${server.url}/empty.html`);
    const seen = await page.evaluate(async () => {
      const { createEmulator } = await import("/testing.js");
      const { ComfyControl } = await import("/index.js");
      const api = createEmulator({ runners: 250 });
      const client = new ComfyControl({ ...api.clientOptions, maxRetries: 0, timeout: 50 });
      const { total } = await client.listManagedRunners();
      const codes = [];
      for (const fault of [
        { cut: "mid-body" },
        { stall: "after-headers" },
        { truncate: "mid-body" },
        { html: true, status: 502 },
      ]) {
        api.failNext(fault);
        codes.push(await client.listManagedRunners().catch(({ code }) => code));
      }
      return { total, codes, outcomes: api.requests.map(({ outcome }) => outcome) };
    });
    assert.deepEqual(seen, {
      total: 250,
      codes: ["connection_failed", "timeout", "invalid_response", "server_error"],
      outcomes: ["sent", "cut", "aborted", "sent", "sent"],
    });
  } finally {
    await browser.close();
    server.stop();
  }
});

const STRICT = {
  strict: true,
  noEmit: true,
  target: "es2022",
  lib: ["es2022", "dom"],
  types: [],
  exactOptionalPropertyTypes: true,
};
for (const [what, extension, compilerOptions] of [
  ["an ES module", ".mts", { module: "nodenext", moduleResolution: "nodenext" }],
  ["CommonJS", ".cts", { module: "nodenext", moduleResolution: "nodenext" }],
  ["bundler resolution", ".ts", { module: "esnext", moduleResolution: "bundler" }],
]) {
  test(`its types hold in ${what}`, () => {
    const project = mkdtempSync(join(folder, "testing-types-"));
    try {
      writeFileSync(join(project, `use${extension}`), readFileSync(join(HERE, "types.ts"), "utf8"));
      const config = { compilerOptions: { ...STRICT, ...compilerOptions }, files: [`use${extension}`] };
      writeFileSync(join(project, "tsconfig.json"), JSON.stringify(config));
      const tsc = createRequire(import.meta.url)
        .resolve("typescript/package.json")
        .replace("package.json", "bin/tsc");
      execFileSync(process.execPath, [tsc, "--project", project, "--pretty", "false"], {
        stdio: "pipe",
        encoding: "utf8",
      });
    } catch (error) {
      assert.fail(error.stdout || error);
    } finally {
      rmSync(project, { recursive: true, force: true });
    }
  });
}
