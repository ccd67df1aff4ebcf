// Runs the code of docs/dashboards.md that needs no browser. tests/consumers/dashboards.mjs runs the code of the
// frameworks.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { home } from "./support/package.mjs";

const HERE = fileURLToPath(new URL("./", import.meta.url));
const GUIDES = join(HERE, "guides");
const DOCUMENT = readFileSync(join(HERE, "../../docs/dashboards.md"), "utf8");

/** Code blocks with a path after their language: `{ "node/store.test.mjs": text }`. */
const BLOCKS = Object.fromEntries(
  [...DOCUMENT.matchAll(/^```\w+(.*)\n([\s\S]*?)^```$/gm)].map(([, path, text]) => [path.trim(), text]),
);
const NODE_BLOCKS = Object.keys(BLOCKS).filter((path) => path.startsWith("node/"));

before(() => {
  rmSync(GUIDES, { recursive: true, force: true });
  for (const path of NODE_BLOCKS) {
    mkdirSync(dirname(join(GUIDES, path)), { recursive: true });
    writeFileSync(join(GUIDES, path), BLOCKS[path]);
  }
  const installed = join(HERE, "node_modules/comfycontrol-runners");
  rmSync(installed, { recursive: true, force: true });
  cpSync(home, installed, { recursive: true });
});
after(() => rmSync(GUIDES, { recursive: true, force: true }));

test("every block runs: here, or as part of a framework's dashboard", () => {
  const dashboards = readFileSync(join(HERE, "../consumers/dashboards.mjs"), "utf8");
  const frameworks = [...dashboards.matchAll(/(?:dashboard\("[^"]+", |writeGuide\()"(\w+)"/g)].map(
    ([, name]) => name,
  );
  assert.ok(frameworks.includes("react"));
  const unknown = Object.keys(BLOCKS).filter((path) => {
    const [folder, file] = path.split("/");
    return file !== undefined ? folder !== "node" && !frameworks.includes(folder) : path !== "client.js";
  });
  assert.deepEqual(unknown, []);
  assert.ok(NODE_BLOCKS.length >= 2);
});

for (const path of NODE_BLOCKS) {
  test(path, async () => {
    const { NODE_TEST_CONTEXT, NODE_OPTIONS, ...env } = process.env;
    const output = await new Promise((resolve, reject) =>
      execFile(
        process.execPath,
        ["--test", "--test-reporter=tap", path],
        { cwd: GUIDES, env },
        (error, stdout, stderr) => (error ? reject(new Error(stdout + stderr)) : resolve(stdout)),
      ),
    );
    assert.match(output, /^# pass [1-9]/m);
    assert.match(output, /^# fail 0/m);
  });
}

test("the tables name every function, every option of the store and every status", () => {
  const types = (name) => readFileSync(join(home, "dist", `${name}.d.ts`), "utf8");
  const functions = [...types("query").matchAll(/^export function (\w+)/gm)].map(([, name]) => name);
  const named = (name) => new RegExp(`^\\| \`${name}[\`(]`, "m").test(DOCUMENT);
  const options = [...types("store").matchAll(/^ {2,4}(\w+)\??: .*undefined;|^ {2}(storage|account): /gm)]
    .map(([, name, other]) => name ?? other)
    .filter((name) => name !== "next");
  const [, union] = /readonly status: (.*);/.exec(types("store"));
  const statuses = union.split(" | ").map((text) => text.slice(1, -1));
  assert.ok(functions.length === 5 && options.includes("maxAge") && statuses.length === 4);
  assert.deepEqual(
    [...functions, ...options, ...statuses].filter((name) => !named(name)),
    [],
  );
});
