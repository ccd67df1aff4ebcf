// `redisLedger` accepts the types of the real clients.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { home } from "../package/support/package.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));

test("the types of the real clients fit, and nothing else does", () => {
  const project = mkdtempSync(join(tmpdir(), "ledger-types-"));
  try {
    const paths = {
      "comfycontrol-runners": [join(home, "dist/index.d.ts")],
      "comfycontrol-runners/redis": [join(home, "dist/redis.d.ts")],
    };
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      target: "es2022",
      lib: ["es2022", "dom"],
      module: "esnext",
      moduleResolution: "bundler",
      types: [],
      // The clients' types need those of Node.
      skipLibCheck: true,
      paths,
    };
    const config = join(project, "tsconfig.json");
    writeFileSync(config, JSON.stringify({ compilerOptions, files: [join(here, "types.ts")] }));
    const tsc = join(here, "node_modules/typescript/bin/tsc");
    const { stdout } = spawnSync(process.execPath, [tsc, "--project", config, "--pretty", "false"], {
      encoding: "utf8",
    });
    assert.equal(stdout, "");
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
});
