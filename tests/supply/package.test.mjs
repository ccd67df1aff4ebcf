// The tarball: installing it runs no script, and installs no other package.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { given, run } from "./kit.mjs";

const folder = mkdtempSync(join(tmpdir(), "supply-package-"));
after(() => rmSync(folder, { recursive: true }));

test("it installs as one package without scripts and without dependencies", () => {
  const { status, stderr } = run(
    "npm",
    ["install", "--offline", "--no-audit", "--no-fund", "--prefix", folder, given("TARBALL")],
    { shell: process.platform === "win32" },
  );
  assert.equal(status, 0, stderr);
  const { packages } = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8"));
  assert.deepEqual(Object.keys(packages), ["", "node_modules/comfycontrol-runners"]);
  const { version, resolved, integrity, license, engines, bin, ...more } =
    packages["node_modules/comfycontrol-runners"];
  assert.deepEqual(more, {}, "npm notes scripts and dependencies here");
  assert.deepEqual(bin, { "comfycontrol-runners": "dist/cli.js" }, "its one program");
});

test("its package.json asks for nothing and runs nothing", () => {
  const about = JSON.parse(
    readFileSync(join(folder, "node_modules/comfycontrol-runners/package.json"), "utf8"),
  );
  const known = [
    "name",
    "version",
    "description",
    "keywords",
    "license",
    "homepage",
    "bugs",
    "repository",
    "type",
    "bin",
    "sideEffects",
    "engines",
    "exports",
    "main",
    "module",
    "types",
    "unpkg",
    "jsdelivr",
    "typesVersions",
    "files",
    "publishConfig",
  ];
  assert.deepEqual(
    Object.keys(about).filter((name) => !known.includes(name)),
    [],
  );
});
