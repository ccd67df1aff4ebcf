// The recipe of docs/shared-limit-tabs.md in workerd, as it stands there: one ledger in a Durable Object.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { after, before, suite, test } from "node:test";

import { build } from "esbuild";
import { Miniflare } from "miniflare";

import { startEmulator } from "./support/emulator.mjs";
import { folder, testing } from "./support/package.mjs";

const DOCUMENT = readFileSync(new URL("../../docs/shared-limit-tabs.md", import.meta.url), "utf8");
const BLOCKS = Object.fromEntries(
  [...DOCUMENT.matchAll(/^```js (.+)\n([\s\S]*?)^```$/gm)].map(([, path, text]) => [path, text]),
);

/** The documented worker, and one that runs the cases that every ledger must pass. */
const WORKER = `
  import worker, { Budget } from "./worker.js";
  import { budgetLedger } from "./budget.js";
  import { ledgerConformance } from "comfycontrol-runners/testing";
  export { Budget };
  export default {
    async fetch(request, env) {
      const name = new URL(request.url).searchParams.get("case");
      if (!name) return worker.fetch(request, env);
      try {
        await ledgerConformance().find((each) => each.name === name).run(() => budgetLedger(env.BUDGET, "one"));
        return new Response("done");
      } catch (error) {
        return new Response(error.message);
      }
    },
  };
`;

/** Bundles as wrangler does: what is imported as a compiled module stays a file. */
async function bundle() {
  const modules = new Map();
  const files = {
    name: "files",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.\/(worker|budget)\.js$/ }, ({ path }) => ({ path, namespace: "document" }));
      onLoad({ filter: /.*/, namespace: "document" }, ({ path }) => ({
        contents: BLOCKS[path.slice(2)],
        resolveDir: folder,
      }));
      onResolve({ filter: /\.wasm\?module$/ }, async ({ path, resolveDir }) => {
        const file = path.split("?")[0];
        const name = basename(file);
        modules.set(name, {
          type: "CompiledWasm",
          path: name,
          contents: await readFile(join(resolveDir, file)),
        });
        return { path: name, external: true };
      });
    },
  };
  const { outputFiles } = await build({
    stdin: { contents: WORKER, resolveDir: folder },
    bundle: true,
    format: "esm",
    write: false,
    conditions: ["workerd"],
    external: ["cloudflare:workers"],
    plugins: [files],
  });
  return [{ type: "ESModule", path: "index.mjs", contents: outputFiles[0].text }, ...modules.values()];
}

let emulator, modules;
before(async () => {
  // The documented limit on a tenth of its scale.
  [emulator, modules] = await Promise.all([
    startEmulator("--limit", "40", "--window-ms", "1000", "--token", "cfc_worker"),
    bundle(),
  ]);
});
after(() => emulator?.stop());

/** Two workers, each in an isolate of its own, with one Durable Object. The windows are a tenth as long. */
function startWorkers() {
  const scaled = modules.map(({ contents, ...module }) => ({
    ...module,
    contents:
      module.type === "ESModule"
        ? contents.replace("windowMs: 1e4, ledger", "windowMs: 1e3, ledger")
        : contents,
  }));
  const worker = (name, scriptName) => ({
    name,
    modules: scaled,
    compatibilityDate: "2026-01-01",
    durableObjects: { BUDGET: { className: "Budget", useSQLite: true, scriptName } },
    bindings: { COMFYCONTROL_TOKEN: "cfc_worker", COMFYCONTROL_BASE_URL: emulator.url },
  });
  return new Miniflare({ workers: [worker("one"), worker("two", "one")] });
}

suite("a Durable Object does what every ledger must do", { concurrency: true }, () => {
  let workers;
  before(() => (workers = startWorkers()));
  after(() => workers.dispose());
  for (const { name } of testing.ledgerConformance()) {
    test(name, async () => {
      const response = await workers.dispatchFetch(`http://localhost/?case=${encodeURIComponent(name)}`);
      assert.equal(await response.text(), "done");
    });
  }
});

test("the documented worker keeps to the limit, in two isolates together", async () => {
  const workers = startWorkers();
  try {
    const isolates = await Promise.all([workers.getWorker("one"), workers.getWorker("two")]);
    const visits = await Promise.all(
      Array.from({ length: 100 }, (_, index) => isolates[index % 2].fetch("http://localhost/")),
    );
    for (const visit of visits) assert.equal(visit.status, 200, await visit.clone().text());
    const state = await (await fetch(`${emulator.url}/__control/state`)).json();
    assert.equal(state.stats.refused, 0);
    assert.equal(state.stats.requests, 100);
    assert.ok(state.stats.maxStartsInWindow <= 40);
  } finally {
    await workers.dispose();
  }
});
