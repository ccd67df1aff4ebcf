#!/usr/bin/env node
// The command `comfycontrol-runners`: connects `run` with this process.

import { readFileSync } from "node:fs";

import { INTERRUPTED } from "./exit-codes.js";
import { listenForInterrupt } from "./interrupt.js";
import { run } from "./run.js";
import { createStdout } from "./stdout.js";
import { describeTerminal } from "./terminal.js";

async function main() {
  const { env, stdout, stderr } = process;
  const signal = listenForInterrupt(process, INTERRUPTED);

  let written = Promise.resolve();
  stderr.on("error", () => {});

  const exitCode = await run(process.argv.slice(2), {
    stdout: createStdout(stdout, signal),
    describeTerminal: () => describeTerminal(stdout, env),
    stderr: {
      write(text) {
        written = new Promise((resolve) => stderr.write(text, resolve));
      },
      describe: () => describeTerminal(stderr, env),
    },
    env,
    signal,
    now: Date.now,
    version: () => JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version,
  });

  await written;
  // Exit explicitly: after Ctrl-C, a pending write to a reader that does not read must not keep the process alive.
  process.exit(exitCode);
}

main();
