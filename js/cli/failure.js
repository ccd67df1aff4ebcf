// Turns a failure into one line of text and an exit status.

import { exitCodeOf, FAILURE, INTERRUPTED, WRONG_USE } from "./exit-codes.js";
import { timeLeft } from "./format.js";
import { Interrupted } from "./interrupt.js";
import { UsageError } from "./usage-error.js";

// The code at the end of a message is for logs.
const CODE = / \(comfycontrol\/[a-z_]+\)$/;

// The client's messages use the names of JavaScript, and mention an option that this command does not have.
const OPTION = /^(baseUrl|resumeFrom):/;
const NOT_HERE = "; allowInsecureToken: true permits it";

/**
 * What a failure is described with.
 *
 * @typedef {object} Facts
 * @property {boolean} hasToken whether a token is set
 * @property {string} baseUrl where the API is
 * @property {string} baseUrlFrom what set it: `--base-url` or a variable of the environment
 * @property {number} now milliseconds since 1970
 */

/**
 * @param {unknown} error
 * @param {Facts} facts
 * @returns {{ text: string, exitCode: number }}
 */
export function describeFailure(error, facts) {
  if (error instanceof UsageError) return { text: error.message, exitCode: WRONG_USE };
  if (error instanceof Interrupted) return { text: "interrupted", exitCode: INTERRUPTED };
  if (error?.name !== "ComfyControlError") return { text: textOf(error), exitCode: FAILURE };
  const optionNames = { baseUrl: facts.baseUrlFrom, resumeFrom: "--resume-from" };
  const message = error.message
    .replace(CODE, "")
    .replace(NOT_HERE, "")
    .replace(OPTION, (_, name) => `${optionNames[name]}:`);
  const hint = hintFor(error, facts);
  return { text: hint ? `${message}; ${hint}` : message, exitCode: exitCodeOf(error.code) };
}

function hintFor({ code, retryAt }, { hasToken, baseUrl, baseUrlFrom, now }) {
  switch (code) {
    case "unauthorized":
      return hasToken
        ? "is the token in COMFYCONTROL_TOKEN or --token-file a current one?"
        : "no token is set; put it into COMFYCONTROL_TOKEN, or into a file for --token-file";
    case "rate_limited":
      return retryAt > now ? `try again in ${timeLeft(retryAt - now)}` : undefined;
    case "connection_failed":
    case "timeout":
      return URL.canParse(baseUrl)
        ? `is ${new URL(baseUrl).origin} there? ${baseUrlFrom} says where the API is`
        : undefined;
    default:
      return undefined;
  }
}

const textOf = (error) => (error instanceof Error ? error.message : String(error));
