// `node --test tests/decode/` tries 200,000 documents of one seed.
// `node tests/decode/decode.test.js COUNT [SEED]` tries as many as you like.

import assert from "node:assert/strict";
import test from "node:test";

import { differential } from "./differential.js";
import { build, load } from "./harness.js";

const decoder = load(build());
const [count, seed] = process.argv.slice(2).map(Number);

test("decodes and refuses exactly what the reference does", () => {
  const outcomes = differential(decoder, count || 200_000, seed || 20240115);
  console.log(outcomes);
  for (const kind of ["accepted", "schema", "malformed", "truncated", "utf8"]) {
    assert.ok(outcomes[kind] > (count || 200_000) / 100, `the documents hardly try "${kind}"`);
  }
});
