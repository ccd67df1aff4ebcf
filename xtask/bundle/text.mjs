// The module's bytes as a string; `pkg/loaders/embedded.js` turns it back.
//
// Bundlers write a character beyond ASCII as an escape or as two bytes, and some of the others with a backslash. So there
// are only the 90 characters that are one byte everywhere: 88 stand for the bytes that a module has most of, and two for
// the page of the rest in which the next character is.
//
// Which character stands for which byte matters, too. Brotli tells by the character before what is likely to come next, and
// by its kind alone: one kind are most consonants, another the digits, others a single mark (RFC 7932 §7.1). In a module it is
// the opcode that tells most, so `arranged` gives opcodes that are followed by alike bytes characters of a kind. `arrange.mjs` looks
// for a better arrangement.

const plain = /[ !#%&(-[\]-_a-~]/;
const characters = Array.from({ length: 127 }, (_, code) => String.fromCharCode(code)).filter((character) => plain.test(character));
const pages = 2;

/** The byte for each character in turn, as two hexadecimal digits; the last characters are the pages. */
export const arranged =
  "41706ffd9820236174ff6480ad373628399f42d0fc297888ac21c0ab63752c6b4b4d506c45463a3068674f4740382a721c7644715c496a1b0d90656e04147306030a7f7e092408002d18050f0c101707020e7c01600b2269";

/** A JavaScript module that exports the `text`, and the `common` bytes for each character in turn. */
export function embed(bytes, common = arranged) {
  const order = common.match(/../g).map((byte) => parseInt(byte, 16));
  const size = order.length;
  if (size + pages !== characters.length || new Set(order).size !== size) throw new Error("not an arrangement of bytes");
  for (let byte = 0; byte < 256; byte++) if (!order.includes(byte)) order.push(byte);
  const to = [];
  order.forEach((byte, place) => (to[byte] = (place < size ? "" : characters[size - 1 + Math.floor(place / size)]) + characters[place % size]));
  const text = Array.from(bytes, (byte) => to[byte]).join("");
  return `export const common = "${common}";\nexport const text = ${JSON.stringify(text)};\n`;
}
