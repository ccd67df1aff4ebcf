// What the runtime around us has to say.

/**
 * A variable of the environment, where the runtime has them and lets us see them.
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
 * The origin of the page or worker this runs in, where there is one.
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
 * Calls a listener of the caller. What it throws is reported, once per listener, and changes nothing.
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
    // Whoever replaced these hears of it no other way.
  }
}

/** How Rust calls them: see `src/web/host.rs`. */
export const listeners = { notify };
