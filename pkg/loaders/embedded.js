// The module's bytes, carried inside the JavaScript as `xtask/bundle/text.mjs` put them there.

import { common, text } from "bytes";

export function source() {
  // The byte of each character that no bundler escapes, and then the rest of the bytes.
  const from = common.match(/../g).map((byte) => parseInt(byte, 16));
  const size = from.length;
  for (let byte = 0; byte < 256; byte++) if (from.indexOf(byte) < 0) from.push(byte);
  const places = [];
  for (let code = 0, place = 0; code < 127; code++) if (/[ !#%&(-[\]-_a-~]/.test(String.fromCharCode(code))) places[code] = place++;
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let at = 0, page = 0; at < text.length; at++) {
    const place = places[text.charCodeAt(at)];
    if (place < size) {
      bytes[length++] = from[page + place];
      page = 0;
    } else {
      // The last two characters say that the next one is for one of the rest.
      page = (place - size + 1) * size;
    }
  }
  return bytes.subarray(0, length);
}
