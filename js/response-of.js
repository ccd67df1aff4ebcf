// Details of the HTTP response behind a result. A map holds them, so that results stay plain objects.

import { requestIdOf, withoutToken } from "./exchange.js";

/** The response of each result. */
let answers;

/**
 * Stores the response of a result.
 *
 * @param {object} result
 * @param {import("./exchange.js").Checked} response
 * @param {number} attempts
 * @param {number} durationMs
 * @param {string | undefined} token - The token of the request, which the server may have sent back.
 */
export function remember(result, response, attempts, durationMs, token) {
  answers ??= new WeakMap();
  // Without the body, to save memory.
  const { status, headers } = response;
  answers.set(result, { status, headers, attempts, durationMs, token });
}

/**
 * The details of a result's response; `undefined` for anything else, including copies.
 *
 * Reads and redacts the headers only here: doing so in each call makes an empty call a fifth slower. Not in Rust, because
 * the instance that made the result may have ended, and a fresh one may start only asynchronously.
 *
 * @param {unknown} result
 */
export function responseOf(result) {
  const isObject = typeof result === "object" && result !== null;
  const answer = isObject ? answers?.get(result) : undefined;
  if (!answer) return undefined;
  const { status, attempts, durationMs, token } = answer;
  const redact = (text) => (text && token ? withoutToken(text, token) : text);
  const headers = answer.headers.all();
  for (const name of Object.keys(headers)) headers[name] = redact(headers[name]);
  return { status, headers, requestId: redact(requestIdOf(answer)), attempts, durationMs };
}

/** Declared in `src/web/response_of.rs`. */
export const results = { remember };
