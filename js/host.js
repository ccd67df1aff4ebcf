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

const CHANNELS = ["request", "response", "retry", "wait", "cooldown", "ledger"];

/** The channels of `node:diagnostics_channel`, by type of event; empty where the runtime has none. */
let channels;

function openChannels() {
  try {
    const { channel } = globalThis.process.getBuiltinModule("diagnostics_channel");
    return Object.fromEntries(CHANNELS.map((type) => [type, channel(`comfycontrol-runners:${type}`)]));
  } catch {
    return {};
  }
}

/**
 * Whether somebody listens to the events of calls on `node:diagnostics_channel`.
 *
 * @returns {boolean}
 */
export function isDiagnosed() {
  channels ??= openChannels();
  return CHANNELS.some((type) => channels[type]?.hasSubscribers);
}

/**
 * Publishes an event on its channel.
 *
 * @param {{ type: string }} event
 */
export function diagnose(event) {
  channels[event.type].publish(event);
}

/** How Rust calls them: see `src/web/host.rs`. */
export const listeners = { notify, isDiagnosed, diagnose };
