// Lists runners with the packed package from every place that it says it works in.
//
//   node --test-reporter=spec run.mjs [--all] [NAME…]
//
// EMULATOR and TARBALL name the API's program and the package; CHROMIUM and FIREFOX the browsers.

import { after, before, describe, test } from "node:test";
import { join } from "node:path";

import * as kit from "./kit.mjs";
import { consumers } from "./consumers.mjs";
import { checks } from "./package.mjs";
import { write } from "./table.mjs";

const all = process.argv.includes("--all");
const named = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const chosen = [...consumers, ...checks].filter(({ where, name, fast }) => (named.length > 0 ? named.some((part) => `${where}: ${name}`.includes(part)) : all || fast));
const results = [];

describe("consumers", { concurrency: 2 }, () => {
  before(async () => {
    const places = [kit.HERE, ...(chosen.some(({ fast, more }) => more ?? !fast) ? [join(kit.HERE, "more")] : [])];
    kit.install(...places);
    await kit.startApi();
  });
  after(async () => {
    await kit.end();
    if (all && named.length === 0) write(results);
  });
  for (const { name, where, run, version } of chosen) {
    test(`${where}: ${name}`, { timeout: 300_000 }, async () => {
      const result = { where, name, passed: false, version: "" };
      results.push(result);
      result.version = version();
      await run();
      result.passed = true;
    });
  }
});
