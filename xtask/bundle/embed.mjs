// Encodes the module's bytes as a string that bundlers and minifiers do not change.
//
// Minifiers turn other characters than ASCII into escapes or two bytes, and some ASCII characters need a
// backslash. 90 characters always stay one byte. 88 of them stand for the most frequent bytes of the
// module. The last two are prefixes: the next character then stands for one of the other 168 bytes. The
// bytes are counted at build time, which compresses 1 kB better than a fixed order.
// `js/loaders/embedded.js` decodes the string.

/** The characters, in the order that both sides use. */
export const CHARACTERS = Array.from({ length: 127 }, (_, code) => String.fromCharCode(code))
  .filter((character) => /[ !#%&(-[\]-_a-~]/.test(character))
  .join("");
const PAGES = 2;
const COMMON = CHARACTERS.length - PAGES;

/**
 * A JavaScript module that exports the text, and the bytes that its characters stand for.
 *
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function embed(bytes) {
  const counts = new Array(256).fill(0);
  for (const byte of bytes) counts[byte] += 1;
  const order = counts.map((_, byte) => byte).sort((a, b) => counts[b] - counts[a] || a - b);
  const codes = [];
  // All other bytes in ascending order, so that the decoder needs only the list of frequent ones.
  const common = order.slice(0, COMMON);
  const others = order.slice(COMMON).sort((a, b) => a - b);
  [...common, ...others].forEach((byte, index) => {
    const page = Math.floor(index / COMMON);
    const announcement = page === 0 ? "" : CHARACTERS[COMMON + page - 1];
    codes[byte] = announcement + CHARACTERS[index % COMMON];
  });
  const text = Array.from(bytes, (byte) => codes[byte]).join("");
  const hex = common.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `export const characters = ${JSON.stringify(CHARACTERS)};
export const common = "${hex}";
export const text = ${JSON.stringify(text)};
`;
}
