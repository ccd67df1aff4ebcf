// Checks the documents against the repository and the package: paths and commands exist, and no option or
// code is missing.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";

import { ComfyControl, getManagedRunner, home, listManagedRunners } from "./support/package.mjs";
import { thrown } from "./support/watch.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: ROOT,
  encoding: "utf8",
});
const files = listed.trim().split("\n");
const documents = files.filter((file) => file.endsWith(".md"));
const read = (file) => readFileSync(join(ROOT, file), "utf8");

/** Whether a file, a folder or a pattern with `*` is in the repository. */
function exists(path) {
  const pattern = path.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/\*/g, "[^/]*");
  const found = new RegExp(`^${pattern.replace(/\/$/, "")}(/|$)`);
  return files.some((file) => found.test(file));
}

/** What is built. */
const BUILT = /^pkg\/dist/;

suite("paths and commands", () => {
  const FOLDERS = [...new Set(files.filter((file) => file.includes("/")).map((file) => file.split("/")[0]))];
  const PATH = new RegExp(
    `(?<![\\w./-])(?:${FOLDERS.map((name) => name.replace(".", "\\.")).join("|")})/[\\w./*-]*[\\w/*]`,
    "g",
  );

  for (const file of documents) {
    test(`${file}: every path that it names exists`, () => {
      const code = read(file).match(/```[^]*?```|`[^`]+`/g) ?? [];
      const paths = code.flatMap((part) => part.match(PATH) ?? []).filter((path) => !BUILT.test(path));
      assert.deepEqual(
        paths.filter((path) => !exists(path) && !exists(join(dirname(file), path))),
        [],
      );
    });

    test(`${file}: every link into the repository leads somewhere`, () => {
      const targets = [...read(file).matchAll(/\]\(([^)#]+)|(?:src|srcset)="([^"]+)"/g)].map(
        ([, link, image]) => link ?? image,
      );
      const inside = targets.filter((target) => !/^(https?:|mailto:)/.test(target));
      assert.deepEqual(
        inside.filter((target) => !exists(join(dirname(file), target))),
        [],
      );
    });

    test(`${file}: every command and kind of test that it names exists`, () => {
      const known = [...read("xtask/src/main.rs").matchAll(/^ {4}([A-Z][a-z]+)(?:\(\w+::Arguments\))?,$/gm)];
      const commands = known.map(([, name]) => name.toLowerCase());
      const kinds = [...read("xtask/src/test/kinds.rs").matchAll(/^ +name: "(.*)",$/gm)].map(
        ([, name]) => name,
      );
      assert.ok(commands.includes("test") && kinds.includes("rust"));
      const named = [...read(file).matchAll(/\bcargo xtask ([a-z][^`\n#]*(?:\n[a-z-]+)?)/g)].map(
        ([, rest]) => rest,
      );
      const unknown = named.flatMap((rest) => {
        const [command, ...more] = rest.trim().split(/\s+/);
        const words = command === "test" ? more.filter((word) => /^[a-z][a-z-]*$/.test(word)) : [];
        return [
          ...(commands.includes(command) ? [] : [command]),
          ...words.filter((word) => !kinds.includes(word)),
        ];
      });
      assert.deepEqual(unknown, []);
    });
  }
});

test("paths in comments exist", () => {
  const sources = files.filter((file) => /\.(rs|m?js|toml|css)$/.test(file));
  const wrong = sources.flatMap((file) => {
    const named = [...read(file).matchAll(/`([\w.-]+\/[\w./*-]+)`/g)].map(([, path]) => path);
    const inside = named.filter((path) => files.some((file) => file.startsWith(`${path.split("/")[0]}/`)));
    return inside.filter((path) => !BUILT.test(path) && !exists(path)).map((path) => `${file}: ${path}`);
  });
  assert.deepEqual(wrong, []);
});

/** The rows of a table of the README, below a heading: their cells. */
function table(heading) {
  const section = read("README.md").split(`\n## ${heading}\n`)[1].split("\n## ")[0];
  const rows = section.split("\n").filter((line) => line.startsWith("| `"));
  return rows.map((row) =>
    row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
const types = readFileSync(join(home, "dist/index.d.ts"), "utf8");

suite("options", () => {
  const rows = table("Options").map(([option, of, , about]) => ({
    name: option.slice(1, -1),
    of: of.split(", "),
    about,
  }));
  /** The options of some kinds, by the README. */
  const documented = (...kinds) =>
    rows.filter(({ of }) => of.some((kind) => kinds.includes(kind))).map(({ name }) => name);
  /** The members of an interface of the types, inherited ones included. */
  function declared(name) {
    const [, parents = "", body] = new RegExp(
      `export interface ${name}(?: extends (\\w+))? {\n([^]*?)\n}`,
    ).exec(types);
    const own = [...body.matchAll(/^ {4}(\w+)\?:/gm)].map(([, member]) => member);
    return [...(parents ? declared(parents) : []), ...own];
  }
  const client = new ComfyControl({ token: "cfc_x" });
  const ID = "018f9c3e-0000-7000-8000-00000000000a";
  const CALLS = {
    "new ComfyControl": {
      call: async (options) => new ComfyControl(options),
      kinds: ["client"],
      types: ["ClientOptions"],
    },
    listManagedRunners: {
      call: listManagedRunners,
      kinds: ["every call", "list", "client"],
      types: ["ListOptions", "ClientOptions"],
    },
    getManagedRunner: {
      call: (options) => getManagedRunner(ID, options),
      kinds: ["every call", "client"],
      types: ["RequestOptions", "ClientOptions"],
    },
    "a client's listManagedRunners": {
      call: (options) => client.listManagedRunners(options),
      kinds: ["every call", "list"],
      types: ["ListOptions"],
    },
    collectManagedRunners: {
      call: (options) => client.collectManagedRunners(options),
      kinds: ["every call", "iterate"],
      types: ["IterateOptions"],
    },
    watchManagedRunners: {
      call: async (options) => client.watchManagedRunners(options),
      kinds: ["every call", "watch"],
      types: ["WatchOptions"],
    },
  };
  const sorted = (names) => [...new Set(names)].sort();

  for (const [name, { call, kinds, types }] of Object.entries(CALLS)) {
    test(`${name}: the types, the README and the package name the same options`, async () => {
      const { message } = await thrown(call({ zzzzzzzzzzzz: 1 }));
      const accepted = /known options are (.*) \(comfycontrol/.exec(message)[1].split(", ");
      assert.deepEqual(sorted(types.flatMap(declared)), sorted(accepted), "the types");
      assert.deepEqual(sorted(documented(...kinds)), sorted(accepted), "the README");
    });

    test(`${name}: the README says the range of each number`, async () => {
      for (const option of documented(...kinds)) {
        const { message } = await thrown(call({ [option]: -0.5 }));
        const range = /from (\d+ to \d+), got -0\.5/.exec(message)?.[1];
        const { about } = rows.find(
          (row) => row.name === option && row.of.some((kind) => kinds.includes(kind)),
        );
        if (range) assert.ok(about.includes(range), `${option}: ${range}`);
      }
    });
  }
});

test("the README has a line for each code of the types", () => {
  const codes = /export type ErrorCode = (.*);/
    .exec(types)[1]
    .split(" | ")
    .map((code) => code.slice(1, -1));
  assert.deepEqual(
    table("Errors").map(([code]) => code.slice(1, -1)),
    codes,
  );
});

suite("the README says what surroundings need", () => {
  // As it reads, without its line breaks.
  const readme = read("README.md").replace(/\s+/g, " ");

  test("the policy of a page is the one that the consumers' pages have", () => {
    const policy = "script-src 'self' 'wasm-unsafe-eval'";
    assert.ok(readme.includes(policy));
    assert.ok(read("tests/consumers/kit.mjs").includes(policy));
  });

  test("the line of an extension's manifest is that of the consumers' extension", () => {
    const manifest = read("tests/consumers/more/extension/manifest.json");
    const [line] = /"content_security_policy": \{.*\}/.exec(manifest);
    assert.ok(readme.includes(line));
  });

  test("the oldest browsers, React Native, and what cannot be mended", () => {
    for (const said of [
      "| Chrome, Edge | 96 or later; before 115, see below |",
      "| React Native | not in the app: Hermes has no WebAssembly.",
      "`allowInsecureToken: true`",
      "Detach what you keep: `structuredClone(runner)`",
      "**Two copies.**",
      "**Clocks.**",
    ])
      assert.ok(readme.includes(said), said);
  });
});
