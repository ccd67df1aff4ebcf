// Compares a decoder with the reference, document by document.

import { documents } from "./documents.js";
import * as reference from "./reference.js";

const FOUND = [
  [/^missing$/, "missing"],
  [/^null$/, "null"],
  [/^(true|false)$/, "boolean"],
  [/^array$/, "array"],
  [/^object$/, "object"],
  [/^"/, "string"],
  [/^[-\d]/, "number"],
];

/** The kind of value that the decoder reports, as in `reference.kindOf`; `undefined` if it reports none. */
const foundKind = (found) =>
  found === undefined ? undefined : (FOUND.find(([is]) => is.test(found))?.[1] ?? `other ${found}`);

function attempt(decode, bytes, options) {
  try {
    return { page: decode(bytes, options) };
  } catch (error) {
    if (error.kind === undefined) throw error;
    return { refusal: error };
  }
}

function describe({ page, refusal }) {
  if (refusal) return `refused: ${refusal.kind} ${refusal.path}`;
  const { invalid, ...rest } = page;
  return JSON.stringify(invalid ? { ...rest, invalid: invalid.map(({ path }) => path) } : rest);
}

const sameFound = (theirs, ours) =>
  ours.found === undefined || theirs.found === undefined || theirs.found === foundKind(ours.found);

/**
 * Describes how the decoder differs from the reference for one document; `undefined` if it does not. `expected` is the
 * reference's result.
 */
function difference({ decode, message }, { bytes, single, collect }, expected) {
  const actual = attempt(decode, bytes, { single, collect });
  if (describe(expected) !== describe(actual))
    return `expected ${describe(expected)}\nbut got  ${describe(actual)}`;
  const theirs = expected.refusal ? [expected.refusal] : (expected.page.invalid ?? []);
  const ours = actual.refusal ? [actual.refusal] : (actual.page.invalid ?? []);
  const wrong = theirs.findIndex((problem, i) => !sameFound(problem, ours[i]));
  if (wrong >= 0)
    return `at ${theirs[wrong].path} expected ${theirs[wrong].found} but found ${ours[wrong].found}`;
  if (message) {
    const [expected, actual] = [reference.message(bytes), message(bytes)];
    if (expected !== actual)
      return `expected message ${JSON.stringify(expected)} but got ${JSON.stringify(actual)}`;
  }
  return undefined;
}

/**
 * Tries `count` documents of `seed`; throws at the first difference.
 * @param {{ decode: (bytes: Uint8Array, options: { single: boolean, collect: boolean }) => object,
 *   message?: (bytes: Uint8Array) => string | undefined }} decoder
 *   `decode` throws errors with `kind` and `path`, and `found` if it tells.
 */
export function differential(decoder, count, seed) {
  const next = documents(seed);
  const outcomes = {};
  Error.stackTraceLimit = 0; // Refusals are plenty, and nobody reads their stacks.
  for (let i = 0; i < count; i++) {
    const document = next();
    const expected = attempt(reference.decode, document.bytes, document);
    const found = difference(decoder, document, expected);
    if (found) {
      const { bytes, ...options } = document;
      const text = JSON.stringify(Buffer.from(bytes).toString("latin1"));
      throw new Error(`document ${i} of seed ${seed} ${JSON.stringify(options)}:\n${text}\n${found}`);
    }
    const outcome = expected.refusal?.kind ?? "accepted";
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  return outcomes;
}
