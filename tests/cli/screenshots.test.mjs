// The documents show what the command prints in a terminal. These tests compare them;
// `UPDATE_README=1 node --test tests/cli/screenshots.test.mjs` updates them.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { startEmulator } from "../package/support/emulator.mjs";
import { CTRL_C, startTerminal, terminal, until } from "./support/command.mjs";

const DOCUMENTS = ["docs/cli.md", "README.md"].map((path) => new URL(`../../${path}`, import.meta.url));
const SIZE = { columns: 100 };

const emulator = await startEmulator("--runners", "25");
const env = { COMFYCONTROL_BASE_URL: emulator.url, NO_COLOR: "1" };

/** Compares the part of each document between the marks of `name` with the output. */
function hold(name, printed) {
  const begin = `<!-- ${name}:begin -->\n`;
  const end = `<!-- ${name}:end -->`;
  let shown = 0;
  for (const document of DOCUMENTS.filter((one) => existsSync(one))) {
    const text = readFileSync(document, "utf8");
    if (!text.includes(begin)) continue;
    shown += 1;
    const [before, rest] = text.split(begin);
    const after = rest.split(end)[1];
    const wanted = `${before}${begin}\n\`\`\`text\n${printed.trimEnd()}\n\`\`\`\n\n${end}${after}`;
    if (process.env.UPDATE_README) writeFileSync(document, wanted);
    else assert.equal(text, wanted);
  }
  assert.ok(shown > 0, `no document shows ${name}`);
}

test("a table, as it prints in a terminal of 100 columns", async () => {
  const { code, stdout } = await terminal(["list", "--per-page", "5"], env, SIZE);
  assert.equal(code, 0);
  hold("cli-table", `$ npx comfycontrol-runners list --per-page 5\n${stdout}`);
});

test("a watch, as it prints in a terminal of 100 columns", async () => {
  const { seen, done, type } = startTerminal("comfycontrol-runners watch --interval 1s", env, SIZE);
  const printed = (text) => until(() => seen.stdout.includes(text), text);
  await printed("watching 25 runners");
  await emulator.change({
    add: [{ name: "studio-eu-11", runner_type: "pro", tags: ["gpu:a100", "region:eu"] }],
  });
  await printed("studio-eu-11");
  await emulator.change({ change: [{ runner: 3, set: { tags: ["gpu:h100", "region:uk"] } }], remove: [5] });
  await printed("gpu:h100");
  type(CTRL_C);
  const { code, stdout } = await done;
  assert.equal(code, 130);
  // The time of day differs from run to run: the changes are shown as those of two readings.
  const times = ["10:30:30", "10:31:00", "10:31:00"];
  const lines = stdout.replace(/\^C$/, "").replaceAll(/^\d\d:\d\d:\d\d/gm, () => times.shift());
  assert.equal(times.length, 0);
  hold("cli-watch", `$ npx comfycontrol-runners watch\n${lines}`);
});
