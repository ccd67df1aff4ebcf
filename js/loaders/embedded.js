// The module's bytes, carried inside the JavaScript. `xtask/bundle/embed.mjs` put them there, and
// says how.

import { bytes, characters, text } from "module-text";

/** @returns {Uint8Array} */
export function source() {
  const common = characters.length - 2;
  const indexes = [];
  for (let index = 0; index < characters.length; index++) indexes[characters.charCodeAt(index)] = index;
  const decoded = new Uint8Array(text.length);
  let length = 0;
  let page = 0;
  for (let at = 0; at < text.length; at++) {
    const index = indexes[text.charCodeAt(at)];
    if (index < common) {
      decoded[length++] = bytes[page * common + index];
      page = 0;
    } else {
      page = index - common + 1;
    }
  }
  return decoded.subarray(0, length);
}
