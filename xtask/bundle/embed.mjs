// Encodes the module's bytes as a string that bundlers and minifiers do not change.
//
// Minifiers turn other characters than ASCII into escapes or two bytes, and some ASCII characters need a
// backslash. 90 characters always stay one byte. The first two are prefixes: the next character then stands
// for one of 168 bytes. The others stand for the 88 most frequent bytes of the module, in ascending order.
// The bytes are counted at build time, which compresses 1 kB better than a fixed order.
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
  const inOrder = (bytes) => bytes.sort((a, b) => a - b);
  const common = inOrder(order.slice(0, COMMON));
  const others = inOrder(order.slice(COMMON));
  [...common, ...others].forEach((byte, index) => {
    const page = Math.floor(index / COMMON);
    const announcement = page === 0 ? "" : CHARACTERS[page - 1];
    codes[byte] = announcement + CHARACTERS[PAGES + (index % COMMON)];
  });
  const text = Array.from(bytes, (byte) => codes[byte]).join("");
  const hex = common.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `export const characters = ${JSON.stringify(CHARACTERS)};
export const common = "${hex}";
export const text = ${JSON.stringify(text)};
`;
}
