// Measures the memory that is left after garbage collection.

import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc");

/** Collects garbage until several collections in a row free nothing. Returns the bytes of JavaScript objects that are left. */
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
