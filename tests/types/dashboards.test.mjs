// The parts for dashboards as TypeScript sees them in each framework: everything is inferred.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";

import { folder } from "../package/support/package.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const tsc = join(here, "node_modules/typescript/bin/tsc");

const STRICT = {
  strict: true,
  noEmit: true,
  target: "es2022",
  lib: ["es2022", "dom", "dom.iterable"],
  types: [],
  // Frameworks' own definitions are theirs to check; ours are, in callers.test.mjs.
  skipLibCheck: true,
  noUncheckedIndexedAccess: true,
  isolatedModules: true,
};
const EXACT = { exactOptionalPropertyTypes: true };
const BUNDLER = { module: "esnext", moduleResolution: "bundler" };
const NODENEXT = { module: "nodenext", moduleResolution: "nodenext" };

/** Compiles files of dashboards/, and others, beside the installed package; gives the compiler's complaints. */
async function compile(names, compilerOptions, others = {}) {
  const project = mkdtempSync(join(folder, "dashboards-"));
  try {
    cpSync(join(here, "dashboards"), project, { recursive: true });
    symlinkSync(join(here, "node_modules"), join(project, "node_modules"), "junction");
    for (const [name, text] of Object.entries(others)) writeFileSync(join(project, name), text);
    writeFileSync(join(project, "package.json"), '{ "type": "module" }');
    writeFileSync(
      join(project, "tsconfig.json"),
      JSON.stringify({
        compilerOptions: { ...STRICT, ...compilerOptions },
        files: [...names.map((name) => `${name}.ts`), ...Object.keys(others)],
      }),
    );
    return await new Promise((resolve) =>
      execFile(process.execPath, [tsc, "--project", project, "--pretty", "false"], (error, stdout, stderr) =>
        resolve(error ? stdout + stderr || String(error) : ""),
      ),
    );
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

const FRAMEWORKS = ["react", "vue", "svelte", "solid", "angular", "store", "schemas"];
for (const [what, options] of Object.entries({
  "moduleResolution bundler": BUNDLER,
  nodenext: NODENEXT,
  exactOptionalPropertyTypes: { ...BUNDLER, ...EXACT },
})) {
  suite(what, () => {
    for (const name of FRAMEWORKS)
      test(`${name}: types are inferred without annotations, and wrong calls do not compile`, async () => {
        assert.equal(await compile([name], options), "");
      });
  });
}

test("the check itself notices a type that is another one, or anything at all", async () => {
  const wrong = `
    import type { ManagedRunner } from "comfycontrol-runners";
    import { same } from "./equal.js";
    same<ManagedRunner | undefined, ManagedRunner>(true);
    same<any, ManagedRunner>(true);
  `;
  const said = await compile([], BUNDLER, { "wrong.ts": wrong });
  assert.match(said, /wrong\.ts\(4,.*TS2345/);
  assert.match(said, /wrong\.ts\(5,.*TS2345/);
});
