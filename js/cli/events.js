// Describes the client's events.

import { timeLeft } from "./format.js";

// Shorter waits end before anybody can read about them.
const WORTH_SAYING_MS = 500;

const REASONS = {
  rate_limit: "the limit of 40 requests in 10 s",
  cooldown: "the API's rate limit",
  backoff: "another try",
};

/**
 * A client's event as a line of text, and its kind: a wait, which is always shown, or a detail.
 *
 * @param {import("comfycontrol-runners").ClientEvent} event
 * @returns {{ kind: "wait" | "detail", text: string }}
 */
export function describeEvent(event) {
  switch (event.type) {
    case "request":
      return {
        kind: "detail",
        text: `GET ${event.path}${event.attempt > 1 ? `, attempt ${event.attempt}` : ""}`,
      };
    case "response": {
      const outcome = event.error ? `${event.status ?? "no answer"} (${event.error})` : `${event.status}`;
      return {
        kind: "detail",
        text: `GET ${event.path}: ${outcome} after ${Math.round(event.durationMs)} ms`,
      };
    }
    case "retry":
      return { kind: "detail", text: `trying again after ${event.error}` };
    case "wait": {
      const kind = event.waitMs >= WORTH_SAYING_MS ? "wait" : "detail";
      return { kind, text: `waiting ${timeLeft(event.waitMs)} for ${REASONS[event.reason] ?? event.reason}` };
    }
    case "cooldown":
      return { kind: "detail", text: "the API answered 429: no request starts for a while" };
    default:
      return { kind: "detail", text: event.type };
  }
}
