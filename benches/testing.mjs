// A test file of 100 cases: against `createEmulator`, and against the emulator's program over HTTP.
//
//   node benches/testing.mjs [RUNS]
//
// Needs `cargo xtask build` and `cargo build --package comfycontrol-emulator`. Each run is a `node --test` process of
// its own. Prints the medians, start of the process included and of the cases alone, and their ratios, which are taken
// within each turn.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const RUNS = Number(process.argv[2] ?? 9);
const root = fileURLToPath(new URL("../", import.meta.url));
const dist = new URL("../pkg/dist/", import.meta.url).href;
const program = process.env.EMULATOR ?? join(root, "target/debug/comfycontrol-emulator");

/** The same 100 cases. `connect` returns `{ client, fail, stop }` for a number of runners. */
const CASES = `
import assert from "node:assert/strict";
import { test, after } from "node:test";
import { ComfyControl } from "${dist}index.js";
const options = { maxRetries: 0, rateLimit: false };
const start = performance.now();
for (let index = 0; index < 100; index += 1) {
  test("case " + index, async () => {
    const count = 10 + index;
    const { client, fail } = await connect(count);
    const { total, runners } = await client.listManagedRunners({ page: 1, perPage: 10 });
    assert.deepEqual([total, runners.length], [count, 10]);
    await fail({ status: 503, page: 2 });
    await assert.rejects(client.listManagedRunners({ page: 2 }), { code: "server_error" });
    assert.equal((await client.getManagedRunner(runners[0].id)).name, runners[0].name);
  });
}
after(() => console.log("cases " + (performance.now() - start)));
`;

const VARIANTS = {
  createEmulator: `
import { createEmulator } from "${dist}testing.js";
function connect(runners) {
  const api = createEmulator({ runners });
  return { client: new ComfyControl({ ...api.clientOptions, ...options }), fail: api.failNext };
}
${CASES}`,
  "the emulator over HTTP": `
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
const child = spawn(${JSON.stringify(program)}, ["--port", "0", "--exit-with-stdin", "--no-limit"], { stdio: ["pipe", "pipe", "inherit"] });
const [line] = await once(createInterface(child.stdout), "line");
const baseUrl = line.replace("listening on ", "");
const control = async (name, body) => {
  const response = await fetch(baseUrl + "/__control/" + name, { method: "POST", body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
};
async function connect(runners) {
  await control("reset", { runners });
  const client = new ComfyControl({ baseUrl, token: "cfc_demo", ...options });
  return { client, fail: (fault) => control("faults", fault) };
}
after(() => child.stdin.end());
${CASES}`,
};

const folder = mkdtempSync(join(tmpdir(), "testing-bench-"));
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
try {
  const files = Object.entries(VARIANTS).map(([name, text], index) => {
    const file = join(folder, `variant-${index}.test.mjs`);
    writeFileSync(file, text);
    return { name, file, whole: [], cases: [] };
  });
  // The variants take turns, so that a busy machine slows them alike.
  for (let run = 0; run < RUNS; run += 1) {
    for (const { file, whole, cases } of files) {
      const start = performance.now();
      const output = execFileSync(process.execPath, ["--test", "--test-reporter=tap", file], {
        encoding: "utf8",
        timeout: 120_000,
      });
      whole.push(performance.now() - start);
      if (!/^# pass 10[01]$/m.test(output)) throw new Error(output);
      cases.push(Number(/cases ([\d.]+)/.exec(output)[1]));
    }
  }
  for (const { name, whole, cases } of files) {
    console.log(
      `${name}: ${median(whole).toFixed(0)} ms, of which the 100 cases ${median(cases).toFixed(0)} ms`,
    );
  }
  const [memory, http] = files;
  const ratio = (part) => median(memory[part].map((time, run) => time / http[part][run])).toFixed(2);
  console.log(
    `in memory / over HTTP: ${ratio("whole")} ×, the cases alone ${ratio("cases")} ×; ${RUNS} runs`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
