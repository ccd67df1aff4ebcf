// The package in another realm, such as a frame or the sandbox of a test runner.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import vm from "node:vm";

import { home } from "./package.mjs";

/** Runs the package in another realm, which has only globals that exist everywhere on the web. `prepare` runs first. */
export function anotherRealm(prepare = "") {
  const realm = vm.createContext({
    AbortController,
    TextDecoder,
    TextEncoder,
    performance,
    queueMicrotask,
    setTimeout,
    clearTimeout,
    URL,
  });
  vm.runInContext(prepare, realm);
  const loaded = new Map();
  const load = (name) => {
    if (loaded.has(name)) return loaded.get(name).exports;
    const module = { exports: {} };
    loaded.set(name, module);
    const run = vm.compileFunction(
      readFileSync(join(home, "dist", name), "utf8"),
      ["module", "exports", "require"],
      { parsingContext: realm },
    );
    run(module, module.exports, load);
    return module.exports;
  };
  return load("index.cjs");
}
