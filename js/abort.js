// Abort signals, the caller's own and those of other libraries: none of their faults may end in ours.

/** One listener for everything that waits on a signal: Node warns of the eleventh. */
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
      return; // A signal that takes no listeners tells nobody.
    }
    waiting.set(signal, entry);
  }
  entry.runs.add(run);
}

/**
 * Takes back `onAbort`.
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
    // A signal that cannot: its listener does nothing any more, and the next wait uses it again.
  }
}

/**
 * Whether the signal was aborted. One that cannot say so was not.
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

/**
 * @param {AbortSignal} signal
 */
function throwIfAborted(signal) {
  if (isAborted(signal)) throw abortReason(signal);
}

/**
 * Whether this has what is used of an `AbortSignal`.
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

/** Those that follow a signal of the caller. */
const following = new Set();

/** A signal of our own, which also follows the caller's. */
export class Cancellation {
  /** @param {AbortSignal | undefined} signal */
  constructor(signal) {
    const controller = new AbortController();
    this.signal = controller.signal;
    // A moment later: that may run code of the caller.
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

/** Takes back what follows signals of callers: after a trap, nobody else does. */
export function releaseAll() {
  for (const cancellation of [...following]) cancellation.release();
}

/** How Rust calls them: see `src/web/host.rs`. */
export const signals = { throwIfAborted, isAbortSignal };
