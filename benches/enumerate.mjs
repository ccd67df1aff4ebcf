// Reads whole lists from the emulator, 50 ms away. Compares prefetching with one page at a time and with
// cloudflare's auto-paging, and measures the time under the documented limit, and memory for a large
// list.
//
//   TARBALL=… EMULATOR=… node --expose-gc enumerate.mjs [--json]
//
// Without TARBALL the package of ../pkg is measured, without EMULATOR the program of `cargo build
// -p comfycontrol-emulator`. `import("cloudflare")` is left out where it is not installed.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = globalThis.gc ?? runInNewContext("gc");
const root = fileURLToPath(new URL("..", import.meta.url));

// All WebAssembly memory of this process.
const memories = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(...args) {
    super(...args);
    memories.push(...Object.values(this.exports).filter((one) => one instanceof WebAssembly.Memory));
  }
};
const wasmBytes = () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);

const { ComfyControl } = await import(entry(process.env.TARBALL));
const emulator = await start(process.env.EMULATOR ?? `${root}target/debug/comfycontrol-emulator`);
const token = "cfc_demo";
const client = (options) => new ComfyControl({ baseUrl: emulator.url, token, rateLimit: false, ...options });

const figures = {};
try {
  // This comes first, since requests without a limit also count against the limit of their origin.
  figures.pace = await pace();
  figures.prefetch = await prefetch();
  figures.memory = await memory();
} finally {
  emulator.stop();
}
if (process.argv.includes("--json")) console.log(JSON.stringify(figures, undefined, 2));
else show(figures);
const failed = Object.values(figures)
  .flatMap(({ bars }) => bars)
  .filter(({ ok }) => !ok);
if (failed.length > 0) process.exitCode = 1;

/** 4,000 runners in 40 pages, 50 ms away. The median of three interleaved rounds. */
async function prefetch() {
  await emulator.control("POST", "runners", { reset: 4000 });
  await emulator.control("PATCH", "settings", { latencyMs: 50 });
  const ways = {
    "concurrency 4": () => count(client().iterateManagedRunners({ concurrency: 4 })),
    "one page at a time": () => count(client().iterateManagedRunners({ concurrency: 1 })),
  };
  const cloudflare = await cloudflareClient();
  if (cloudflare) ways["cloudflare's auto-paging"] = () => count(cloudflare.zones.list({ per_page: 100 }));
  const ms = Object.fromEntries(Object.keys(ways).map((way) => [way, []]));
  const requests = {};
  // A first round, so that everything is compiled and connected.
  for (const round of [0, 1, 2, 3]) {
    for (const [way, run] of Object.entries(ways)) {
      await emulator.control("DELETE", "log");
      const before = performance.now();
      const rows = await run();
      const took = performance.now() - before;
      if (rows !== 4000) throw new Error(`${way}: ${rows} rows`);
      requests[way] = (await emulator.stats()).requests;
      if (round > 0) ms[way].push(took);
    }
  }
  await emulator.control("PATCH", "settings", { latencyMs: 0 });
  const medians = Object.fromEntries(
    Object.entries(ms).map(([way, all]) => [way, all.sort((a, b) => a - b)[1]]),
  );
  const bars = Object.keys(ways)
    .slice(1)
    .map((way) => bar(`against ${way}`, medians["concurrency 4"] / medians[way], 0.35));
  return { ms: medians, requests, bars };
}

/**
 * 20,000 runners in 200 pages at 40 a window, the window scaled from 10 s to 4 s: the last 40 can
 * start 16 s after the first.
 */
async function pace() {
  const windowMs = 4000;
  await emulator.control("POST", "runners", { reset: 20_000 });
  await emulator.control("DELETE", "log");
  await emulator.control("PATCH", "settings", { latencyMs: 50, limit: { requests: 40, windowMs } });
  const paced = client({ rateLimit: { requests: 40, windowMs } });
  let estimatedMs;
  const before = performance.now();
  const rows = await count(
    paced.iterateManagedRunners({
      concurrency: 16,
      onProgress: (progress) => (estimatedMs ??= progress.estimatedMs),
    }),
  );
  const took = performance.now() - before;
  if (rows !== 20_000) throw new Error(`${rows} rows`);
  const { requests, refused } = await emulator.stats();
  await emulator.control("PATCH", "settings", { latencyMs: 0, limit: null });
  const own = 4 * windowMs;
  return {
    ms: took,
    own,
    estimatedMs,
    requests,
    refused,
    bars: [bar("the limit's own time", took / own, 1.05), bar("429s", refused, 0)],
  };
}

/** 100,000 runners stream through. */
async function memory() {
  await emulator.control("POST", "runners", { reset: 100_000 });
  const samples = [];
  let rows = 0;
  for await (const page of client().iterateManagedRunners().pages()) {
    rows += page.length;
    if (rows % 10_000 !== 0) continue;
    collect();
    samples.push({ rows, heapBytes: process.memoryUsage().heapUsed, wasmBytes: wasmBytes() });
  }
  if (rows !== 100_000) throw new Error(`${rows} rows`);
  const grown = (field) =>
    Math.max(...samples.slice(5).map((sample) => sample[field])) -
    Math.max(...samples.slice(0, 5).map((sample) => sample[field]));
  return {
    samples,
    bars: [
      bar("WebAssembly memory of the second half, bytes more", grown("wasmBytes"), 0),
      bar("heap of the second half, bytes more", grown("heapBytes"), 500_000),
    ],
  };
}

function bar(what, value, limit) {
  return { what, value, limit, ok: value <= limit };
}

async function count(iterator) {
  let rows = 0;
  for await (const row of iterator) rows += row.id ? 1 : 0;
  return rows;
}

/**
 * The cloudflare client on the emulator: its list of zones is paged like this one, in another envelope.
 */
async function cloudflareClient() {
  let Cloudflare;
  try {
    ({ default: Cloudflare } = await import("cloudflare"));
  } catch {
    return;
  }
  const adapted = async (url, init) => {
    const { search } = new URL(url);
    const response = await fetch(`${emulator.url}/v1/managed-runner${search}`, init);
    const text = (await response.text()).replace(
      '"runners":',
      '"success":true,"errors":[],"messages":[],"result":',
    );
    return new Response(text, { status: response.status, headers: { "content-type": "application/json" } });
  };
  return new Cloudflare({ apiToken: token, baseURL: emulator.url, fetch: adapted, maxRetries: 0 });
}

function show({ prefetch, pace, memory }) {
  for (const [way, ms] of Object.entries(prefetch.ms))
    console.log(`4,000 runners, ${way}: ${ms.toFixed(0)} ms, ${prefetch.requests[way]} requests`);
  console.log(
    `20,000 runners at 40 in 4 s: ${pace.ms.toFixed(0)} ms of ${pace.own} ms, ${pace.refused} times 429; estimated ${pace.estimatedMs} ms`,
  );
  for (const { rows, heapBytes, wasmBytes } of memory.samples)
    console.log(
      `after ${rows} runners: heap ${(heapBytes / 1e6).toFixed(2)} MB, WebAssembly ${(wasmBytes / 1e6).toFixed(2)} MB`,
    );
  for (const { what, value, limit, ok } of [prefetch, pace, memory].flatMap(({ bars }) => bars))
    console.log(`${ok ? "ok    " : "FAILED"} ${what}: ${Number(value.toFixed(3))}, at most ${limit}`);
}

/** What to import: the packed package, installed in a folder of its own, or ../pkg. */
function entry(tarball) {
  if (!tarball) return pathToFileURL(`${root}pkg/dist/index.js`).href;
  const folder = mkdtempSync(join(tmpdir(), "enumerate-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "package.json"), "{}\n");
  execFileSync(
    "npm",
    ["install", "--offline", "--no-audit", "--no-fund", "--ignore-scripts", resolve(tarball)],
    { cwd: folder, stdio: "pipe", shell: process.platform === "win32" },
  );
  return pathToFileURL(join(folder, "node_modules/comfycontrol-runners/dist/index.js")).href;
}

async function start(program) {
  const child = spawn(program, ["--port", "0", "--exit-with-stdin", "--no-limit"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = await once(createInterface(child.stdout), "line");
  const url = line.replace("listening on ", "");
  const control = async (method, path, body) => {
    const response = await fetch(`${url}/__control/${path}`, {
      method,
      body: body && JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    const text = await response.text();
    return text && JSON.parse(text);
  };
  return {
    url,
    control,
    stats: async () => (await control("GET", "state")).stats,
    stop: () => child.stdin.end(),
  };
}
