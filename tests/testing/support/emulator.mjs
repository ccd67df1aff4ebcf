// The emulator's program on a free port.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const BUILT = fileURLToPath(new URL("../../../target/debug/comfycontrol-emulator", import.meta.url));

/** Starts it with these options. Returns its `url` and `stop()`. */
export async function startEmulator(...options) {
  const program = process.env.EMULATOR ?? BUILT;
  const child = spawn(program, ["--port", "0", "--exit-with-stdin", ...options], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = await once(createInterface(child.stdout), "line");
  return {
    url: line.replace("listening on ", ""),
    async stop() {
      const ended = once(child, "exit");
      child.stdin.end();
      await ended;
    },
  };
}
