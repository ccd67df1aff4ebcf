// Everything that is measured inside one process. Candidates of a comparison take turns, so that
// whatever else the machine does meets all of them, and what is reported is the median of the
// ratios within each turn.

import { initSync, ours, serde } from "codecs";
import codecs from "codecs.wasm";
import { client as fetchJson } from "./clients/fetch.js";
import { client as kyZod } from "./clients/ky-zod.js";
import { client as kyValibot } from "./clients/ky-valibot.js";
import { client as openai } from "./clients/openai.js";
import { client as openapiFetchZod } from "./clients/openapi-fetch-zod.js";
import { client as oursClient } from "./clients/ours.js";
import { page } from "./pages.js";
import { check as ajv } from "./schemas/ajv.js";
import { check as arktype } from "./schemas/arktype.js";
import { check as typebox } from "./schemas/typebox.js";
import { check as valibot } from "./schemas/valibot.js";
import { check as zod } from "./schemas/zod.js";

initSync({ module: codecs });
const decoder = new TextDecoder();
const parse = (bytes) => JSON.parse(decoder.decode(bytes));

/** From bytes to objects. The first one is what the others are compared with. */
const decoders = {
  "JSON.parse": (bytes) => parse(bytes).runners,
  "this package": ours,
  "JSON.parse + zod": (bytes) => zod(parse(bytes)).runners,
  "JSON.parse + valibot": (bytes) => valibot(parse(bytes)).runners,
  "JSON.parse + ajv": (bytes) => ajv(parse(bytes)).runners,
  "JSON.parse + arktype": (bytes) => arktype(parse(bytes)).runners,
  "JSON.parse + typebox": (bytes) => typebox(parse(bytes)).runners,
  "serde_json + serde-wasm-bindgen": (bytes) => serde(bytes).runners,
};

const clients = {
  "fetch + response.json()": fetchJson,
  "this package": oursClient,
  "ky + zod": kyZod,
  "ky + valibot": kyValibot,
  "openapi-fetch + zod": openapiFetchZod,
  openai,
};

/** Uses every field, so that strings which are cut lazily pay their price: looks at each character. */
function read(runners) {
  let sum = 0;
  const text = (value) => {
    for (let at = 0; at < value.length; at++) sum = (sum + value.charCodeAt(at)) | 0;
  };
  for (const runner of runners) {
    for (const name in runner) if (typeof runner[name] === "string") text(runner[name]);
    runner.tags.forEach(text);
  }
  return sum;
}

let sink;

/**
 * Runs `candidates` in turn; gives the median time of each in µs, and the quartiles of its ratio to
 * the first one.
 */
async function compare(candidates, { rounds, milliseconds }) {
  const cells = [];
  for (const [name, run] of Object.entries(candidates)) {
    const batch = async (times) => {
      const start = performance.now();
      for (let n = 0; n < times; n++) {
        sink = run();
        if (sink instanceof Promise) await sink;
      }
      return (performance.now() - start) / times;
    };
    // Warm, and long enough for the clock.
    let times = 1;
    for (let spent = 0, took = 0; spent < 12 * milliseconds || took < milliseconds;) {
      took = (await batch(times)) * times;
      spent += took;
      if (took < milliseconds)
        times = Math.ceil(times * Math.min(10, (1.2 * milliseconds) / Math.max(took, 0.1)));
    }
    cells.push({ name, batch, times, taken: [] });
  }
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < cells.length; turn++) {
      const cell = cells[(turn + round) % cells.length];
      cell.taken.push(await cell.batch(cell.times));
    }
  }
  return cells.map(({ name, taken }) => ({
    name,
    microseconds: quantile(taken, 0.5) * 1000,
    ratio: [0.25, 0.5, 0.75].map((q) =>
      quantile(
        taken.map((time, round) => time / cells[0].taken[round]),
        q,
      ),
    ),
  }));
}

export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)];
  return low + (sorted[Math.ceil(at)] - low) * (at % 1);
}

/** All comparisons. `quick` has fewer pages and turns. */
export async function suite({ quick = false } = {}) {
  const turns = quick ? { rounds: 7, milliseconds: 3 } : { rounds: 15, milliseconds: 4 };
  const results = [];
  const pages = [];
  for (const count of quick ? [100] : [1, 10, 100, 1000]) {
    for (const ascii of quick ? [true] : [true, false])
      for (const pretty of quick ? [false] : [false, true]) pages.push({ count, ascii, pretty });
  }
  for (const shape of pages) {
    const bytes = new TextEncoder().encode(page(shape.count, shape));
    const label = `${shape.count} ${shape.ascii ? "ASCII" : "non-ASCII"} ${shape.pretty ? "pretty" : "compact"}`;
    for (const reading of [false, true]) {
      const candidates = Object.fromEntries(
        Object.entries(decoders).map(([name, run]) => [
          name,
          reading ? () => read(run(bytes)) : () => run(bytes),
        ]),
      );
      const sums = Object.values(decoders).map((run) => read(run(bytes)));
      if (new Set(sums).size !== 1) throw new Error(`the decoders disagree: ${sums}`);
      results.push({
        what: reading ? "decode and read" : "decode",
        page: label,
        bytes: bytes.length,
        cells: await compare(candidates, turns),
      });
    }
  }
  // Whole calls run much more code: turns long enough for the engines to have compiled all of it.
  const long = { rounds: 15, milliseconds: 40 };
  for (const count of [100, 0]) {
    const bytes = new TextEncoder().encode(page(count));
    const answer = async () => new Response(bytes, { headers: { "content-type": "application/json" } });
    const candidates = Object.fromEntries(
      Object.entries(clients).map(([name, make]) => {
        const list = make(answer);
        return [name, () => list(1, 100)];
      }),
    );
    results.push({
      what: "whole call",
      page: `${count} ASCII compact`,
      bytes: bytes.length,
      cells: await compare(candidates, long),
    });
  }
  return results;
}
