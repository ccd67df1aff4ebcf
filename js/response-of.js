// What is known of the answer that a result came with, beside the result: results stay plain.

import { requestIdOf } from "./exchange.js";

/** What Rust tells, by result. */
let answers;

/**
 * Remembers the answer of a result.
 *
 * @param {object} result
 * @param {import("./exchange.js").Checked} response
 * @param {number} attempts
 * @param {number} durationMs
 */
export function remember(result, response, attempts, durationMs) {
  answers ??= new WeakMap();
  // The body stays behind.
  const { status, headers } = response;
  answers.set(result, { status, headers, attempts, durationMs });
}

/**
 * The answer that a result came with; `undefined` for anything else, copies included.
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

/** How Rust calls it: see `src/web/response_of.rs`. */
export const results = { remember };
