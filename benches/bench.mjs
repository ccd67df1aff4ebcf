// Runs the suite in Node 20, in the current Node and in Chromium, and the start in fresh processes.
// `cargo xtask bench` calls it:
//
//   node bench.mjs CODECS [--quick] [--json]
//
// Without --json the tables go into BENCHMARKS.md, between its marks.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { tables } from "./tables.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const codecs = process.argv[2];
const quick = process.argv.includes("--quick");
const json = process.argv.includes("--json");
const folder = mkdtempSync(join(tmpdir(), "bench-"));
const say = (text) => console.error(`▸ ${text}`);

const suite = join(folder, "suite.mjs");
await build({
  entryPoints: [here("suite.js")],
  outfile: suite,
  bundle: true,
  format: "esm",
  target: "es2022",
  loader: { ".wasm": "binary" },
  alias: {
    codecs: join(codecs, "codecs.js"),
    "codecs.wasm": join(codecs, "codecs_bg.wasm"),
    "build-page.js": here("../js/build-page.js"),
  },
  logLevel: "error",
});

const nodes = [process.execPath, here("node_modules/node/bin/node")];
const version = (node) => `Node ${execFileSync(node, ["--version"], { encoding: "utf8" }).trim().slice(1)}`;
const results = {
  machine: cpus()[0].model,
  date: new Date().toISOString().slice(0, 10),
  versions: versions(),
  engines: {},
  start: {},
};

for (const node of nodes) {
  say(`${version(node)}: the suite`);
  const script = `import { suite } from ${JSON.stringify(pathToFileURL(suite).href)}; console.log(JSON.stringify(await suite({ quick: ${quick} })));`;
  results.engines[version(node)] = JSON.parse(
    execFileSync(node, ["--input-type=module", "-e", script], { encoding: "utf8", maxBuffer: 1 << 26 }),
  );
}

say("Chromium: the suite");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
  ],
});
try {
  const page = await browser.newPage();
  await page.route("https://bench.test/**", (route) => {
    const script = route.request().url().endsWith("suite.mjs");
    return route.fulfill(
      script
        ? { contentType: "text/javascript", body: readFileSync(suite, "utf8") }
        : { contentType: "text/html", body: "<!doctype html>" },
    );
  });
  await page.goto("https://bench.test/");
  page.setDefaultTimeout(0);
  const run = async (quick) => (await import("https://bench.test/suite.mjs")).suite({ quick });
  results.engines[`Chromium ${browser.version()}`] = await page.evaluate(run, quick);
} finally {
  await browser.close();
}

for (const node of nodes) {
  say(`${version(node)}: fresh processes`);
  const names = ["ky-zod", "ours"];
  const taken = { "ky-zod": [], ours: [] };
  for (let round = 0; round < (quick ? 5 : 21); round++) {
    for (const name of round % 2 ? names : [...names].reverse())
      taken[name].push(Number(execFileSync(node, [here("start.mjs"), name], { encoding: "utf8" })));
  }
  results.start[version(node)] = taken;
}
rmSync(folder, { recursive: true });

if (json) console.log(JSON.stringify(results, null, 2));
else {
  const file = here("../BENCHMARKS.md");
  const marks = ["<!-- begin of the figures -->\n", "<!-- end of the figures -->\n"];
  const [before, rest, ...more] = readFileSync(file, "utf8").split(marks[0]);
  const after = rest?.split(marks[1])[1];
  if (after === undefined || more.length > 0)
    throw new Error("BENCHMARKS.md has not the marks between which the figures go");
  writeFileSync(file, before + marks[0] + tables(results) + marks[1] + after);
  console.log(tables(results));
}

function versions() {
  const { devDependencies } = JSON.parse(readFileSync(here("package.json"), "utf8"));
  return Object.fromEntries(Object.entries(devDependencies).filter(([, version]) => /^\d/.test(version)));
}
