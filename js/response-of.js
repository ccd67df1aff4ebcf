// Details of the HTTP response behind a result. A map holds them, so that results stay plain objects.

import { requestIdOf } from "./exchange.js";

/** The response of each result. */
let answers;

/**
 * Stores the response of a result.
 *
 * @param {object} result
 * @param {import("./exchange.js").Checked} response
 * @param {number} attempts
 * @param {number} durationMs
 */
export function remember(result, response, attempts, durationMs) {
  answers ??= new WeakMap();
  // Without the body, to save memory.
  const { status, headers } = response;
  answers.set(result, { status, headers, attempts, durationMs });
}

/**
 * The details of a result's response; `undefined` for anything else, including copies.
 *
 * @param {unknown} result
 */
export function responseOf(result) {
  const isObject = typeof result === "object" && result !== null;
  const answer = isObject ? answers?.get(result) : undefined;
  if (!answer) return undefined;
  const { status, headers, attempts, durationMs } = answer;
  return { status, headers: headers.all(), requestId: requestIdOf(answer), attempts, durationMs };
}

/** Declared in `src/web/response_of.rs`. */
export const results = { remember };
