// Decodes the module's bytes from text in the JavaScript. `xtask/bundle/embed.mjs` writes this text, and
// documents the encoding.

import { characters, common, text } from "module-text";

export function source() {
  const bytes = common.match(/../g).map((hex) => parseInt(hex, 16));
  const size = bytes.length;
  for (let byte = 0; byte < 256; byte++) {
    if (!bytes.includes(byte)) bytes.push(byte);
  }
  const pages = characters.length - size;
  const indexes = [];
  for (let index = 0; index < characters.length; index++) indexes[characters.charCodeAt(index)] = index;
  const decoded = new Uint8Array(text.length);
  let length = 0;
  let page = 0;
  for (let position = 0; position < text.length; position++) {
    const index = indexes[text.charCodeAt(position)];
    if (index < pages) {
      page = index + 1;
    } else {
      decoded[length++] = bytes[page * size + index - pages];
      page = 0;
    }
  }
  return decoded.subarray(0, length);
}
