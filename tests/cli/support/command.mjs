// The packed command as its users get it: installed by npm, run as a process, in pipes or in a terminal.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after } from "node:test";

import { TOKEN } from "../../package/support/emulator.mjs";
import { folder } from "../../package/support/package.mjs";
import { poll } from "../../package/support/watch.mjs";

/** The folder of the installed commands. */
const bin = join(folder, "node_modules", ".bin");

/** A folder for the files of one file of tests. */
export const scratch = mkdtempSync(join(tmpdir(), "cli-test-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** What the command finds in its environment: nothing of the machine's that decides anything. */
function environment(settings) {
  const { COMFYCONTROL_TOKEN, COMFYCONTROL_BASE_URL, NO_COLOR, FORCE_COLOR, ...others } = process.env;
  const env = {
    ...others,
    PATH: `${bin}${delimiter}${others.PATH}`,
    TERM: "xterm",
    COMFYCONTROL_TOKEN: TOKEN,
    ...settings,
  };
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
}

// Whole processes on a busy machine take their time.
const PATIENCE_MS = 60_000;

/** Polls until `check()` gives something truthy, which it returns. */
export const until = (check, what = String(check)) => poll(check, what, PATIENCE_MS);

const children = new Set();
after(() => children.forEach((child) => child.kill("SIGKILL")));

// What failed tests leave behind is ended with the file.
function observe(child) {
  children.add(child);
  child.once("exit", () => children.delete(child));
  const seen = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) {
    child[name]?.setEncoding("utf8").on("data", (text) => (seen[name] += text));
  }
  const done = once(child, "close").then(([code, signal]) => ({ code, signal, ...seen }));
  return { child, seen, done };
}

/** Starts the command with pipes: `{ child, seen, done }`, of which `done` gives `{ code, stdout, stderr }`. */
export const start = (args, env = {}) =>
  observe(
    spawn("comfycontrol-runners", args, {
      cwd: folder,
      env: environment(env),
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );

/** Runs the command with pipes. */
export const run = (args, env) => start(args, env).done;

/** Runs a line of a shell, in which the command has its name. */
export const shell = (line, env = {}) =>
  observe(
    spawn("bash", ["-c", line], { cwd: folder, env: environment(env), stdio: ["ignore", "pipe", "pipe"] }),
  ).done;

/** A word of a shell. */
export const quoted = (word) => `'${word.replaceAll("'", `'\\''`)}'`;

/**
 * Starts a line of a shell in a pseudo-terminal. What both outputs print is in `seen.stdout`, with the line
 * ends of a terminal taken out; `type(keys)` types.
 */
export function startTerminal(line, env = {}, { columns = 80, rows = 24 } = {}) {
  const inside = `stty cols ${columns} rows ${rows}; ${line}`;
  const args = [
    "--quiet",
    "--flush",
    "--return",
    "--echo",
    "never",
    "--command",
    `bash -c ${quoted(inside)}`,
    "/dev/null",
  ];
  const started = observe(
    spawn("script", args, {
      cwd: folder,
      env: { ...environment(env), SHELL: "/bin/sh" },
      stdio: ["pipe", "pipe", "pipe"],
    }),
  );
  const done = started.done.then((result) => ({ ...result, stdout: result.stdout.replaceAll("\r\n", "\n") }));
  return { ...started, done, type: (keys) => started.child.stdin.write(keys) };
}

/** Runs the command in a pseudo-terminal. */
export const terminal = (args, env, size) =>
  startTerminal(["comfycontrol-runners", ...args].map(quoted).join(" "), env, size).done;

/** The text without colours. */
export const plain = (text) => text.replaceAll(/\x1b\[\d+m/g, "");

/** Ctrl-C, as a terminal takes it. */
export const CTRL_C = "\x03";
