// Stands in for the global `queueMicrotask` in the generated glue, by the bundler's `inject`.

import { trapped } from "../trap.js";

/**
 * Queues a task of Rust. A trap in it is noticed here: nothing else would settle the task's promises.
 *
 * @param {() => void} run
 */
export function queueMicrotask(run) {
  globalThis.queueMicrotask(() => {
    try {
      run();
    } catch (error) {
      trapped(error);
    }
  });
}
