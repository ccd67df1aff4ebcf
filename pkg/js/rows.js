// Cuts runners out of the decoded text by the columns that `decode/` emits: see `Page::columns` there.
//
// One loop, one object literal, so that every runner has the same hidden class. `substring` of 13 characters
// or more copies nothing, it points into the text, which therefore lives as long as its runners do.

/** The words with the first numbers; the same list as `KNOWN_WORDS` in `decode/src/words.rs`. */
const KNOWN_WORDS = ["", "plus", "pro", "active", "disabled"];

/**
 * A string that holds escapes: its end is inverted.
 * @param {string} text
 * @param {number} from
 * @param {number} to
 * @returns {string}
 */
function unescape(text, from, to) {
  return JSON.parse(text.substring(from - 1, ~to + 1));
}

/**
 * Builds the runners of a page.
 * @param {string} text the body as text, without a byte-order mark
 * @param {Int32Array} columns `Page::columns`; may be a view of WebAssembly memory, is not kept
 * @returns {{ id: string, name: string, runnerType: string, status: string, tags: string[],
 *   createdAt: string, updatedAt: string }[]}
 */
export function buildPage(text, columns) {
  const words = KNOWN_WORDS.slice();
  for (let at = columns[1], end = columns.length; at < end; at += 2) {
    const from = columns[at];
    const to = columns[at + 1];
    words.push(to < 0 ? unescape(text, from, to) : text.substring(from, to));
  }
  const runners = [];
  let at = 2;
  for (let left = columns[0]; left > 0; left--) {
    const tags = [];
    const end = at + 11 + columns[at + 10];
    for (let tag = at + 11; tag < end; tag++) tags.push(words[columns[tag]]);
    const idEnd = columns[at + 1];
    const nameEnd = columns[at + 3];
    const createdEnd = columns[at + 7];
    const updatedEnd = columns[at + 9];
    runners.push({
      id: idEnd < 0 ? unescape(text, columns[at], idEnd) : text.substring(columns[at], idEnd),
      name: nameEnd < 0 ? unescape(text, columns[at + 2], nameEnd) : text.substring(columns[at + 2], nameEnd),
      runnerType: words[columns[at + 4]],
      status: words[columns[at + 5]],
      tags,
      createdAt:
        createdEnd < 0 ? unescape(text, columns[at + 6], createdEnd) : text.substring(columns[at + 6], createdEnd),
      updatedAt:
        updatedEnd < 0 ? unescape(text, columns[at + 8], updatedEnd) : text.substring(columns[at + 8], updatedEnd),
    });
    at = end;
  }
  return runners;
}
