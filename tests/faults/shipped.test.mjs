// The published package cannot panic on command.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { home } from "../package/support/package.mjs";

const exported = (file) =>
  WebAssembly.Module.exports(new WebAssembly.Module(readFileSync(file))).map(({ name }) => name);

test("the shipped module has no way to arm a panic, while the one of the tests has", () => {
  const shipped = exported(join(home, "dist/core.wasm"));
  const tested = exported(
    join(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "../../target/traps/dist/core.wasm"),
  );
  assert.ok(tested.includes("armTrap"));
  assert.deepEqual(
    shipped.filter((name) => /trap/i.test(name)),
    [],
  );
  assert.ok(shipped.length > 5);
});

test("no file of the package names it", () => {
  for (const file of readdirSync(join(home, "dist")))
    assert.ok(!readFileSync(join(home, "dist", file), "latin1").includes("armTrap"), file);
});

test("the shipped module names no folder of the machine that built it", () => {
  const module = readFileSync(join(home, "dist/core.wasm"), "latin1");
  for (const text of ["/home/", "/root/", "/Users/", "/usr/", ".cargo/registry", ".rustup"])
    assert.ok(!module.includes(text), text);
});
