// Calls listeners of the caller. If one throws, its first error is reported, and the call goes on.

import { runIn } from "./async-context.js";

/** Listeners whose error was reported. */
let reported;

function notify(listener, value) {
  try {
    const result = listener(value);
    // An async listener's rejection must not end the process.
    if (typeof result?.then === "function") result.then(undefined, (error) => report(listener, error));
  } catch (error) {
    report(listener, error);
  }
}

function notifyIn(context, listener, value) {
  runIn(context, () => notify(listener, value));
}

function report(listener, error) {
  reported ??= new WeakSet();
  if (reported.has(listener)) return;
  reported.add(listener);
  try {
    if (typeof globalThis.reportError === "function") globalThis.reportError(error);
    else console.error(error);
  } catch {
    // A replaced `reportError` or `console.error` threw. There is nowhere else to report to.
  }
}

/** Declared and documented in `src/web/events.rs`. */
export const listeners = { notify, notifyIn };
