// Help, the version, and how the command is installed.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { parseArguments } from "../../js/cli/arguments.js";
import { COMMANDS, optionsOf } from "../../js/cli/command-table.js";
import { folder, home } from "../package/support/package.mjs";
import { run, shell } from "./support/command.mjs";

const manifest = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));

test("npx runs it by the name of the package", async () => {
  const { code, stdout, stderr } = await shell(
    `cd ${folder} && npx --offline comfycontrol-runners --version`,
  );
  assert.deepEqual([code, stdout, stderr], [0, `${manifest.version}\n`, ""]);
});

test("it is a file of Node that brings no dependency", () => {
  assert.equal(manifest.bin["comfycontrol-runners"].replace("./", ""), "dist/cli.js");
  assert.equal(manifest.dependencies, undefined);
  const text = readFileSync(join(home, "dist", "cli.js"), "utf8");
  assert.ok(text.startsWith("#!/usr/bin/env node\n"));
  const imports = [...text.matchAll(/(?:[}\s]from|import\()\s*"([^"]+)"/g)].map(([, name]) => name);
  assert.ok(imports.length > 0);
  for (const name of imports) assert.match(name, /^(?:node:|comfycontrol-runners(?:\/testing)?$)/);
});

test("help goes to standard output, and names every command", async () => {
  for (const args of [[], ["--help"], ["help"], ["-h"]]) {
    const { code, stdout, stderr } = await run(args);
    assert.deepEqual([code, stderr], [0, ""]);
    for (const [name, { about }] of Object.entries(COMMANDS))
      assert.ok(stdout.includes(`  ${name.padEnd(10)}  ${about}\n`), name);
    assert.match(stdout, /COMFYCONTROL_TOKEN/);
  }
});

for (const name of Object.keys(COMMANDS)) {
  test(`${name} --help has its options and examples, and the examples are right use`, async () => {
    const { code, stdout, stderr } = await run([name, "--help"]);
    assert.deepEqual([code, stderr], [0, ""]);
    for (const option of optionsOf(name)) assert.match(stdout, new RegExp(`^  (?:-h, )?--${option}\\b`, "m"));
    const [text] = stdout.split("\nExamples:");
    for (const line of text.split("\n")) assert.ok(line.length <= 86, line);
    const examples = [...stdout.matchAll(/^  comfycontrol-runners (.*)$/gm)].map(([, example]) =>
      example.replace(/ [|>].*/, ""),
    );
    assert.ok(examples.length > 0);
    for (const example of examples) assert.equal(parseArguments(example.split(" ")).command, name);
    assert.equal((await run(["help", name])).stdout, stdout);
  });
}

test("--help works whatever else is wrong", async () => {
  assert.equal((await run(["list", "--per_page", "--help"])).code, 0);
});
