// Looks for a better arrangement of the characters in `text.mjs`, and prints it.
//
//   node arrange.mjs MODULE [MINUTES]

import { readFileSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";
import { arranged, embed } from "./text.mjs";

const [module, minutes = 5] = process.argv.slice(2);
const bytes = readFileSync(module);
const order = arranged.match(/../g);

function size() {
  const text = Buffer.from(embed(bytes, order.join("")));
  return brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: text.length } }).length;
}

let best = size();
console.error(`${best} bytes`);
for (const end = Date.now() + Number(minutes) * 60_000; Date.now() < end; ) {
  const [one, other] = [0, 0].map(() => Math.floor(Math.random() * order.length));
  const swap = () => ([order[one], order[other]] = [order[other], order[one]]);
  swap();
  const now = size();
  if (now > best) swap();
  else best = now;
}
console.error(`${best} bytes`);
console.log(order.join(""));
