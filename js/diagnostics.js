// The events of calls on `node:diagnostics_channel`.

import { runIn } from "./async-context.js";

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

function diagnose(context, event) {
  runIn(context, () => channels[event.type].publish(event));
}

/** Declared and documented in `src/web/events.rs`. */
export const diagnostics = { isDiagnosed, diagnose };
