// Lists runners with the packed package in every supported environment.
//
//   node --test-reporter=spec run.mjs [--all] [NAME…]
//
// EMULATOR and TARBALL name the API's program and the package; CHROMIUM and FIREFOX the browsers.

import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import * as kit from "./kit.mjs";
import { consumers } from "./consumers.mjs";
import { checks } from "./package.mjs";
import { write } from "./table.mjs";

const all = process.argv.includes("--all");
const named = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const wanted = ({ where, name, fast, full = true }) =>
  named.length > 0 ? named.some((part) => `${where}: ${name}`.includes(part)) : all ? full : fast;
const chosen = [...consumers, ...checks].filter(wanted);
const results = [];

describe("consumers", { concurrency: 2 }, () => {
  before(async () => {
    const places = [
      kit.HERE,
      ...(chosen.some(({ fast, more }) => more ?? !fast) ? [join(kit.HERE, "more")] : []),
    ];
    kit.install(...places);
    await kit.startApi();
  });
  after(async () => {
    await kit.end();
    if (all && results.filter(Boolean).length === chosen.length && named.length === 0) write(results);
  });
  for (const [at, { name, where, run, version }] of chosen.entries()) {
    test(`${where}: ${name}`, { timeout: 600_000 }, async () => {
      const result = { where, name, passed: false, version: "" };
      results[at] = result;
      result.version = version();
      await run();
      // Some consumers know their version only while they run.
      result.version = version();
      result.passed = true;
    });
  }
});
