// A failure as one line for people, and an exit status for scripts.

import { exitCodeOf, FAILURE, INTERRUPTED, WRONG_USE } from "./exit-codes.js";
import { timeLeft } from "./format.js";
import { Interrupted } from "./interrupt.js";
import { UsageError } from "./usage-error.js";

/**
 * @param {unknown} error
 * @param {{ hasToken: boolean, now: number }} facts whether a token was set, and the time in milliseconds since 1970
 * @returns {{ text: string, exitCode: number }}
 */
export function describeFailure(error, facts) {
  if (error instanceof UsageError) return { text: error.message, exitCode: WRONG_USE };
  if (error instanceof Interrupted) return { text: "interrupted", exitCode: INTERRUPTED };
  if (error?.name !== "ComfyControlError") return { text: textOf(error), exitCode: FAILURE };
  // The code at the end of the message is for logs.
  const message = error.message.replace(/ \(comfycontrol\/[a-z_]+\)$/, "");
  const hint = hintFor(error, facts);
  return { text: hint ? `${message}; ${hint}` : message, exitCode: exitCodeOf(error.code) };
}

function hintFor({ code, retryAt, cause }, { hasToken, now }) {
  switch (code) {
    case "unauthorized":
      return hasToken
        ? "is the token in COMFYCONTROL_TOKEN or --token-file a current one?"
        : "no token is set; put it into COMFYCONTROL_TOKEN, or into a file for --token-file";
    case "rate_limited":
      return retryAt > now ? `try again in ${timeLeft(retryAt - now)}` : undefined;
    case "connection_failed":
      return cause?.cause?.code;
    default:
      return undefined;
  }
}

const textOf = (error) => (error instanceof Error ? error.message : String(error));
