// cargo xtask soak [--minutes N] [--seed N]

import { parseArgs } from "node:util";

import { soak } from "./support/soak.mjs";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
if (!(minutes > 0) || !Number.isInteger(seed))
  throw new Error("--minutes takes a number above 0, --seed a whole one");
const { lines, broken } = await soak({ seconds: minutes * 60, seed });
console.log(`\n${lines.join("\n")}\n`);
console.log(broken.length ? `broken: ${broken.join("; ")}` : "no promise was broken");
process.exitCode = broken.length ? 1 : 0;
