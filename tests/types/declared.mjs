// The values that a definition file declares to exist at run time, as the TypeScript compiler reads it.

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { API, SymbolFlags } from "typescript/unstable/sync";

const LIB = ["es2022", "dom", "dom.asynciterable", "esnext.disposable"];

/**
 * The values that a `.d.ts` exports, each with the methods and accessors that it declares for its instances. Types
 * are left out: they need not exist.
 *
 * @param {string} file - The path of the `.d.ts`.
 * @returns {Map<string, string[]>}
 */
export function declaredValues(file) {
  const path = realpathSync(file);
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "declared-"));
  const config = join(folder, "tsconfig.json");
  const compilerOptions = {
    module: "esnext",
    moduleResolution: "bundler",
    lib: LIB,
    types: [],
    noEmit: true,
  };
  writeFileSync(config, JSON.stringify({ compilerOptions, files: [path] }));
  const compiler = new API();
  try {
    const { program, checker } = compiler.updateSnapshot({ openProjects: [config] }).getProject(config);
    const exports = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(path)));
    const values = exports.filter(({ flags }) => flags & SymbolFlags.Value);
    return new Map(values.map((value) => [value.name, methods(value)]));
  } finally {
    compiler.close();
    rmSync(folder, { recursive: true });
  }
}

/** The methods and accessors of a class. Members named by a symbol, such as `[Symbol.dispose]`, begin with `__@`. */
function methods(symbol) {
  const members = [...symbol.getMembers().values()];
  const named = members.filter(
    ({ flags, name }) => flags & (SymbolFlags.Method | SymbolFlags.Accessor) && !name.startsWith("__@"),
  );
  return named.map(({ name }) => name);
}
