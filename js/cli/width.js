// How many columns of a terminal a text takes.
//
// A reader sees grapheme clusters: a letter with its combining marks is one, and so is an emoji made of
// several code points. An emoji takes two columns; every other cluster what its code points take together, as
// terminals count. JavaScript has no `East_Asian_Width`, so wide characters are known by their script;
// `tests/cli/width.test.mjs` holds examples of each.

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

// Invisible: combining marks, format characters, the later parts of a Korean syllable.
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff\ud7b0-\ud7ff]$/u;

// Format characters that terminals show: the soft hyphen, and signs that stand before a number.
const SHOWN = /^[\xad\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]$/u;

// Emoji that are drawn as such without U+FE0F, those with a skin tone, and pairs of regional indicators.
const EMOJI =
  /^(?:\p{Emoji_Presentation}|\p{Emoji_Modifier_Base}\p{Emoji_Modifier}|\p{Regional_Indicator}{2})/u;

// Half-width forms have the same scripts, and are narrow.
const HALF_WIDTH = /^[\uff61-\uffdc\uffe8-\uffee]$/u;

const WIDE = new RegExp(
  // eslint-disable-next-line no-misleading-character-class -- U+3099 stands in a range, and combines with nothing
  `^[${[
    "\\p{Script=Han}\\p{Script=Hangul}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Bopomofo}",
    "\\p{Script=Yi}\\p{Script=Tangut}\\p{Script=Nushu}\\p{Script=Khitan_Small_Script}",
    "\\u2329\\u232a\\u2ff0-\\u303e\\u3099-\\u30ff\\u3190-\\u3247\\u3250-\\u33ff\\u4dc0-\\u4dff", // punctuation, symbols
    "\\ufe10-\\ufe19\\ufe30-\\ufe6b\\uff01-\\uff60\\uffe0-\\uffe6\\u{1f200}-\\u{1f265}", // forms
    "\\p{Emoji_Modifier}", // a skin tone after what has none
  ].join("")}]$`,
  "u",
);

let segmenter;
const clusters = (text) => {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter.segment(text);
};

function clusterWidth(cluster) {
  if (EMOJI.test(cluster) || cluster.indexOf("\ufe0f") > 0) return 2;
  let width = 0;
  for (const character of cluster) {
    if (ZERO.test(character) && !SHOWN.test(character)) continue;
    width += WIDE.test(character) && !HALF_WIDTH.test(character) ? 2 : 1;
  }
  return width;
}

/**
 * The columns `text` takes. Control characters must be gone already (`clean`).
 *
 * @param {string} text
 * @returns {number}
 */
export function widthOf(text) {
  if (PRINTABLE_ASCII.test(text)) return text.length;
  let width = 0;
  for (const { segment } of clusters(text)) width += clusterWidth(segment);
  return width;
}

/**
 * `text` in at most `columns` columns. What is cut off is replaced by `…`; no cluster is cut apart.
 *
 * @param {string} text
 * @param {number} columns
 * @returns {string}
 */
export function shorten(text, columns) {
  if (widthOf(text) <= columns) return text;
  if (columns < 1) return "";
  if (PRINTABLE_ASCII.test(text)) return `${text.slice(0, columns - 1)}…`;
  let kept = "";
  let width = 1;
  for (const { segment } of clusters(text)) {
    width += clusterWidth(segment);
    if (width > columns) break;
    kept += segment;
  }
  return `${kept}…`;
}

/**
 * `text` with spaces after it, so that it takes `columns` columns.
 *
 * @param {string} text
 * @param {number} columns
 * @returns {string}
 */
export const pad = (text, columns) => text + " ".repeat(Math.max(0, columns - widthOf(text)));
