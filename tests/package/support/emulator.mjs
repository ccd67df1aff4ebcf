// The local API on a free port, for one file of tests, and its control interface.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after } from "node:test";

/** The token that the emulator accepts. */
export const TOKEN = "cfc_demo";

/**
 * Starts the emulator, which ends with the test file. It has no rate limit, unless `options` set one. Returns `url`, and
 * functions that call the control interface: `faults(...)`, `set(settings)`, `state()`, `log()`, `change(...)`,
 * `schedule(...)`, `listed()`.
 */
export async function startEmulator(...options) {
  const emulator = await launch(...options);
  after(emulator.stop);
  return emulator;
}

/** Like `startEmulator`, but the emulator ends with `stop()`. */
export async function launch(...options) {
  const program = process.env.EMULATOR;
  if (!program) throw new Error("EMULATOR names no program: run `cargo xtask test package`");
  const limit = options.includes("--limit") ? [] : ["--no-limit"];
  const child = spawn(program, ["--port", "0", "--exit-with-stdin", ...limit, ...options], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = await once(createInterface(child.stdout), "line");
  const url = line.replace("listening on ", "");
  let ended;
  const stop = () => {
    ended ??= once(child, "exit");
    child.stdin.end();
    return ended;
  };
  const control = async (method, path, body) => {
    const answer = await fetch(`${url}/__control/${path}`, {
      method,
      body: body && JSON.stringify(body),
      headers: { "content-type": "application/json" },
      signal: AbortSignal.timeout(60_000),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${text}`);
    return text && JSON.parse(text);
  };
  return {
    url,
    stop,
    faults: (...faults) => control("POST", "faults", faults),
    /** The faults that still wait for a request. */
    waiting: () => control("GET", "faults"),
    set: (settings) => control("PATCH", "settings", settings),
    change: (changes) => control("POST", "runners", changes),
    /** Changes that wait for list requests: `{ after, changes }`. */
    schedule: (...steps) => control("POST", "schedule", steps),
    /** All runners, including those that are not listed. */
    runners: () => control("GET", "runners"),
    /** The ids of the runners that are listed now. */
    listed: async () =>
      (await control("GET", "runners")).filter(({ status }) => status !== "disabled").map(({ id }) => id),
    cooldown: (ms) => control("POST", "cooldown", { ms }),
    state: () => control("GET", "state"),
    stats: async () => (await control("GET", "state")).stats,
    /** The requests since the last `fresh`. */
    log: () => control("GET", "log"),
    /** Clears the log, the statistics and the remaining faults. */
    async fresh() {
      await control("DELETE", "faults");
      await control("DELETE", "schedule");
      await control("DELETE", "log");
    },
  };
}
