// The files of the package use only names and syntax that every wrapper and every supported runtime accepts, and
// short lines, so that stack traces are useful.

import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import vm from "node:vm";

import { parse } from "acorn";
import resolve from "resolve";
import ts from "typescript";

import { answer, memory, origin, refusal, RUNNER } from "../package/support/memory.mjs";
import { folder, home } from "../package/support/package.mjs";
import { thrown } from "../package/support/watch.mjs";
import { end } from "./support/child.mjs";

const dist = join(home, "dist");
const manifest = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
const names = readdirSync(dist).filter((name) => /\.(js|cjs|mjs)$/.test(name));
const read = (name) => readFileSync(join(dist, name), "utf8");
const sourceType = (name) =>
  name.endsWith(".cjs") || manifest.unpkg?.endsWith(`/${name}`) ? "script" : "module";
const tree = (name) => parse(read(name), { ecmaVersion: 2019, sourceType: sourceType(name) });

/** Names that module wrappers and hosts declare around a file, or reserve. */
const TAKEN = new Set([
  "module",
  "exports",
  "require",
  "process",
  "global",
  "globalThis",
  "self",
  "window",
  "document",
  "location",
  "define",
  "name",
  "top",
  "parent",
  "status",
  "__filename",
  "__dirname",
  "__esModule",
  "__webpack_require__",
  "__vite_ssr_exports__",
  "__vite_ssr_import_meta__",
  "jest",
  "vi",
  "Buffer",
  "setImmediate",
  "arguments",
]);

/** The names that a pattern declares. */
function* declared(pattern) {
  if (!pattern) return;
  if (pattern.type === "Identifier") yield pattern.name;
  for (const part of [
    ...(pattern.elements ?? []),
    ...(pattern.properties ?? []).map(({ value, argument }) => value ?? argument),
    pattern.left,
    pattern.argument,
  ])
    yield* declared(part);
}
/** All names that a file declares at its top level. */
function* topLevel({ body }) {
  for (const statement of body) {
    const declaration = statement.declaration ?? statement;
    for (const { id } of declaration.declarations ?? []) yield* declared(id);
    if (/^(Function|Class)Declaration$/.test(declaration.type) && declaration.id) yield declaration.id.name;
    for (const { local } of statement.type === "ImportDeclaration" ? statement.specifiers : [])
      yield local.name;
  }
}
/** Every node of a tree. */
function* nodes(node) {
  if (!node || typeof node !== "object") return;
  if (Array.isArray(node)) for (const one of node) yield* nodes(one);
  else if (typeof node.type === "string") {
    yield node;
    for (const value of Object.values(node)) yield* nodes(value);
  }
}

test("there are files to look at", () => {
  assert.ok(names.length >= 8, names.join());
});

for (const name of names) {
  suite(name, () => {
    test(
      "is ES2019, which webpack 4 reads",
      { skip: name === "cli.js" && "the command runs in Node.js 20 or later" },
      () => {
        tree(name);
      },
    );

    test("declares no top-level name that a wrapper of modules may use", () => {
      const program = parse(read(name), { ecmaVersion: "latest", sourceType: sourceType(name) });
      assert.deepEqual(
        [...topLevel(program)].filter((declaration) => TAKEN.has(declaration)),
        [],
      );
    });

    test("has lines that can be read in a stack trace, but for the module's bytes", () => {
      const long = read(name)
        .split("\n")
        .filter((line) => line.length > 500);
      const data = long.filter((line) => line.length > 20_000);
      assert.deepEqual(
        long.filter((line) => !data.includes(line)).map((line) => `${line.slice(0, 40)}… ${line.length}`),
        [],
      );
      assert.ok(data.length <= 1, `${data.length} lines of data`);
      // That line has only data: without its string literals, only declarations are left.
      const code = data.map((line) => line.replace(/(["'`])(?:\\.|(?!\1)[^\\])*\1/g, "").trim());
      assert.ok(
        code.every((line) => line.length <= 80),
        code.map((line) => line.slice(0, 200)).join("\n"),
      );
    });

    test("calls super in a statement of its own, as compilers for older engines ask for", () => {
      const program = parse(read(name), { ecmaVersion: "latest", sourceType: sourceType(name) });
      const calls = (node) =>
        [...nodes(node)].filter(({ type, callee }) => type === "CallExpression" && callee.type === "Super")
          .length;
      const own = [...nodes(program)].filter(
        ({ type, expression }) =>
          type === "ExpressionStatement" &&
          expression.type === "CallExpression" &&
          expression.callee.type === "Super",
      ).length;
      assert.equal(calls(program), own);
    });
  });
}

/** Every file of the package, converted by TypeScript or SWC to CommonJS for an older engine. */
function convertedTo(target) {
  const folder = mkdtempSync(join(tmpdir(), "converted-"));
  after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "dist"));
  const options = {
    module: ts.ModuleKind.CommonJS,
    target,
    esModuleInterop: true,
    allowJs: true,
    downlevelIteration: true,
  };
  for (const name of ["index.js", "client.js", ...names].filter(
    (name) => name.endsWith(".js") && existsSync(join(dist, name)),
  )) {
    writeFileSync(
      join(folder, "dist", name),
      ts.transpileModule(read(name), { compilerOptions: options, fileName: name }).outputText,
    );
  }
  writeFileSync(join(folder, "package.json"), '{ "type": "commonjs" }');
  return createRequire(join(folder, "entry.js"))("./dist/index.js");
}

for (const target of ["ES2022", "ES2017", "ES5"]) {
  test(`converted to CommonJS and ${target}, the package works`, async () => {
    const { ComfyControl, isComfyControlError, listManagedRunners } = convertedTo(ts.ScriptTarget[target]);
    const options = {
      fetch: memory((url) => answer(url.includes("?") ? { runners: [RUNNER], total: 1 } : RUNNER)).fetch,
      baseUrl: origin(),
    };
    assert.equal((await listManagedRunners(options)).runners[0].name, RUNNER.name);
    const client = new ComfyControl(options);
    assert.equal((await client.collectManagedRunners()).runners.length, 1);
    let met = 0;
    for await (const runner of client.iterateManagedRunners()) met += runner.name === RUNNER.name ? 1 : 0;
    for await (const { runners } of client.watchManagedRunners()) {
      met += runners.length;
      break;
    }
    assert.equal(met, 2);
    const error = await thrown(listManagedRunners({ ...options, fetch: async () => refusal(404) }));
    assert.ok(isComfyControlError(error, "not_found"), String(error));
    assert.equal(error.status, 404);
  });
}

test("an error that nobody catches prints its message, and not the package's source", async () => {
  for (const [type, load] of [
    ["module", 'import { listManagedRunners } from "comfycontrol-runners";'],
    [
      "commonjs",
      'const { listManagedRunners } = require("./node_modules/comfycontrol-runners/dist/index.cjs");',
    ],
  ]) {
    const { code, stderr } = await end(`${load} listManagedRunners({ page: 0 });`, { type });
    assert.equal(code, 1);
    assert.match(stderr, /page: expected an integer/);
    assert.ok(stderr.length < 4000, `${stderr.length} characters`);
    assert.ok(
      stderr.split("\n").every((line) => line.length <= 500),
      type,
    );
  }
});

test("resolvers that do not know `exports` find ./slim, as eslint-plugin-import's does", () => {
  for (const name of ["comfycontrol-runners", "comfycontrol-runners/slim"]) {
    const found = resolve.sync(name, {
      basedir: realpathSync(folder),
      extensions: [".js", ".cjs", ".mjs", ".json"],
    });
    assert.match(found, name.endsWith("slim") ? /slim/ : /index\.cjs$/);
  }
});

test("one file for a classic script has everything under one global, and CDNs are told of it", async () => {
  assert.equal(typeof manifest.unpkg, "string", "package.json names no `unpkg`");
  assert.equal(manifest.jsdelivr, manifest.unpkg);
  const {
    AbortController,
    Response,
    TextDecoder,
    TextEncoder,
    performance,
    queueMicrotask,
    setTimeout,
    clearTimeout,
  } = globalThis;
  const realm = vm.createContext({
    AbortController,
    Response,
    TextDecoder,
    TextEncoder,
    performance,
    queueMicrotask,
    setTimeout,
    clearTimeout,
    URL,
    RUNNER,
  });
  const before = new Set(vm.runInContext("Object.getOwnPropertyNames(globalThis)", realm));
  vm.runInContext(readFileSync(join(home, manifest.unpkg), "utf8"), realm);
  const added = vm
    .runInContext("Object.getOwnPropertyNames(globalThis)", realm)
    .filter((name) => !before.has(name));
  assert.equal(added.length, 1, added.join());
  const library = vm.runInContext(added[0], realm);
  const main = createRequire(join(folder, "entry.mjs"))(join(dist, "index.cjs"));
  assert.deepEqual(Object.keys(library).sort(), Object.keys(main).sort());
  const page = await library.listManagedRunners({
    fetch: async () => answer({ runners: [RUNNER], total: 1 }),
    baseUrl: origin(),
  });
  assert.equal(page.runners[0].name, RUNNER.name);
});

test("workerd's entry imports the module as edge builds take it", () => {
  assert.ok(/from ?"\.\/core\.wasm\?module"/.test(read("workerd.js")), "it imports ./core.wasm?module");
});
