// The README shows errors as they print. `UPDATE_README=1 cargo xtask test package` updates it.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { inspect } from "node:util";

import { listManagedRunners } from "./support/package.mjs";

const answer = (body, status, headers) => ({
  fetch: async () => new Response(body, { status, headers }),
  maxRetries: 0,
  token: "cfc_demo",
});
const json = { "content-type": "application/json" };

const calls = [
  { per_page: 50 },
  { ...answer('{"status":401,"message":"Token has expired"}', 401, json), baseUrl: "https://one.example" },
  {
    ...answer("", 429, { "retry-after": "277403", date: "Mon, 23 Nov 2026 12:00:00 GMT" }),
    baseUrl: "https://two.example",
  },
  {
    ...answer("<!DOCTYPE html><title>Sign in</title>", 200, { "content-type": "text/html" }),
    baseUrl: "https://three.example",
  },
  { ...answer('{"runners":[{"id":7}],"total":1}', 200, json), baseUrl: "https://four.example" },
];

test("the README shows errors as they print", async () => {
  const printed = [];
  for (const call of calls) {
    const error = await listManagedRunners(call).then(
      () => assert.fail("no error"),
      (error) => error,
    );
    // Frames and the time of day differ from run to run.
    if (error.retryAt) error.retryAt = 1795712203000;
    printed.push(inspect(error).replace(/\n +at .*?( \{)?(?=\n|$)/g, "$1"));
  }
  const begin = "<!-- errors:begin -->\n";
  const end = "<!-- errors:end -->";
  const readme = new URL("../../README.md", import.meta.url);
  const text = readFileSync(readme, "utf8");
  const [before, rest] = text.split(begin);
  const after = rest.split(end)[1];
  const wanted = `${before}${begin}\n\`\`\`text\n${printed.join("\n\n")}\n\`\`\`\n\n${end}${after}`;
  if (process.env.UPDATE_README) writeFileSync(readme, wanted);
  else assert.equal(text, wanted);
});
