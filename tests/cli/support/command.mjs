// The packed command as users get it: installed by npm, run as a process, in pipes or in a terminal.

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

/** A folder for the files of one test file. */
export const scratch = mkdtempSync(join(tmpdir(), "cli-test-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** The environment of the command, without variables of this machine that influence it. */
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

// Processes are slow on a busy machine.
const PATIENCE_MS = 60_000;

/** Polls until `check()` returns a truthy value, and returns it. */
export const until = (check, what = String(check)) => poll(check, what, PATIENCE_MS);

const children = new Set();
after(() => children.forEach((child) => child.kill("SIGKILL")));

// Ends processes that failed tests left behind.
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

/** Starts the command with pipes. Returns `{ child, seen, done }`; `done` resolves to `{ code, stdout, stderr }`. */
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

/** Runs a shell line that can use the command by its name. */
export const shell = (line, env = {}) =>
  observe(
    spawn("bash", ["-c", line], { cwd: folder, env: environment(env), stdio: ["ignore", "pipe", "pipe"] }),
  ).done;

/** Quotes a text as one word of a shell. */
export const quoted = (word) => `'${word.replaceAll("'", `'\\''`)}'`;

/**
 * Starts a shell line in a pseudo-terminal. `seen.stdout` has both outputs, without carriage returns; `type(keys)`
 * types.
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
