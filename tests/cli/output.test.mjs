// What reaches standard output and standard error, in pipes and in terminals.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { widthOf } from "../../js/cli/width.js";
import { startEmulator } from "../package/support/emulator.mjs";
import { plain, quoted, run, scratch, shell, startTerminal, terminal } from "./support/command.mjs";
import { parseCsv } from "./support/csv.mjs";

const emulator = await startEmulator("--runners", "25");
const env = { COMFYCONTROL_BASE_URL: emulator.url };
const listed = await emulator.listed();
const list = (...args) => run(["list", "--per-page", "100", ...args], env);

test("in a pipe: lines of values and nothing else", async () => {
  const { code, stdout, stderr } = await list();
  assert.equal(code, 0);
  assert.equal(stderr, "");
  const rows = stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));
  assert.deepEqual(
    rows.map((values) => values.at(-1)),
    listed,
  );
  assert.ok(rows.every((values) => values.length === 6));
  assert.doesNotMatch(stdout, /\x1b/);
});

test("JSON with all fields, and with some", async () => {
  const { stdout, stderr } = await list("--json");
  const runners = JSON.parse(stdout);
  assert.deepEqual(
    runners.map(({ id }) => id),
    listed,
  );
  assert.deepEqual(Object.keys(runners[0]), [
    "id",
    "name",
    "runnerType",
    "status",
    "tags",
    "createdAt",
    "updatedAt",
  ]);
  assert.equal(stderr, "");
  assert.deepEqual(Object.keys(JSON.parse((await list("--json", "id,tags")).stdout)[3]), ["id", "tags"]);
});

test("--json without a list names the fields, to people", async () => {
  const { stdout } = await startTerminal("comfycontrol-runners list --json >/dev/null", env).done;
  assert.match(
    stdout,
    /fields: id, name, runnerType, status, tags, createdAt, updatedAt; choose with --json id,name/,
  );
});

test("lines of JSON and CSV hold the same runners as JSON", async () => {
  const [asJson, asLines, asCsv] = await Promise.all([list("--json"), list("--ndjson"), list("--csv")]);
  const runners = JSON.parse(asJson.stdout);
  assert.deepEqual(
    asLines.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
    runners,
  );
  const [header, ...rows] = parseCsv(asCsv.stdout);
  assert.deepEqual(
    rows,
    runners.map((runner) => header.map((field) => [runner[field]].flat().join(","))),
  );
});

for (const columns of [40, 60, 80, 120, 200]) {
  test(`a table in a terminal of ${columns} columns`, async () => {
    const { code, stdout } = await terminal(["list"], env, { columns });
    assert.equal(code, 0);
    const [header, ...rest] = plain(stdout).trimEnd().split("\n");
    const rows = rest.slice(0, 10);
    assert.match(header, /^NAME .*ID$/);
    for (const line of [header, ...rows]) assert.ok(widthOf(line) <= columns, line);
    assert.deepEqual(
      rows.map((row) => row.split(" ").at(-1).replace("…", "")),
      listed.slice(0, 10).map((id) => id.slice(0, columns < 46 ? 8 : 36)),
    );
    assert.equal(rest[10], "page 1 of 3, 25 runners; next: comfycontrol-runners list --page 2");
  });
}

test("names with wide characters, combining marks and control characters: a table of 40 columns stays one", async () => {
  const names = [
    "東京の工房です、とても長い名前",
    "👩‍💻👩‍💻👩‍💻👩‍💻👩‍💻👩‍💻👩‍💻👩‍💻",
    "Zu\u0308rich",
    "\x1b]0;owned\x07\x9b2J\r\nnext\tline",
    "\u202egnp.exe",
  ];
  await emulator.change({ change: names.map((name, runner) => ({ runner, set: { name } })) });
  const { stdout } = await terminal(["list"], { ...env, NO_COLOR: "1" }, { columns: 40 });
  const lines = stdout.trimEnd().split("\n").slice(0, 11);
  for (const line of lines) {
    assert.ok(widthOf(line) <= 40, line);
    assert.doesNotMatch(line.replaceAll(/\x1b\[(?:2m|22m)/g, ""), /[\p{Cc}\p{Bidi_Control}]/u);
  }
  const ids = lines.map((line) => widthOf(line.slice(0, line.lastIndexOf(" ") + 1)));
  assert.equal(new Set(ids).size, 1, "all ids begin in the same column");
  for (const format of [[], ["--csv"], ["--ndjson"], ["--json"]]) {
    const shown = (await terminal(["list", ...format], { ...env, NO_COLOR: "1" })).stdout;
    assert.doesNotMatch(shown.replaceAll("\n", ""), /[\p{Cc}\p{Bidi_Control}]/u, String(format));
  }
  const [, ...rows] = parseCsv((await list("--csv", "name")).stdout);
  assert.deepEqual(rows.slice(0, 5).flat(), names, "in a pipe, CSV has the data as they are");
  assert.deepEqual(
    JSON.parse((await list("--json", "name")).stdout)
      .slice(0, 5)
      .map(({ name }) => name),
    names,
  );
});

test("colours are for terminals, unless the environment says otherwise", async () => {
  const colors = async (settings, line = "comfycontrol-runners list") =>
    /\x1b\[/.test((await startTerminal(line, { ...env, ...settings }).done).stdout);
  assert.equal(await colors({}), true);
  assert.equal(await colors({ NO_COLOR: "1" }), false);
  assert.equal(await colors({ TERM: "dumb" }), false);
  assert.match((await run(["list"], { ...env, FORCE_COLOR: "1" })).stdout, /\x1b\[32mactive/);
  assert.doesNotMatch((await run(["list", "--json"], { ...env, FORCE_COLOR: "1" })).stdout, /\x1b/);
  assert.equal(await colors({ FORCE_COLOR: "1", NO_COLOR: "1" }), true);
});

test("notes go to people: standard error is silent where it is no terminal, but with --verbose", async () => {
  const quiet = await list();
  assert.equal(quiet.stderr, "");
  const verbose = await list("--verbose");
  assert.equal(verbose.stdout, quiet.stdout);
  assert.match(verbose.stderr, /GET \/v1\/managed-runner: 200 after \d+ ms/);
  assert.match(verbose.stderr, /page 1 of 1, 25 runners/);
  const file = join(scratch, "stdout");
  const { stdout } = await startTerminal(`comfycontrol-runners list >${quoted(file)}`, env).done;
  assert.match(stdout, /page 1 of 3, 25 runners; next/);
  assert.equal(readFileSync(file, "utf8").split("\n").length, 11);
});

test("get: a record for people, a line for programs; order and repeats as asked", async () => {
  const asked = [listed[7], listed[2], listed[7]];
  const { code, stdout } = await run(["get", ...asked], env);
  assert.equal(code, 0);
  assert.deepEqual(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t").at(-1)),
    asked,
  );
  const shown = await terminal(["get", listed[7]], { ...env, NO_COLOR: "1" });
  assert.match(
    shown.stdout,
    /^name     \S+\ntype     \S+\nstatus   active\ntags     .*\ncreated  \S+Z\nupdated  \S+Z\nid       \S+\n$/,
  );
  assert.deepEqual(JSON.parse((await run(["get", listed[7], "--json", "id"], env)).stdout), [
    { id: listed[7] },
  ]);
});

test("match: those that carry all tags, and those without any", async () => {
  const runners = JSON.parse((await list("--json")).stdout);
  const wanted = runners.filter(
    ({ tags }) => tags.length === 0 || (tags.includes("gpu:a100") && tags.includes("region:eu")),
  );
  assert.ok(wanted.length > 0 && wanted.length < runners.length);
  const { stdout } = await run(["match", "--tag", "gpu:a100", "--tag", "region:eu", "--json"], env);
  assert.deepEqual(JSON.parse(stdout), wanted);
  const limited = await run(["match", "--tag", "gpu:a100", "--limit", "1", "--json"], env);
  assert.equal(JSON.parse(limited.stdout).length, 1);
});

test("pages: past the end there is nothing, and people are told", async () => {
  const { code, stdout, stderr } = await run(["list", "--page", "9", "--json", "--verbose"], env);
  assert.deepEqual([code, stdout], [0, "[]\n"]);
  assert.match(stderr, /page 9 is past the end: there are 3 pages/);
});

test("no runners at all: an empty table, an empty array, a header alone", async () => {
  await emulator.change({ reset: 0 });
  assert.deepEqual((await run(["all"], env)).stdout, "");
  assert.deepEqual((await run(["all", "--json"], env)).stdout, "[]\n");
  assert.deepEqual((await run(["all", "--csv", "id,name"], env)).stdout, "id,name\r\n");
  assert.match((await terminal(["list"], env)).stdout, /there are no runners/);
  await emulator.change({ reset: 25 });
});

test("a full disk is a failure that says so", async () => {
  const { code, stderr } = await shell("comfycontrol-runners list >/dev/full", env);
  assert.equal(code, 1);
  assert.match(stderr, /^comfycontrol-runners: cannot write to standard output: ENOSPC/);
});
