// Where the token comes from. It is never printed.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { startEmulator, TOKEN } from "../package/support/emulator.mjs";
import { run, scratch, start, until } from "./support/command.mjs";

const emulator = await startEmulator("--runners", "3");
const without = { COMFYCONTROL_BASE_URL: emulator.url, COMFYCONTROL_TOKEN: undefined };
const file = (name, text) => {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
};

test("the token of a file is used, with or without a line end, and comes before the environment's", async () => {
  for (const text of [TOKEN, `${TOKEN}\n`, `  ${TOKEN}\r\n`]) {
    const path = file("token", text);
    assert.equal((await run(["list", "--token-file", path], without)).code, 0);
    assert.equal(
      (await run(["list", "--token-file", path], { ...without, COMFYCONTROL_TOKEN: "cfc_other" })).code,
      0,
    );
  }
});

const WRONG = [
  [
    "a file that is not there",
    () => join(scratch, "missing"),
    /cannot read ".*missing": there is no such file/,
  ],
  [
    "a folder",
    () => (mkdirSync(join(scratch, "folder"), { recursive: true }), join(scratch, "folder")),
    /cannot read ".*": it is a folder/,
  ],
  ["an empty file", () => file("empty", "\n"), /".*empty" is empty/],
  ["two lines", () => file("two", "cfc_one\ncfc_two\n"), /".*two" holds more than a token/],
];
for (const [what, path, message] of WRONG) {
  test(`${what} is wrong use, and what it holds is not shown`, async () => {
    const { code, stdout, stderr } = await run(["list", "--token-file", path()], without);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /cfc_one|cfc_two/);
  });
}

test("a token as an argument is refused, with the reason", async () => {
  for (const args of [
    ["list", "--token", "cfc_secretvalue"],
    ["--token=cfc_secretvalue", "all"],
  ]) {
    const { code, stderr } = await run(args, without);
    assert.equal(code, 2);
    assert.match(stderr, /not accepted as an argument, since other users of this machine can see those/);
    assert.doesNotMatch(stderr, /secretvalue/);
  }
});

test("nothing prints the token: not with --verbose, not in failures, not where the server gives it back", async () => {
  const path = file("token", TOKEN);
  const faults = [
    {},
    { status: 500, message: TOKEN, times: 3, retryAfter: 0 },
    { status: 400, message: `no ${TOKEN}` },
    { body: `{"runners": "${TOKEN}"}` },
    { html: true },
  ];
  for (const [index, fault] of faults.entries()) {
    await emulator.fresh();
    await emulator.faults(fault);
    const args = [index % 2 ? "list" : "all", "--verbose"];
    const { stdout, stderr } =
      index % 2
        ? await run(args, { ...without, COMFYCONTROL_TOKEN: TOKEN })
        : await run([...args, "--token-file", path], without);
    assert.ok(!(stdout + stderr).includes(TOKEN), stderr);
  }
});

test("a token in the base URL is not printed either", async () => {
  const secret = "cfc_secretvalue";
  for (const [url, shown] of [
    [secret, /takes a URL such as .*, not "cfc_…"\n$/],
    [`${emulator.url}/${secret}`, /GET \/cfc_…: 404 \(not_found\) after/],
  ]) {
    const { stdout, stderr } = await run(["list", "--verbose", "--base-url", url], without);
    assert.match(stderr, shown);
    assert.ok(!(stdout + stderr).includes("secretvalue"), stderr);
  }
});

test("a watch does not print it either", async () => {
  await emulator.fresh();
  await emulator.faults({ status: 500, message: TOKEN, times: 3, retryAfter: 0 });
  const { child, seen, done } = start(["watch", "--interval", "1s", "--verbose"], {
    ...without,
    COMFYCONTROL_TOKEN: TOKEN,
  });
  await until(() => seen.stderr.includes("watching 3 runners"), "the watch begins");
  child.kill("SIGINT");
  const { stdout, stderr } = await done;
  assert.match(stderr, /answered 500/);
  assert.ok(!(stdout + stderr).includes(TOKEN), stderr);
});
