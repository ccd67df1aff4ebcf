// What a caller adds to each request: the options `headers` and `fetchOptions`.

/**
 * A request's further members.
 *
 * @typedef {{ headers: Record<string, string>, options: object }} RequestInit
 */

/** What this package sets itself. */
const OWN_OPTIONS = ["method", "body", "headers", "signal"];

/**
 * Checks both options, and copies them. Throws `{ name, expected, given }` for what cannot be sent; the
 * value of a header may be secret, and is not told.
 *
 * @param {Iterable<[string, string]> | Record<string, string> | undefined} headers
 * @param {object | undefined} options
 * @returns {RequestInit}
 */
export function readInit(headers, options) {
  return { headers: readHeaders(headers ?? {}), options: readFetchOptions(options ?? {}) };
}

function readHeaders(given) {
  const headers = Object.create(null);
  const entries = typeof given[Symbol.iterator] === "function" ? given : Object.entries(given);
  for (const [name, value] of entries) {
    // RFC 9110 §5.1 and §5.5.
    if (typeof name !== "string" || !/^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
      throw { name: "headers", expected: "names that HTTP allows", given: "another one" };
    }
    const lower = name.toLowerCase();
    if (lower === "authorization") {
      throw { name: "headers", expected: "no authorization, which is the option `token`", given: "one" };
    }
    if (typeof value !== "string" || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      const expected = "a string that a header can carry";
      throw { name: `headers["${lower}"]`, expected, given: "something else" };
    }
    headers[lower] = value;
  }
  return headers;
}

function readFetchOptions(given) {
  const own = OWN_OPTIONS.find((name) => given[name] !== undefined);
  if (own) {
    throw { name: "fetchOptions", expected: `no ${own}, which is set for each request`, given: "one" };
  }
  return { ...given };
}
