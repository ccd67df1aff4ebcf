// Abort signals: the caller's own, and those of other libraries. A faulty signal must not break a call.

import { onEnd, rememberReason } from "./trap.js";

/** The signal of a `Cancellation`. It is cheaper than that of an `AbortController`, and only this file listens to it. */
class OwnSignal {
  constructor() {
    this.aborted = false;
    this.reason = undefined;
    this.runs = new Set();
  }

  abort(reason) {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (const run of [...this.runs]) run();
  }
}

/** One listener per signal, however many calls wait on it: Node warns of the eleventh listener. */
const waiting = new WeakMap();

/** Calls `run` when the signal aborts. */
export function onAbort(signal, run) {
  if (signal instanceof OwnSignal) {
    signal.runs.add(run);
    return;
  }
  let entry = waiting.get(signal);
  if (!entry) {
    const runs = new Set();
    entry = { runs, listener: () => runs.forEach((run) => run()) };
    try {
      signal.addEventListener("abort", entry.listener);
    } catch {
      return; // This signal accepts no listeners, so it cannot end a wait.
    }
    waiting.set(signal, entry);
  }
  entry.runs.add(run);
}

/** Undoes `onAbort`. */
export function offAbort(signal, run) {
  if (signal instanceof OwnSignal) {
    signal.runs.delete(run);
    return;
  }
  const entry = waiting.get(signal);
  if (!entry?.runs.delete(run) || entry.runs.size > 0) return;
  try {
    signal.removeEventListener("abort", entry.listener);
    waiting.delete(signal);
  } catch {
    // The signal keeps the listener, which has nothing left to run. The next wait uses it again.
  }
}

/** Whether the signal was aborted. A signal whose getter throws counts as not aborted. */
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
    const { reason } = signal;
    // An own signal's reason is remembered already, or it is the client's: the time is over.
    if (!(signal instanceof OwnSignal)) rememberReason(reason);
    if (reason !== undefined) return reason;
  } catch {
    // A reason that cannot be read counts as none.
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

/** Declared and documented in `src/web/cancellation.rs`. */
export const signals = { throwIfAborted, isAbortSignal };

/** Declared and documented in `src/web/cancellation.rs`. */
export class Cancellation {
  constructor(signal) {
    const own = new OwnSignal();
    let timer;
    const follow = () => own.abort(abortReason(signal));
    this.signal = own;
    this.cancel = () => void Promise.resolve().then(() => own.abort());
    this.expire = (ms, reason) => {
      timer = setTimeout(() => own.abort(reason), ms);
    };
    this.release = () => {
      clearTimeout(timer);
      forgetEnd();
      if (signal) offAbort(signal, follow);
    };
    // Once the instance has ended, nobody else releases it.
    const forgetEnd = onEnd(() => this.release());
    if (signal && isAborted(signal)) follow();
    else if (signal) onAbort(signal, follow);
  }
}
