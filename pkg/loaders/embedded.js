// The module's bytes, carried inside the JavaScript as `xtask/bundle/text.mjs` put them there.

import { common, text } from "bytes";

export function source() {
  // The rest of the bytes, and the common ones.
  const order = [[], []];
  for (let byte = 0; byte < 256; byte++) order[Number((common >> BigInt(byte)) & 1n)].push(byte);
  const size = order[1].length;
  const from = [...order[1], ...order[0]];
  // The characters that no bundler escapes. The last two say that the next one is for one of the rest.
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
      page = (place - size + 1) * size;
    }
  }
  return bytes.subarray(0, length);
}
