// The options `headers` and `fetchOptions`, which the caller adds to each request.

import { describe } from "./describe.js";

/**
 * The caller's additions to a request.
 *
 * @typedef {{ headers: Record<string, string>, options: object }} RequestInit
 */

/** Without either option. One object, because Rust compares the additions of two clients by identity. */
const NOTHING = { headers: Object.create(null), options: {} };

/** The members that this package sets itself. */
const OWN_OPTIONS = ["method", "body", "headers", "signal"];

/**
 * Checks and copies both options. Throws a `Problem` if they cannot be sent. A `Problem` never
 * contains the value of a header, which may be secret.
 *
 * @param {Iterable<[string, string]> | Record<string, string> | undefined} headers
 * @param {object | undefined} options
 * @returns {RequestInit}
 */
export function readInit(headers, options) {
  if (headers === undefined && options === undefined) return NOTHING;
  let name = "headers";
  try {
    const read = readHeaders(headers ?? {});
    name = "fetchOptions";
    return { headers: read, options: readFetchOptions(options ?? {}) };
  } catch (problem) {
    if (problem instanceof Problem) throw problem;
    throw new Problem(name, "an object that can be read", "one that throws");
  }
}

/** Why an option cannot be sent. */
class Problem {
  constructor(name, expected, given) {
    this.name = name;
    this.expected = expected;
    this.given = given;
  }
}

function readHeaders(given) {
  const headers = Object.create(null);
  const entries = typeof given[Symbol.iterator] === "function" ? given : Object.entries(given);
  for (const [name, value] of entries) {
    // RFC 9110 §5.1 and §5.5.
    if (typeof name !== "string" || !/^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
      throw new Problem("headers", "names that HTTP allows", describe(name, false));
    }
    const lower = name.toLowerCase();
    if (lower === "authorization") {
      throw new Problem("headers", "no authorization, which is the option `token`", "one");
    }
    if (typeof value !== "string" || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      throw new Problem(`headers["${lower}"]`, "a string that a header can carry", "something else");
    }
    headers[lower] = value;
  }
  return headers;
}

function readFetchOptions(given) {
  const own = OWN_OPTIONS.find((name) => Object.hasOwn(given, name) && given[name] !== undefined);
  if (own) {
    throw new Problem("fetchOptions", `no ${own}, which is set for each request`, "one");
  }
  return { ...given };
}

/** Declared and documented in `src/web/client.rs`. */
export const inits = { readInit };
