// Compares how long `comfycontrol-runners list` takes as a whole process with the minimal script of Node,
// `node -e "await (await fetch(url)).json()"`. Both call the same local emulator, in turns. Prints the
// medians and the ratio, which is computed within each turn, and fails above the limit.
//
//   EMULATOR=path TARBALL=path node cli-start.mjs [RUNS]

import { spawnSync } from "node:child_process";
import { join } from "node:path";

import { launch, TOKEN } from "../tests/package/support/emulator.mjs";
import { home } from "../tests/package/support/package.mjs";

const LIMIT = 1.3;
const runs = Number(process.argv[2] ?? 31);
const emulator = await launch("--runners", "250");
const env = { ...process.env, COMFYCONTROL_TOKEN: TOKEN, COMFYCONTROL_BASE_URL: emulator.url };
const headers = JSON.stringify({ authorization: `Bearer ${TOKEN}` });
const cli = join(home, "dist", "cli.js");

const commands = {
  "node -e 0": ["-e", "0"],
  "node -e fetch": [
    "--input-type=module",
    "-e",
    `await (await fetch("${emulator.url}/v1/managed-runner", { headers: ${headers} })).json()`,
  ],
  "comfycontrol-runners list": [cli, "list"],
  "comfycontrol-runners --help": [cli, "--help"],
};

const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
for (let run = 0; run < runs; run += 1) {
  for (const [name, args] of Object.entries(commands)) {
    const start = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args, { env });
    if (status !== 0) throw new Error(`${name}: ${stderr}`);
    times[name].push(performance.now() - start);
  }
}
await emulator.stop();

const at = (numbers, part) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length * part)];
for (const name of Object.keys(commands))
  console.log(`${name.padEnd(28)} ${at(times[name], 0.5).toFixed(0).padStart(5)} ms`);
const ratios = times["comfycontrol-runners list"].map((time, run) => time / times["node -e fetch"][run]);
const [low, ratio, high] = [0.25, 0.5, 0.75].map((part) => at(ratios, part));
console.log(
  `list / fetch: ${ratio.toFixed(2)} × (${low.toFixed(2)}–${high.toFixed(2)}), limit ${LIMIT} ×; ` +
    `${runs} runs, Node ${process.versions.node}`,
);
if (ratio > LIMIT) process.exitCode = 1;
