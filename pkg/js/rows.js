// From the bytes of an answer to runners, which are cut out of a text by the columns that `decode/` emits: see `Page` there.
//
// One loop, one object literal, so that every runner has the same hidden class. `substring` of 13 characters
// or more copies nothing, it points into the text, which therefore lives as long as its runners do.

let decoder;

/**
 * A string that is not plain: not all ASCII, so that its start is inverted, or with escapes, so that its end is.
 * @param {string} text
 * @param {string} wide
 * @param {number} from
 * @param {number} to
 * @returns {string}
 */
function cut(text, wide, from, to) {
  if (from < 0) {
    text = wide;
    from = ~from;
  }
  return to < 0 ? JSON.parse(text.substring(from - 1, ~to + 1)) : text.substring(from, to);
}

/**
 * Builds the runners of a page.
 * @param {Int32Array} columns `Page::columns`; may be a view of WebAssembly memory, and is not kept
 * @returns {{ id: string, name: string, runnerType: string, status: string, tags: string[],
 *   createdAt: string, updatedAt: string }[]}
 */
export function buildPage(columns) {
  decoder ??= new TextDecoder("utf-8", { ignoreBOM: true });
  const decode = (from, length) => (length ? decoder.decode(new Uint8Array(columns.buffer, from, length)) : "");
  const texts = columns[2];
  const start = columns.byteOffset + texts * 4;
  const text = decode(start, columns[3]);
  const wide = decode(start + columns[3], columns[4]);
  const string = (at) => {
    const from = columns[at];
    const to = columns[at + 1];
    return (from | to) < 0 ? cut(text, wide, from, to) : text.substring(from, to);
  };
  const words = [];
  for (let at = columns[1]; at < texts; at += 2) words.push(string(at));
  // Arrays of the right length at once: growing them took a fifth of the time and left room for 16 more tags.
  const runners = new Array(columns[0]);
  let at = 5;
  for (let row = 0; row < runners.length; row++) {
    const tags = new Array(columns[at + 10]);
    for (let tag = 0; tag < tags.length; tag++) tags[tag] = words[columns[at + 11 + tag]];
    runners[row] = {
      id: string(at),
      name: string(at + 2),
      runnerType: words[columns[at + 4]],
      status: words[columns[at + 5]],
      tags,
      createdAt: string(at + 6),
      updatedAt: string(at + 8),
    };
    at += 11 + tags.length;
  }
  return runners;
}

// What to read, and what besides: the numbers are those of `src/wasm/rows.rs`.
export const SINGLE = 1;
export const COLLECT_INVALID = 2;
export const KEYS = 4;

/** The runners of an answer; `undefined` if it has no good status or no good body. The instance keeps it for more questions. */
export function readRows(core, status, bytes, wanted) {
  put(core, core.room(bytes.length), bytes);
  const columns = core.read(status, wanted);
  return columns ? buildPage(new Int32Array(core.memory.buffer, columns)) : undefined;
}

/** The double that a number means which is not written in plain digits. */
export const number = (text) => +text;

const encoder = new TextEncoder();

/** Says texts before a question that asks for them, but for those that are `undefined`; see `src/wasm/texts.rs`. */
export function say(core, ...texts) {
  const said = texts.filter((text) => text !== undefined).reverse();
  said.forEach((text, place) => {
    const bytes = encoder.encode(text);
    put(core, core.hear(bytes.length, place), bytes);
  });
}

/** Puts bytes where the instance gave room for them, which may have replaced its buffer. */
function put(core, at, bytes) {
  if (core.bytes?.buffer !== core.memory.buffer) core.bytes = new Uint8Array(core.memory.buffer);
  core.bytes.set(bytes, at);
}

/** The numbers of `src/wasm/facts.rs`; none after a trap. */
export const facts = (core, at) => (at ? new Float64Array(core.memory.buffer, at, 6) : []);
