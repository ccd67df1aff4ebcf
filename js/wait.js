// Waits with a time-out and a signal. However a wait ends, it leaves no timer and no listener behind.

import { isAborted, offAbort, onAbort } from "./abort.js";
import { runIn } from "./async-context.js";
import { hasEnded, onEnd } from "./trap.js";

/** The longest time for which a timer can be set. Beyond it, timers fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Waits until `start` calls `end(ending, value)`, the time is over (24 days at most), or the signal aborts. Resolves to
 * `{ ending, value }`, and never rejects. Stays pending if the instance has ended, or ends meanwhile. `start` may
 * return a function that cancels its work; it is called unless the ending is `done`.
 */
export function wait(ms, signal, start) {
  return new Promise((resolve) => {
    // The instance ended in a function that it called, and its code still runs: nobody is left to take an outcome.
    if (hasEnded()) return;
    let ended;
    let timer;
    let cancel;
    const stop = (ending) => {
      ended = ending;
      clearTimeout(timer);
      forgetEnd();
      if (signal) offAbort(signal, onSignal);
      if (ending !== "done") cancel?.();
    };
    const end = (ending, value) => {
      if (ended) return;
      resolve({ ending, value });
      stop(ending);
    };
    const onSignal = () => end("aborted");

    if (signal && isAborted(signal)) return resolve({ ending: "aborted" });
    if (signal) onAbort(signal, onSignal);
    // Without an outcome: nobody is left to take one.
    const forgetEnd = onEnd(() => stop("dropped"));
    if (ms < Infinity) timer = setTimeout(end, Math.min(ms, LONGEST_TIMER_MS), "timed_out");
    try {
      cancel = start(end);
    } catch (error) {
      end("failed", error);
    }
    // `start` itself may have ended the wait, before it returned `cancel`.
    if (ended && ended !== "done") cancel?.();
  });
}

function sleep(ms, signal) {
  return wait(ms, signal, () => {});
}

function callIn(context, run, ms, signal) {
  return call(() => runIn(context, run), ms, signal);
}

function call(run, ms, signal) {
  return wait(ms, signal, (end) => {
    (async () => run())().then(
      (value) => end("done", value),
      (error) => end("failed", error),
    );
  });
}

/** Without a page, only the time counts. */
function sleepUntilVisible(ms, signal) {
  const page = globalThis.document;
  const startedAt = performance.now();
  return wait(Infinity, signal, (end) => {
    let timer;
    const check = () => {
      clearTimeout(timer);
      const passed = performance.now() - startedAt;
      // If the clock went back, nobody knows: then the time is over.
      const left = passed < 0 ? 0 : Math.ceil(ms - passed);
      if (page?.hidden) return;
      if (left > 0) timer = setTimeout(check, Math.min(left, LONGEST_TIMER_MS));
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

/** Declared and documented in `src/web/host.rs`. */
export const waits = { sleep, sleepUntilVisible, call, callIn };
