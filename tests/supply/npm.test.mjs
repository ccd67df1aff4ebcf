// Every npm package in every lock file. All are development dependencies: the published package has none.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import parse from "spdx-expression-parse";

import { ROOT, files, json, unreachable } from "./kit.mjs";

const execute = promisify(execFile);

/** Licences that every tool may have. */
const LICENCES = [
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "Python-2.0",
  "Unlicense",
];

/** Licences of single tools, whose terms apply only to those who distribute them. */
const EXCEPTIONS = [
  ["CC-BY-3.0", /^spdx-exceptions$/],
  ["CC-BY-4.0", /^caniuse-lite$/],
  ["LGPL-3.0-or-later", /^@img\/sharp-/],
  ["MPL-2.0", /^(axe-core|lightningcss(-.+)?)$/],
];

/** Licences from the files of packages whose manifest uses an old form. */
const FOUND = { "exit@0.1.2": "MIT" };

/**
 * Packages that run a script of their own when they are installed. All put a binary in place that npm has fetched, but two:
 * msw's copies its worker script into the folder that the app's manifest names, and ours names none; vue-demi's copies its own
 * files, by the version of Vue.
 */
const SCRIPTS = [
  "@parcel/watcher",
  "@swc/core",
  "bun",
  "deno",
  "esbuild",
  "lmdb",
  "msgpackr-extract",
  "msw",
  "node",
  "pnpm",
  "sharp",
  "vue-demi",
  "workerd",
];

const locks = files("package-lock.json", "*/package-lock.json").map((file) => {
  const { packages } = json(file);
  const installed = Object.entries(packages).filter(
    ([path, entry]) => path.includes("node_modules/") && !entry.link,
  );
  return {
    file,
    folder: dirname(file),
    packages,
    installed: installed.map(([path, entry]) => ({
      ...entry,
      name: entry.name ?? path.replace(/.*node_modules\//, ""),
    })),
  };
});

/** Whether a licence, or one of those to choose from, is allowed for a package. */
function allowed(name, { conjunction, left, right, license }) {
  if (conjunction === "or") return allowed(name, left) || allowed(name, right);
  if (conjunction === "and") return allowed(name, left) && allowed(name, right);
  return (
    LICENCES.includes(license) || EXCEPTIONS.some(([only, names]) => only === license && names.test(name))
  );
}

test("a licence with a choice needs one that is allowed, one of several parts needs all", () => {
  for (const [licence, name, expected] of [
    ["MIT", "any", true],
    ["GPL-3.0-only", "any", false],
    ["(MIT OR GPL-3.0-only)", "any", true],
    ["MIT AND GPL-3.0-only", "any", false],
    ["(MIT OR GPL-3.0-only) AND ISC", "any", true],
    ["MPL-2.0", "axe-core", true],
    ["MPL-2.0", "not-axe-core", false],
  ]) {
    assert.equal(allowed(name, parse(licence)), expected, `${name}: ${licence}`);
  }
});

for (const { file, folder, packages, installed } of locks) {
  test(`${file}: every package has an allowed licence`, () => {
    const licenceOf = ({ name, version, license }) => license ?? FOUND[`${name}@${version}`];
    const wrong = installed.filter(
      (entry) => !licenceOf(entry) || !allowed(entry.name, parse(licenceOf(entry))),
    );
    assert.deepEqual(
      wrong.map(({ name, version, license }) => `${name}@${version}: ${license}`),
      [],
    );
  });

  test(`${file}: every package has the hash of its content`, () => {
    // A bundled package has the licence of the package that contains it.
    const wrong = installed.filter(
      ({ integrity, inBundle }) => !inBundle && !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity),
    );
    assert.deepEqual(
      wrong.map(({ name }) => name),
      [],
    );
  });

  // With `omit-lockfile-registry-resolved`; the hash says that it is the same package, from wherever it comes.
  test(`${file}: no package comes from its own URL`, () => {
    for (const [path, { resolved, link }] of Object.entries(packages)) {
      if (resolved === undefined) continue;
      const target = join(ROOT, folder, resolved);
      assert(
        link && !relative(ROOT, target).startsWith("..") && existsSync(target),
        `${path} comes from ${resolved}`,
      );
    }
  });

  test(`${file}: every version that is asked for is an exact one`, () => {
    for (const [path, entry] of Object.entries(packages)) {
      if (path.includes("node_modules/")) continue;
      const { dependencies, devDependencies, optionalDependencies } = entry;
      for (const [name, version] of Object.entries({
        ...dependencies,
        ...devDependencies,
        ...optionalDependencies,
      })) {
        assert.match(version, /^(npm:[^@]+@)?\d+\.\d+\.\d+$|^file:/, `${path || folder} asks for ${name}`);
      }
    }
  });
}

test("only packages that were looked at run scripts when they are installed", () => {
  const found = new Set(
    locks.flatMap(({ installed }) =>
      installed.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name),
    ),
  );
  assert.deepEqual([...found].sort(), SCRIPTS);
});

/** The packages of a folder with a vulnerability of high severity; or why the registry did not answer. */
async function audit(folder, ...options) {
  const args = ["audit", "--json", "--package-lock-only", ...options];
  const { stdout } = await execute("npm", args, {
    cwd: join(ROOT, folder),
    shell: process.platform === "win32",
  }).catch((error) => error);
  const report = JSON.parse(stdout);
  if (!report.auditReportVersion) return { away: report.message ?? stdout };
  const all = Object.values(report.vulnerabilities);
  return {
    all,
    high: all.filter(({ severity }) => ["high", "critical"].includes(severity)).map(({ name }) => name),
  };
}

let answer;
for (const { file, folder } of locks) {
  test(`${file}: no package has a known vulnerability of a high severity`, async (t) => {
    if (!answer?.away) answer = await audit(folder);
    if (answer.away) return unreachable(t, "npm's advisories", answer.away);
    for (const { name, severity, range } of answer.all) t.diagnostic(`${severity}: ${name} ${range}`);
    assert.deepEqual(answer.high, []);
  });
}

test("a vulnerability that the registry knows is found", async () => {
  const advisory = {
    id: 1,
    url: "http://127.0.0.1/1",
    title: "made up",
    severity: "high",
    vulnerable_versions: "*",
  };
  const server = createServer((request, response) => {
    response.statusCode = request.method === "POST" ? 200 : 404;
    response.end(JSON.stringify({ esbuild: [advisory] }));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  try {
    const { high } = await audit("xtask/bundle", `--registry=http://127.0.0.1:${server.address().port}`);
    assert.deepEqual(high, ["esbuild"]);
  } finally {
    server.close();
  }
});
