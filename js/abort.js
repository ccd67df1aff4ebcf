// Abort signals, the caller's own and those of other libraries: none of their faults may end in ours.

import { onTrap } from "./trap.js";

/** One listener for everything that waits on a signal: Node warns of the eleventh. */
const waiting = new WeakMap();

/** Calls `run` when the signal aborts. */
export function onAbort(signal, run) {
  let entry = waiting.get(signal);
  if (!entry) {
    const runs = new Set();
    entry = { runs, listener: () => runs.forEach((run) => run()) };
    try {
      signal.addEventListener("abort", entry.listener);
    } catch {
      return; // A signal that takes no listeners tells nobody.
    }
    waiting.set(signal, entry);
  }
  entry.runs.add(run);
}

/** Takes back `onAbort`. */
export function offAbort(signal, run) {
  const entry = waiting.get(signal);
  if (!entry?.runs.delete(run) || entry.runs.size > 0) return;
  try {
    signal.removeEventListener("abort", entry.listener);
    waiting.delete(signal);
  } catch {
    // A signal that cannot: its listener does nothing any more, and the next wait uses it again.
  }
}

/** Whether the signal was aborted. One that cannot say so was not. */
export function isAborted(signal) {
  try {
    return signal.aborted === true;
  } catch {
    return false;
  }
}

/** What an aborted call rejects with: the signal's reason, as `fetch` does, or an `AbortError` where an old signal has none. */
function abortReason(signal) {
  try {
    if (signal.reason !== undefined) return signal.reason;
  } catch {
    // as if it had none
  }
  const message = "This operation was aborted";
  if (typeof DOMException === "function") return new DOMException(message, "AbortError");
  return Object.assign(new Error(message), { name: "AbortError" });
}

function throwIfAborted(signal) {
  if (isAborted(signal)) throw abortReason(signal);
}

function isAbortSignal(value) {
  try {
    return typeof value.aborted === "boolean" && typeof value.addEventListener === "function";
  } catch {
    return false;
  }
}

/** Declared and documented in `src/web/host.rs`. */
export const signals = { throwIfAborted, isAbortSignal };

/** Declared and documented in `src/web/host.rs`. */
export class Cancellation {
  constructor(signal) {
    const controller = new AbortController();
    let timer;
    const follow = () => controller.abort(abortReason(signal));
    // After a trap, nobody else releases it.
    const forgetTrap = onTrap(() => this.release());
    this.signal = controller.signal;
    this.cancel = () => void Promise.resolve().then(() => controller.abort());
    this.expire = (ms, reason) => {
      timer = setTimeout(() => controller.abort(reason), ms);
    };
    this.release = () => {
      clearTimeout(timer);
      forgetTrap();
      if (signal) offAbort(signal, follow);
    };
    if (signal && isAborted(signal)) follow();
    else if (signal) onAbort(signal, follow);
  }
}
