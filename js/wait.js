// Waits with a time-out and a signal. However a wait ends, it leaves no timer and no listener behind.

import { isAborted, offAbort, onAbort } from "./abort.js";

/**
 * How a wait ended. `value` is what `start` ended it with.
 *
 * @typedef {{ ending: string, value?: unknown }} Outcome
 */

/** The pending waits, each as the function that drops it. */
const pending = new Set();

/**
 * Waits until `start` calls `end`, the time is over, or the signal aborts. Never rejects. `start` may
 * return a function that cancels its work; it is called unless the ending is `done`.
 *
 * @param {number} ms
 * @param {AbortSignal | undefined} signal
 * @param {(end: (ending: string, value?: unknown) => void) => ((() => void) | void)} start
 * @returns {Promise<Outcome>}
 */
export function wait(ms, signal, start) {
  return new Promise((resolve) => {
    let ended;
    let timer;
    let cancel;
    const stop = (ending) => {
      ended = ending;
      clearTimeout(timer);
      pending.delete(drop);
      if (signal) offAbort(signal, onSignal);
      if (ending !== "done") cancel?.();
    };
    const end = (ending, value) => {
      if (ended) return;
      resolve({ ending, value });
      stop(ending);
    };
    const onSignal = () => end("aborted");
    const drop = () => stop("dropped");

    if (signal && isAborted(signal)) return end("aborted");
    if (signal) onAbort(signal, onSignal);
    pending.add(drop);
    if (ms < Infinity) timer = setTimeout(end, ms, "timed_out");
    try {
      cancel = start(end);
    } catch (error) {
      end("failed", error);
    }
    // `start` itself may have ended the wait, before it returned `cancel`.
    if (ended && ended !== "done") cancel?.();
  });
}

/** Drops all pending waits without an outcome: after a trap, no code is left that needs one. */
export function dropWaits() {
  for (const drop of [...pending]) drop();
}

/**
 * Waits for a time.
 *
 * @param {number} ms
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Outcome>}
 */
export function sleep(ms, signal) {
  return wait(ms, signal, () => {});
}

/**
 * Calls a function of the caller, and waits for its result.
 *
 * @param {() => unknown} run
 * @param {number} ms
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Outcome>}
 */
export function call(run, ms, signal) {
  return wait(ms, signal, (end) => {
    (async () => run())().then(
      (value) => end("done", value),
      (error) => end("failed", error),
    );
  });
}

/**
 * Waits until a time has passed and the page is visible. Without a page, only the time counts.
 *
 * @param {number} ms
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Outcome>}
 */
export function sleepUntilVisible(ms, signal) {
  const page = globalThis.document;
  const due = performance.now() + ms;
  return wait(Infinity, signal, (end) => {
    let timer;
    const check = () => {
      clearTimeout(timer);
      const left = Math.ceil(due - performance.now());
      if (page?.hidden) return;
      if (left > 0) timer = setTimeout(check, left);
      else finish("done");
    };
    const stop = () => {
      clearTimeout(timer);
      page?.removeEventListener("visibilitychange", check);
    };
    const finish = (ending) => {
      stop();
      end(ending);
    };
    page?.addEventListener("visibilitychange", check);
    check();
    return stop;
  });
}

/** Rust calls them as members of an object: see `src/web/host.rs`. */
export const waits = { sleep, sleepUntilVisible, call };
