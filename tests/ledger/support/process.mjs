// The parent's side of a process that makes calls under a shared limit.

import { fork } from "node:child_process";
import { once } from "node:events";
import { after } from "node:test";
import { fileURLToPath } from "node:url";

import { entry, home } from "../../package/support/package.mjs";

const children = new Set();
after(() => {
  for (const child of children) child.kill("SIGKILL");
});

/**
 * Starts a process. `options` are those of `child.mjs`. Returns `call(count)`, which makes `count` calls at
 * once and returns `{ ends, errors, events }`; `end()`, `kill()`, and `events`, the events so far.
 */
export async function startProcess(options) {
  const child = fork(fileURLToPath(new URL("child.mjs", import.meta.url)), [
    JSON.stringify({ entry, home, ...options }),
  ]);
  children.add(child);
  child.once("exit", () => children.delete(child));
  const events = [];
  child.on("message", ({ event }) => event && events.push(event));
  await once(child, "message");
  return {
    events,
    /** The results of all calls. Never settles if the process is killed. */
    call(count) {
      child.send({ count });
      return new Promise((resolve) => {
        const hear = ({ result }) => {
          if (!result) return;
          child.off("message", hear);
          resolve(result);
        };
        child.on("message", hear);
      });
    },
    async end() {
      child.send({ end: true });
      await once(child, "exit");
    },
    async kill() {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
