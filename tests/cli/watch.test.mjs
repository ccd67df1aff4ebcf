// `watch`: changes as they happen, for people, for programs and as JSON.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startEmulator } from "../package/support/emulator.mjs";
import { CTRL_C, plain, start, startTerminal, until } from "./support/command.mjs";

const emulator = await startEmulator("--runners", "30");
const env = { COMFYCONTROL_BASE_URL: emulator.url };
const WATCH = ["watch", "--interval", "1s"];
const change = () =>
  emulator.change({
    add: [{ name: "fresh", tags: ["gpu:h100"] }],
    remove: [4],
    change: [{ runner: 9, set: { name: "renamed" } }],
  });
const readings = () => emulator.stats().then(({ listReads }) => listReads);

test("in a terminal: a line a change, cut to its width, until Ctrl-C", async () => {
  await emulator.change({ reset: 30 });
  await emulator.fresh();
  const { seen, done, type } = startTerminal(`comfycontrol-runners ${WATCH.join(" ")}`, env, { columns: 60 });
  await until(() => seen.stdout.includes("watching 30 runners; Ctrl-C ends it"));
  await change();
  await until(() => seen.stdout.includes("fresh"), "the change");
  type(CTRL_C);
  const { code, stdout } = await done;
  assert.equal(code, 130);
  const lines = plain(stdout)
    .split("\n")
    .filter((line) => /^\d\d:\d\d:\d\d  /.test(line));
  assert.deepEqual(
    lines.map((line) => line.slice(10, 11)),
    ["-", "~", "+"],
  );
  for (const line of lines) assert.ok(line.length <= 60, line);
  assert.match(lines[1], /^\d\d:\d\d:\d\d  ~  renamed  name: \S+ → renamed  /);
  assert.match(lines[2], /^\d\d:\d\d:\d\d  \+  fresh  (?:plus|pro) gpu:h100  /);
});

test("in a pipe: values separated by tabs, and nothing on standard error", async () => {
  await emulator.change({ reset: 30 });
  await emulator.fresh();
  const { child, seen, done } = start(WATCH, env);
  await until(async () => (await readings()) === 1);
  const { added, removed } = await change();
  await until(() => seen.stdout.includes("fresh"), "the change");
  child.kill("SIGINT");
  const { code, stdout, stderr } = await done;
  assert.equal(code, 130);
  assert.equal(stderr, "");
  const rows = stdout
    .slice(0, -1)
    .split("\n")
    .map((line) => line.split("\t"));
  assert.deepEqual(
    rows.map(([, kind, id]) => [kind, id]).filter(([kind]) => kind !== "changed"),
    [
      ["removed", removed[0]],
      ["added", added[0]],
    ],
  );
  for (const [time, ...rest] of rows) {
    assert.equal(new Date(time).toISOString(), time);
    assert.equal(rest.length, 4);
  }
});

test("as JSON: the list first, then the changes with the runners, with the fields asked for", async () => {
  await emulator.change({ reset: 3 });
  await emulator.fresh();
  const { child, seen, done } = start([...WATCH, "--ndjson", "id,name"], env);
  await until(() => seen.stdout.includes("\n"));
  await emulator.change({ change: [{ runner: 1, set: { name: "renamed" } }] });
  await until(() => seen.stdout.includes("renamed"), "the change");
  child.kill("SIGINT");
  const [list, changed] = (await done).stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(list.type, "list");
  assert.equal(list.runners.length, 3);
  assert.deepEqual(Object.keys(list.runners[0]), ["id", "name"]);
  assert.equal(changed.type, "changed");
  assert.ok(changed.fields.includes("name"));
  assert.deepEqual(changed.runner, { id: list.runners[1].id, name: "renamed" });
  assert.deepEqual(changed.previous, list.runners[1]);
});

test("a reading that fails is said, and the next one goes on", async () => {
  await emulator.change({ reset: 3 });
  await emulator.fresh();
  await emulator.faults({ status: 500, times: 3, retryAfter: 0 });
  const { child, seen, done } = start([...WATCH, "--verbose"], env);
  await until(() => seen.stderr.includes("watching 3 runners"), "the watch begins");
  child.kill("SIGINT");
  const { code, stderr } = await done;
  assert.equal(code, 130);
  assert.match(stderr, /comfycontrol-runners: GET \/v1\/managed-runner answered 500/);
});

test("a failure that trying again cannot help ends it", async () => {
  const { code, stderr } = await start(WATCH, { ...env, COMFYCONTROL_TOKEN: "cfc_other" }).done;
  assert.equal(code, 4);
  assert.match(stderr, /answered 401/);
});

test("it ends with its reader, quietly", async () => {
  await emulator.change({ reset: 3 });
  await emulator.fresh();
  const { child, seen, done } = start(WATCH, env);
  await until(async () => (await readings()) === 1);
  child.stdout.destroy();
  await emulator.change({ add: 1 });
  const { code } = await done;
  assert.deepEqual([code, seen.stderr], [0, ""]);
});
