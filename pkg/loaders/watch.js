// Watching, as JavaScript iterates. When to read and what has changed is decided by the instance.

import { readPages, stoppable } from "./iterate.js";

export function watch(watching) {
  let reading;
  let over = false;
  const stop = () => {
    over = true;
    reading?.last("cancel");
    watching.last("wake");
  };
  return stoppable(follow(), stop);

  async function* follow() {
    const page = globalThis.document;
    const wake = () => watching.last("wake");
    page?.addEventListener("visibilitychange", wake);
    try {
      while (!over) {
        const next = watching.call("poll", !page?.hidden);
        if (typeof next?.then === "function") {
          await watching.wait(next);
          if (watching.call("aborted")) return;
          continue;
        }
        const change = await read(watching.of(next));
        if (over || watching.call("aborted")) return;
        if (change) yield change;
      }
    } finally {
      page?.removeEventListener("visibilitychange", wake);
    }
  }

  async function read(iteration) {
    reading = iteration;
    const runners = [];
    try {
      for await (const rows of readPages(iteration)) {
        runners.push(...rows);
        iteration.call("consumed", rows.length);
      }
    } catch (error) {
      return watching.call("failed", error);
    }
    return watching.call("succeeded", runners);
  }
}
