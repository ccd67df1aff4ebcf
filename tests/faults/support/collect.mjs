// What is left in memory once all that can be collected was.

import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc");

/** Collects until a few collections in a row find nothing more. Gives the bytes of JavaScript objects that are left. */
export async function collect() {
  let least = Infinity;
  for (let withoutGain = 0; withoutGain < 3;) {
    await turn();
    gc();
    const { heapUsed } = process.memoryUsage();
    if (heapUsed < least - 10_000) withoutGain = 0;
    else withoutGain += 1;
    least = Math.min(least, heapUsed);
  }
  return least;
}
