// Runs the code of docs/testing.md, unchanged, in projects with the tools that it is for.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

import { build } from "esbuild";

import { serve, startChromium } from "./support/browser.mjs";
import { home } from "./support/package.mjs";

const HERE = fileURLToPath(new URL("./", import.meta.url));
const GUIDES = join(HERE, "guides");
const DOCUMENT = readFileSync(join(HERE, "../../docs/testing.md"), "utf8");

/** Blocks with a path behind their language: `{ "node/quick-start.test.mjs": text }`. */
const BLOCKS = Object.fromEntries(
  [...DOCUMENT.matchAll(/^```js(.*)\n([\s\S]*?)^```$/gm)].map(([, path, text]) => [path.trim(), text]),
);

/** Files that the guides leave to their readers. */
const OURS = {
  "support.mjs": `
    import { after } from "node:test";
    import { startChromium } from "../support/browser.mjs";
    export async function openPage() {
      const browser = await startChromium();
      after(() => browser.close());
      return browser.newPage();
    }
  `,
  "jest/package.json": '{ "name": "jest-guide", "private": true, "type": "commonjs" }',
  "vitest/package.json": '{ "name": "vitest-guide", "private": true, "type": "module" }',
  "msw-browser/index.html":
    '<!doctype html><title>starting</title><script type="module" src="main.js"></script>',
  "service-worker/index.html":
    '<!doctype html><title>starting</title><script type="module" src="page.js"></script>',
  "service-worker/page.js": `
    import { listManagedRunners } from "comfycontrol-runners";
    const controlled = new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve));
    await navigator.serviceWorker.register("worker.js");
    await controlled;
    const { total } = await listManagedRunners({ token: "cfc_any" });
    document.title = total + " runners";
  `,
};

before(() => {
  rmSync(GUIDES, { recursive: true, force: true });
  for (const [path, text] of Object.entries({ ...OURS, ...BLOCKS })) {
    mkdirSync(dirname(join(GUIDES, path)), { recursive: true });
    writeFileSync(join(GUIDES, path), text);
  }
  const installed = join(HERE, "node_modules/comfycontrol-runners");
  rmSync(installed, { recursive: true, force: true });
  cpSync(home, installed, { recursive: true });
});
after(() => rmSync(GUIDES, { recursive: true, force: true }));

/** Runs a program of node_modules, and returns its output. */
function run(program, args, folder) {
  const { NODE_TEST_CONTEXT, NODE_OPTIONS, ...env } = process.env;
  const options = { cwd: join(GUIDES, folder), env: { ...env, CI: "1", NO_COLOR: "1" }, maxBuffer: 1e8 };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...program, ...args], options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${program} ${args.join(" ")}\n${stdout}\n${stderr}`));
      else resolve(stdout + stderr);
    });
  });
}

const NODE_GUIDES = Object.keys(BLOCKS).filter((path) => path.startsWith("node/"));

test("every block is run by a test below", () => {
  const expected = [
    "node/quick-start.test.mjs",
    "node/tour.test.mjs",
    "vitest/fake-timers.test.js",
    "jest/fake-timers.test.js",
    "node/fake-timers.test.mjs",
    "vitest/list.test.js",
    "jest/list.test.js",
    "node/msw.test.mjs",
    "msw-browser/main.js",
    "node/playwright.test.mjs",
    "node/undici.test.mjs",
    "service-worker/worker.js",
    "node/ledger.test.mjs",
  ];
  assert.deepEqual(Object.keys(BLOCKS), expected);
});

for (const path of NODE_GUIDES) {
  test(`node:test: ${path}`, async () => {
    const output = await run(["--test", "--test-reporter=tap"], [path.replace("node/", "")], "node");
    assert.match(output, /^# pass [1-9]/m);
  });
}

const VITEST = join(HERE, "node_modules/vitest/vitest.mjs");
for (const environment of ["node", "jsdom", "happy-dom"]) {
  test(`Vitest in ${environment}`, async () => {
    const output = await run([VITEST], ["run", "--environment", environment], "vitest");
    assert.match(output, /Tests {2}4 passed/);
  });
}

const JEST = join(HERE, "node_modules/jest/bin/jest.js");
for (const environment of ["node", "jest-fixed-jsdom"]) {
  test(`Jest in ${environment}`, async () => {
    const output = await run([JEST], ["--rootDir", ".", "--env", environment], "jest");
    assert.match(output, /Tests: +3 passed/);
  });
}

test("Jest in its own jsdom, which lacks much: the error says what, and what helps", async () => {
  await assert.rejects(
    run([JEST], ["--rootDir", ".", "--env", "jsdom"], "jest"),
    /comfycontrol-runners\/testing needs TextDecoder, .*Response.*in Jest, the environment jest-fixed-jsdom has them/,
  );
});

/** Bundles a guide for browsers, and returns the final title of its page. */
async function titleOf(folder, files, ...served) {
  const project = join(GUIDES, folder);
  for (const file of files) {
    const outfile = join(project, "built", file);
    await build({
      entryPoints: [join(project, file)],
      outfile,
      bundle: true,
      format: "esm",
      logLevel: "error",
    });
  }
  const server = await serve(join(project, "built"), project, ...served);
  const browser = await startChromium();
  try {
    const page = await browser.newPage();
    const complaints = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(`${server.url}/index.html`);
    await page
      .waitForFunction(() => document.title !== "starting", null, { timeout: 20_000 })
      .catch((error) => {
        throw new Error(`${error.message}\n${complaints.join("\n")}`);
      });
    assert.deepEqual(complaints, []);
    return await page.title();
  } finally {
    await browser.close();
    server.stop();
  }
}

test("MSW in Chromium", async () => {
  const worker = join(HERE, "node_modules/msw/lib");
  assert.equal(await titleOf("msw-browser", ["main.js"], worker), "250 runners");
});

test("a service worker in Chromium", async () => {
  assert.equal(await titleOf("service-worker", ["worker.js", "page.js"]), "250 runners");
});

test("the size that the guide names is right", () => {
  const [, named] = /it weighs (\d+) kB \(brotli\)/.exec(DOCUMENT);
  const { length } = brotliCompressSync(readFileSync(join(home, "dist/testing.js")));
  assert.ok(Math.abs(length / 1000 - named) <= 5, `${length} bytes`);
});
