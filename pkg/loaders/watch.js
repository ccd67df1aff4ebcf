// Watching, as JavaScript iterates. When to read and what has changed is decided by the instance.

import { ComfyControlError } from "../js/errors.js";
import { readPages, stoppable } from "./iterate.js";

export function watch(watching) {
  let reading;
  let over = false;
  const wake = () => watching.last("wake");
  const stop = () => {
    over = true;
    reading?.last("cancel");
    wake();
  };
  return stoppable(follow(), stop);

  async function* follow() {
    const page = globalThis.document;
    try {
      while (!over) {
        const next = watching.call("poll", !page?.hidden);
        if (typeof next?.then === "function") {
          page?.addEventListener("visibilitychange", wake);
          try {
            await watching.wait(next);
          } finally {
            page?.removeEventListener("visibilitychange", wake);
          }
          if (watching.call("aborted")) return;
          continue;
        }
        const change = await read(next);
        if (over || watching.call("aborted")) return;
        if (change) yield change;
      }
    } finally {
      watching.free();
    }
  }

  async function read(next) {
    const runners = [];
    try {
      // The environment may have changed since the options were checked.
      if (next instanceof ComfyControlError) throw next;
      reading = watching.of(next);
      for await (const rows of readPages(reading)) {
        runners.push(...rows);
        reading.call("consumed", rows.length);
      }
    } catch (error) {
      return watching.call("failed", error);
    } finally {
      reading?.free();
    }
    return watching.call("succeeded", runners);
  }
}
