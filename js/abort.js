// Abort signals: the caller's own, and those of other libraries. A faulty signal must not break a call.

/** One listener per signal, however many calls wait on it: Node warns of the eleventh listener. */
const waiting = new WeakMap();

/**
 * Calls `run` when the signal aborts.
 *
 * @param {AbortSignal} signal
 * @param {() => void} run
 */
export function onAbort(signal, run) {
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

/**
 * Undoes `onAbort`.
 *
 * @param {AbortSignal} signal
 * @param {() => void} run
 */
export function offAbort(signal, run) {
  const entry = waiting.get(signal);
  if (!entry?.runs.delete(run) || entry.runs.size > 0) return;
  try {
    signal.removeEventListener("abort", entry.listener);
    waiting.delete(signal);
  } catch {
    // The signal keeps the listener, which has nothing left to run. The next wait uses it again.
  }
}

/**
 * Whether the signal was aborted. A signal whose getter throws counts as not aborted.
 *
 * @param {AbortSignal} signal
 * @returns {boolean}
 */
export function isAborted(signal) {
  try {
    return signal.aborted === true;
  } catch {
    return false;
  }
}

/**
 * What an aborted call rejects with: the signal's reason, as `fetch` does, or an `AbortError` where
 * an old signal has none.
 *
 * @param {AbortSignal} signal
 * @returns {unknown}
 */
export function abortReason(signal) {
  try {
    if (signal.reason !== undefined) return signal.reason;
  } catch {
    // A reason that cannot be read counts as none.
  }
  const message = "This operation was aborted";
  if (typeof DOMException === "function") return new DOMException(message, "AbortError");
  return Object.assign(new Error(message), { name: "AbortError" });
}

/**
 * Whether the value has the members of an `AbortSignal` that this package needs.
 *
 * @param {unknown} value
 * @returns {boolean}
 */
export function isAbortSignal(value) {
  try {
    return typeof value.aborted === "boolean" && typeof value.addEventListener === "function";
  } catch {
    return false;
  }
}

/** The cancellations that follow a caller's signal. */
const following = new Set();

/** A signal of this package that also follows the caller's. */
export class Cancellation {
  /** @param {AbortSignal | undefined} signal */
  constructor(signal) {
    const controller = new AbortController();
    this.signal = controller.signal;
    // In a microtask, because listeners may run the caller's code.
    this.cancel = () => void Promise.resolve().then(() => controller.abort());
    this.release = () => {};
    if (!signal) return;
    if (isAborted(signal)) {
      controller.abort(abortReason(signal));
    } else {
      const follow = () => controller.abort(abortReason(signal));
      onAbort(signal, follow);
      this.release = () => {
        offAbort(signal, follow);
        following.delete(this);
      };
      following.add(this);
    }
  }
}

/** Releases all cancellations: after a trap, Rust can no longer do it. */
export function releaseAll() {
  for (const cancellation of [...following]) cancellation.release();
}

/** Rust calls them as members of an object: see `src/web/host.rs`. */
export const signals = { isAborted, abortReason, isAbortSignal };
