// Turns a failure into one line of text and an exit status.

import { exitCodeOf, FAILURE, INTERRUPTED, WRONG_USE } from "./exit-codes.js";
import { timeLeft } from "./format.js";
import { Interrupted } from "./interrupt.js";
import { UsageError } from "./usage-error.js";

// The code at the end of a message is for logs.
const CODE = / \(comfycontrol\/[a-z_]+\)$/;

// The client's messages use the names of JavaScript.
const OPTION_NAMES = { baseUrl: "--base-url:", resumeFrom: "--resume-from:" };
const OPTION = /^(baseUrl|resumeFrom):/;

/**
 * @param {unknown} error
 * @param {{ hasToken: boolean, now: number }} facts whether a token is set; milliseconds since 1970
 * @returns {{ text: string, exitCode: number }}
 */
export function describeFailure(error, facts) {
  if (error instanceof UsageError) return { text: error.message, exitCode: WRONG_USE };
  if (error instanceof Interrupted) return { text: "interrupted", exitCode: INTERRUPTED };
  if (error?.name !== "ComfyControlError") return { text: textOf(error), exitCode: FAILURE };
  const message = error.message.replace(CODE, "").replace(OPTION, (_, name) => OPTION_NAMES[name]);
  const hint = hintFor(error, facts);
  return { text: hint ? `${message}; ${hint}` : message, exitCode: exitCodeOf(error.code) };
}

function hintFor({ code, retryAt }, { hasToken, now }) {
  switch (code) {
    case "unauthorized":
      return hasToken
        ? "is the token in COMFYCONTROL_TOKEN or --token-file a current one?"
        : "no token is set; put it into COMFYCONTROL_TOKEN, or into a file for --token-file";
    case "rate_limited":
      return retryAt > now ? `try again in ${timeLeft(retryAt - now)}` : undefined;
    default:
      return undefined;
  }
}

const textOf = (error) => (error instanceof Error ? error.message : String(error));
