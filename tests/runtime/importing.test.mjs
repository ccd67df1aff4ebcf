// The import uses no global that a runtime may lack. An error names a missing global when a call needs it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import vm from "node:vm";

import { home } from "../package/support/package.mjs";
import { child } from "./support/child.mjs";

/** The globals of the language, which every engine that runs ES2020 has. */
const LANGUAGE = [
  "globalThis",
  "undefined",
  "NaN",
  "Infinity",
  "Object",
  "Function",
  "Array",
  "Number",
  "parseFloat",
  "parseInt",
  "Boolean",
  "String",
  "Symbol",
  "Date",
  "Promise",
  "RegExp",
  "Error",
  "AggregateError",
  "EvalError",
  "RangeError",
  "ReferenceError",
  "SyntaxError",
  "TypeError",
  "URIError",
  "JSON",
  "Math",
  "ArrayBuffer",
  "Uint8Array",
  "Int8Array",
  "Uint16Array",
  "Int16Array",
  "Uint32Array",
  "Int32Array",
  "Float32Array",
  "Float64Array",
  "Uint8ClampedArray",
  "BigUint64Array",
  "BigInt64Array",
  "DataView",
  "Map",
  "BigInt",
  "Set",
  "WeakMap",
  "WeakSet",
  "Proxy",
  "Reflect",
  "decodeURI",
  "decodeURIComponent",
  "encodeURI",
  "encodeURIComponent",
  "isFinite",
  "isNaN",
];
const FILES = ["index.cjs", "slim.cjs"];

/** Runs CommonJS files of the package in a realm that has no web globals but the given ones. */
function load(name, lent = {}, missing = []) {
  const realm = vm.createContext(lent);
  vm.runInContext(`for (const name of ${JSON.stringify(missing)}) delete globalThis[name];`, realm);
  const loaded = new Map();
  const require = (file) => {
    if (loaded.has(file)) return loaded.get(file).exports;
    const module = { exports: {} };
    loaded.set(file, module);
    const path = join(home, "dist", file);
    vm.compileFunction(readFileSync(path, "utf8"), ["module", "exports", "require"], {
      parsingContext: realm,
      filename: path,
    })(module, module.exports, require);
    return module.exports;
  };
  return require(name);
}

const web = () => {
  const own = Object.getOwnPropertyNames(globalThis).filter((name) => !LANGUAGE.includes(name));
  return Object.fromEntries(
    own
      .filter((name) => !["global", "process", "crypto", "navigator"].includes(name))
      .map((name) => [name, globalThis[name]]),
  );
};

suite("each global missing in turn", () => {
  for (const name of Object.keys(web())) {
    test(name, () => {
      const lent = web();
      delete lent[name];
      // A realm has some of its own.
      for (const file of FILES) assert.equal(typeof load(file, lent, [name]).ComfyControl, "function", file);
    });
  }
});

for (const file of FILES) {
  test(`${file} needs nothing but the language`, () => {
    const realm = Object.getOwnPropertyNames(vm.runInNewContext("globalThis"));
    assert.equal(
      typeof load(
        file,
        {},
        realm.filter((name) => !LANGUAGE.includes(name)),
      ).listManagedRunners,
      "function",
    );
  });
}

test("as ES modules: no global is even looked at", async () => {
  const [touched, names] = await child(`
    const language = new Set(${JSON.stringify(LANGUAGE)});
    const touched = new Set();
    for (const name of Object.getOwnPropertyNames(globalThis).filter((name) => !language.has(name))) {
      const value = globalThis[name];
      const look = () => {
        // Node's own loader looks at some, too.
        if (new Error().stack.includes("comfycontrol-runners")) touched.add(name);
        return value;
      };
      Object.defineProperty(globalThis, name, { get: look, set() {}, configurable: true });
    }
    const main = await import("comfycontrol-runners");
    const slim = await import("comfycontrol-runners/slim");
    const guard = main.isComfyControlError(new Error("x")) || slim.isComfyControlError(undefined);
    say([...touched]);
    say([typeof main.ComfyControl, typeof slim.initialize, guard]);
  `);
  assert.deepEqual(touched, []);
  assert.deepEqual(names, ["function", "function", false]);
});
