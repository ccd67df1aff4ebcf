// Waits with a time-out and a signal. However a wait ends, it leaves no timer and no listener behind.

import { isAborted, offAbort, onAbort } from "./abort.js";
import { runIn } from "./async-context.js";
import { hasEnded, onEnd } from "./trap.js";

/**
 * Waits until `start` calls `end(ending, value)`, the time is over, or the signal aborts. Resolves to
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

/** Declared and documented in `src/web/host.rs`. */
export const waits = { sleep, sleepUntilVisible, call, callIn };
