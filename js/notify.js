// Listeners of the caller. What they throw is reported, once per listener, and changes nothing.

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

function report(listener, error) {
  reported ??= new WeakSet();
  if (reported.has(listener)) return;
  reported.add(listener);
  try {
    if (typeof globalThis.reportError === "function") globalThis.reportError(error);
    else console.error(error);
  } catch {
    // Whoever replaced these hears of it no other way.
  }
}

/** Declared and documented in `src/web/host.rs`. */
export const listeners = { notify };
