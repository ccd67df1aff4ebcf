// Calls listeners of the caller. If one throws, its first error is reported, and the call goes on.

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
    // A replaced `reportError` or `console.error` threw. There is nowhere else to report to.
  }
}

const CHANNELS = ["request", "response", "retry", "wait", "cooldown", "ledger"];

/** The channels of `node:diagnostics_channel`, by event type; empty if the runtime has no such module. */
let channels;

function openChannels() {
  try {
    const { channel } = globalThis.process.getBuiltinModule("diagnostics_channel");
    return Object.fromEntries(CHANNELS.map((type) => [type, channel(`comfycontrol-runners:${type}`)]));
  } catch {
    return {};
  }
}

function isDiagnosed() {
  channels ??= openChannels();
  return CHANNELS.some((type) => channels[type]?.hasSubscribers);
}

function diagnose(event) {
  channels[event.type].publish(event);
}

/** Declared and documented in `src/web/host.rs`. */
export const listeners = { notify, isDiagnosed, diagnose };
