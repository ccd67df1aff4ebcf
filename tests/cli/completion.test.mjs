// The completion scripts, run in the shells themselves; in zsh and fish only if they are installed.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { COMMANDS, optionsOf } from "../../js/cli/command-table.js";
import { run, scratch } from "./support/command.mjs";

const there = (shell) => spawnSync(shell, ["-c", "exit 0"]).status === 0;
const dashed = (command) => optionsOf(command).map((name) => `--${name}`);
const names = Object.keys(COMMANDS);

async function script(shell, name) {
  const { code, stdout, stderr } = await run(["completion", shell]);
  assert.deepEqual([code, stderr], [0, ""]);
  const path = join(scratch, name);
  writeFileSync(path, stdout);
  return path;
}

function lines({ status, stdout, stderr }) {
  assert.equal(status, 0, String(stderr));
  assert.equal(String(stderr), "");
  return String(stdout)
    .split("\n")
    .filter((line) => line !== "");
}

const CASES = [
  [[""], [...names, "--help", "--version"]],
  [["wa"], ["watch"]],
  [["list", "--"], dashed("list")],
  [
    ["list", "--p"],
    ["--page", "--per-page"],
  ],
  [["all", "--res"], ["--resume-from"]],
  [
    ["completion", ""],
    ["bash", "zsh", "fish", "--help", "--version"],
  ],
  [
    ["emulator", "--tier", "p"],
    ["plus", "pro"],
  ],
  [["list", "--page", ""], []],
  [["--verbose", "all", "--l"], ["--limit"]],
];

const bash = await script("bash", "bash");
for (const [words, expected] of CASES) {
  test(`bash: ${words.join(" ")}`, () => {
    const line = `source "$1"; shift; COMP_WORDS=(comfycontrol-runners "$@"); COMP_CWORD=$#; _comfycontrol_runners; printf '%s\\n' "\${COMPREPLY[@]}"`;
    assert.deepEqual(lines(spawnSync("bash", ["--norc", "-c", line, "bash", bash, ...words])), expected);
  });
}

test("bash: files after --token-file, also with spaces", () => {
  writeFileSync(join(scratch, "my token"), "");
  const line = `source "$1"; compopt() { :; }; cd "$2"; COMP_WORDS=(comfycontrol-runners list --token-file my); COMP_CWORD=3; _comfycontrol_runners; printf '%s\\n' "\${COMPREPLY[@]}"`;
  assert.deepEqual(lines(spawnSync("bash", ["--norc", "-c", line, "bash", bash, scratch])), ["my token"]);
});

test(
  "zsh: the script has no error, and completes commands, options and values",
  { skip: !there("zsh") && "zsh is not installed" },
  async () => {
    const path = await script("zsh", "_comfycontrol-runners");
    assert.equal(spawnSync("zsh", ["-n", path]).status, 0);
    // zsh only completes lines that are edited, so this needs a pseudo-terminal. A function that replaces the
    // command prints its arguments.
    const inside = `
    zmodload zsh/zpty
    zpty inner TERM=dumb zsh -f -i
    zpty -w inner 'PS1=; fpath=(${scratch} $fpath); autoload -Uz compinit; compinit -u -D'
    zpty -w inner 'comfycontrol-runners() { print -r "GOT:$*:" }; print RE""ADY'
    zpty -r inner text '*READY*'
    for line in "$@"; do
      zpty -w inner "comfycontrol-runners $line"$'\\t'
      zpty -r inner text '*GOT:*:*'
      print -r -- \${\${text##*GOT:}%%:*}
    done
    zpty -d inner`;
    const ask = ["wat", "list --per-p", "emulator --tier enter", "completion fi", "--vers"];
    const answered = lines(spawnSync("zsh", ["-f", "-c", inside, "zsh", ...ask], { timeout: 20_000 }));
    assert.deepEqual(
      answered.map((line) => line.trim()),
      ["watch", "list --per-page", "emulator --tier enterprise", "completion fish", "--version"],
    );
  },
);

test("fish: commands, options and values", { skip: !there("fish") && "fish is not installed" }, async () => {
  const path = await script("fish", "completion.fish");
  const ask = (line) =>
    lines(
      spawnSync("fish", ["--no-config", "-c", `source ${path}; complete -C '${line}'`], {
        env: { ...process.env, HOME: scratch },
      }),
    ).map((one) => one.split("\t")[0]);
  assert.deepEqual(ask("comfycontrol-runners ").sort(), [...names].sort());
  assert.deepEqual(ask("comfycontrol-runners list --pe"), ["--per-page"]);
  assert.deepEqual(ask("comfycontrol-runners emulator --tier p").sort(), ["plus", "pro"]);
  assert.deepEqual(ask("comfycontrol-runners completion ").sort(), ["bash", "fish", "zsh"]);
});
