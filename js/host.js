// What the client needs from the runtime.

/**
 * An environment variable, if the runtime has it and permits access.
 *
 * @param {string} name
 * @returns {string | undefined}
 */
export function environmentVariable(name) {
  try {
    return globalThis.process?.env?.[name] || undefined;
  } catch {
    return undefined; // Deno without --allow-env
  }
}

/**
 * The origin of the page or worker, if the code runs in one.
 *
 * @returns {string | undefined}
 */
export function pageOrigin() {
  const origin = globalThis.location?.origin;
  return typeof origin === "string" && origin.startsWith("http") ? origin : undefined;
}

/** Listeners whose error was reported. */
let reported;

/**
 * Calls a listener of the caller. If it throws, its first error is reported, and the call goes on.
 *
 * @param {(value: unknown) => unknown} listener
 * @param {unknown} value
 */
export function notify(listener, value) {
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
    // A replaced `reportError` or `console.error` threw. There is nowhere else to report to.
  }
}

/** Rust calls them as members of an object: see `src/web/host.rs`. */
export const listeners = { notify };
