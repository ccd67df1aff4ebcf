// Builds the runners of a page from the columns that the Rust reader emits.
//
// `Page::columns` in `decode/src/page.rs` documents the layout; the constants here repeat its numbers.

const ROW_COUNT = 0;
const STRING_TABLE = 1;
const HEADER = 2;

const ID = 0;
const NAME = 2;
const RUNNER_TYPE = 4;
const STATUS = 5;
const CREATED_AT = 6;
const UPDATED_AT = 8;
const TAG_COUNT = 10;
const TAGS = 11;

/** The string that begins at `columns[index]`. It may be in the wide text, or have escapes, or both. */
function readString(columns, index, ascii, wide) {
  const start = columns[index];
  const end = columns[index + 1];
  if ((start | end) >= 0) return ascii.substring(start, end);
  const text = start < 0 ? wide : ascii;
  const first = start < 0 ? ~start : start;
  // JSON.parse also reads lone surrogates, which Rust strings cannot hold.
  return end < 0 ? JSON.parse(text.substring(first - 1, ~end + 1)) : text.substring(first, end);
}

/**
 * Builds the runners of a page. `columns` may be a view of WebAssembly memory; it is not kept.
 *
 * Every runner comes from one object literal, so all of them have the same hidden class. In V8, `substring`
 * copies nothing for 13 characters or more: the result points into the text and keeps it alive.
 */
export function buildRunners(columns, ascii, wide) {
  const table = [];
  for (let index = columns[STRING_TABLE]; index < columns.length; index += 2) {
    table.push(readString(columns, index, ascii, wide));
  }
  // Arrays get their final length at once. Growing them took a fifth of the time.
  const runners = new Array(columns[ROW_COUNT]);
  let row = HEADER;
  for (let index = 0; index < runners.length; index++) {
    const tags = new Array(columns[row + TAG_COUNT]);
    for (let tag = 0; tag < tags.length; tag++) tags[tag] = table[columns[row + TAGS + tag]];
    runners[index] = {
      id: ascii.substring(columns[row + ID], columns[row + ID + 1]),
      name: readString(columns, row + NAME, ascii, wide),
      runnerType: table[columns[row + RUNNER_TYPE]],
      status: table[columns[row + STATUS]],
      tags,
      createdAt: ascii.substring(columns[row + CREATED_AT], columns[row + CREATED_AT + 1]),
      updatedAt: ascii.substring(columns[row + UPDATED_AT], columns[row + UPDATED_AT + 1]),
    };
    row += TAGS + tags.length;
  }
  return runners;
}

/** Declared and documented in `src/web/rows.rs`. */
export function buildPage(runners, total, page, perPage, pageCount, hasNextPage) {
  return { runners, total, page, perPage, pageCount, hasNextPage };
}
