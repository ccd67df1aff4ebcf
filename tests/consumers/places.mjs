// Other environments: an extension, package managers with their own layouts, a single-file executable, and older
// browsers.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  HERE,
  NAME,
  POLICY,
  TOKEN,
  api,
  bin,
  chromium,
  extended,
  installed,
  listed,
  run,
  versionOf,
  serve,
  version,
} from "./kit.mjs";

/** A Chromium extension: its page, service worker and content script. */
const extension = {
  where: "Chromium extension, MV3",
  name: "popup, service worker, content script",
  run: async () => {
    const folder = "more/extension";
    const esbuild = bin(folder, "esbuild");
    const options = [
      "--bundle",
      "--outdir=dist",
      `--define:BASE_URL=${JSON.stringify(api.url)}`,
      `--define:TOKEN=${JSON.stringify(TOKEN)}`,
    ];
    await run(folder, esbuild, ["popup.js", "ask.js", "background.js", "--format=esm", ...options]);
    await run(folder, esbuild, ["content.js", "--format=iife", ...options]);
    const { origin, look, close } = await extended(join(HERE, folder));
    try {
      assert.deepEqual(await look(`${origin}/popup.html`), api.names, "popup");
      assert.deepEqual(await look(`${origin}/background.html`), api.names, "service worker");
      assert.deepEqual(await look(`${await serve(folder, POLICY)}/page.html`), api.names, "content script");
      // A content script is subject to the page's policy, and Chromium's error does not mention it.
      const [first, ...more] = await look(`${await serve(folder, "default-src 'self'")}/page.html`);
      assert.match(first, /^unsupported: .*policy.*'wasm-unsafe-eval'/i);
      assert.deepEqual(more, []);
    } finally {
      await close();
    }
  },
  version: () => versionOf(chromium(), "--version"),
};

/** Installs the tarball with another package manager in a new folder, and runs both kinds of modules there. */
function manager(name, tool, file, { files = {}, install, node }) {
  const check = async () => {
    const folder = mkdtempSync(join(tmpdir(), "consumer-"));
    try {
      const source = `listManagedRunners().then(({ runners }) => runners.forEach(({ name }) => console.log(name)));\n`;
      const all = {
        "package.json": '{ "name": "consumer", "private": true }\n',
        "list.mjs": `import { listManagedRunners } from "${NAME}";\n${source}`,
        "list.cjs": `const { listManagedRunners } = require("${NAME}");\n${source}`,
        ...files,
      };
      for (const [path, text] of Object.entries(all)) writeFileSync(join(folder, path), text);
      const program = join(installed("more/managers", tool), file);
      await run(folder, "node", [program, ...install, `${NAME}@file:${process.env.TARBALL}`]);
      for (const list of ["list.mjs", "list.cjs"])
        listed(await run(folder, "node", node ? [program, ...node, list] : [list]));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  return {
    where: "package manager",
    name: node ? `${name}, Plug'n'Play` : name,
    run: check,
    version: () => version("more/managers", tool),
  };
}

/** The Node.js that can build a single-file executable, if it could be installed. */
const builder = join(HERE, "more/node_modules/node-26/bin/node");

const sea = {
  where: "Node.js",
  name: "single executable application",
  full: existsSync(builder),
  run: async () => {
    const folder = "more/sea";
    await run(folder, bin(folder, "esbuild"), [
      "main.js",
      "--bundle",
      "--platform=node",
      "--outfile=dist/main.cjs",
    ]);
    await run(folder, builder, ["--build-sea", "sea-config.json"]);
    const program = join(HERE, folder, "dist/program");
    listed(await run(folder, program).finally(() => rmSync(program)));
  },
  version: () => versionOf(builder, "--version"),
};

/** The Python that has QtWebEngine, if it could be installed. */
const python = process.env.QTWEBENGINE;

/** A browser of 2022, as many apps and devices embed one. */
const old = {
  where: "Chromium 102, in QtWebEngine",
  name: "a page's module; ./slim, compiled while it arrives; ./testing",
  full: Boolean(python),
  more: false,
  run: async () => {
    assert(
      python,
      "name the Python with QtWebEngine in QTWEBENGINE, or run `cargo xtask test --all consumers`",
    );
    const url = await serve("browser");
    for (const page of ["index.html", "slim.html", "emulated.html"]) {
      const env = { QT_QPA_PLATFORM: "offscreen", QTWEBENGINE_DISABLE_SANDBOX: "1" };
      const { found, complaints, version } = JSON.parse(
        await run("more/qtwebengine", python, ["open.py", `${url}/${page}`], { env }),
      );
      assert.deepEqual({ page, found, complaints }, { page, found: api.names, complaints: [] });
      assert.match(version, /^102\./);
    }
  },
  version: () =>
    /PyQt6-WebEngine-Qt6==(.*)/.exec(
      readFileSync(join(HERE, "more/qtwebengine/requirements.txt"), "utf8"),
    )[1],
};

export const places = [
  extension,
  manager("pnpm", "pnpm", "bin/pnpm.mjs", { install: ["add", "--offline"] }),
  manager("yarn", "@yarnpkg/cli-dist", "bin/yarn.js", {
    files: {
      ".yarnrc.yml": "nodeLinker: pnp\nenableTelemetry: false\nenableGlobalCache: false\n",
      "yarn.lock": "",
    },
    install: ["add"],
    node: ["node"],
  }),
  sea,
  old,
];
