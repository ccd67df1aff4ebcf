// The module's bytes, carried inside the JavaScript as `xtask/bundle/text.mjs` put them there.

import { common, text } from "bytes";

export function source() {
  // Characters that need no escape stand for the common bytes, all others for the rest, both in ascending order.
  const characters = [[], []];
  for (let code = 1; code <= 256; code++) characters[+/[ !#%&(-[\]-_a-~]/.test(String.fromCharCode(code))].push(code);
  const from = [];
  for (let byte = 0; byte < 256; byte++) from[characters[Number((common >> BigInt(byte)) & 1n)].shift()] = byte;
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = from[text.charCodeAt(at)];
  return bytes;
}
