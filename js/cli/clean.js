// Makes text from outside safe to print.

// Control characters, line and paragraph separators, halves of surrogate pairs, and the characters that
// reverse the direction of text. The last cannot harm a terminal, but they make a name look like another one.
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/gu;

const SHORT = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

const escape = (character) => {
  const code = character.codePointAt(0);
  return code <= 0xff
    ? `\\x${code.toString(16).padStart(2, "0")}`
    : `\\u${code.toString(16).padStart(4, "0")}`;
};

/**
 * The text with every character that a terminal could take for a command written as an escape, such as
 * `\x1b`. For reading, not for parsing: a backslash in the text stays as it is.
 *
 * @param {string} text
 * @returns {string}
 */
export const clean = (text) => text.replace(UNSAFE, (character) => SHORT[character] ?? escape(character));

/**
 * JSON text with the same characters as JSON escapes. The values stay the same. `JSON.stringify` escapes only
 * those below U+0020 and lone surrogates, and some terminals obey the control characters from U+0080 on.
 *
 * @param {string} json
 * @returns {string}
 */
export const cleanJson = (json) =>
  json.replace(
    /[\x7f-\x9f\p{Zl}\p{Zp}\p{Bidi_Control}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/**
 * The text with `cfc_…` instead of everything that looks like a token: from `cfc_` to a space or a quotation mark,
 * without the punctuation at its end.
 *
 * @param {string} text
 * @returns {string}
 */
export const mask = (text) => text.replace(/cfc_[^\s"]*[^\s".,:;?]/g, "cfc_…");

/**
 * An argument as an error message quotes it: short, safe to print, and without anything that looks like a
 * token.
 *
 * @param {string} text
 * @returns {string}
 */
export function quote(text) {
  const safe = clean(text.replace(/cfc_.*/s, "cfc_…"));
  return `"${safe.length > 60 ? `${safe.slice(0, 59)}…` : safe}"`;
}
