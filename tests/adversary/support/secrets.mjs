// Finds a token in every form in which it can leak, in everything that a value shows.

import { formatWithOptions, inspect } from "node:util";
import { serialize } from "node:v8";

/** Long, with characters that JSON, URLs and HTML escape, and made of pieces, so that a leaked part is found, too. */
export const SECRET = 'cfc_Sup3r"S3cret\\T0ken/Qu13t&Pl34se';
const PIECES = ["Sup3r", "S3cret", "T0ken", "Qu13t", "Pl34se"];
const FORMS = [
  ...PIECES,
  ...[0, 1, 2].map((shift) =>
    Buffer.from(" ".repeat(shift) + SECRET)
      .toString("base64")
      .slice(4, 28),
  ),
  Buffer.from(SECRET).toString("hex").slice(8, 40),
  Buffer.from(SECRET).toString("utf16le"),
].map((form) => form.toLowerCase());

/** Which forms of the token, or of a piece of it, are in a text. */
export function reveals(text) {
  const plain = String(text).replace(/\\u([0-9a-f]{4})/gi, (_, code) =>
    String.fromCharCode(parseInt(code, 16)),
  );
  const lower = `${text}\n${plain}`.toLowerCase();
  return FORMS.filter((form) => lower.includes(form));
}

const attempt = (show) => {
  try {
    return String(show());
  } catch {
    // Some values cannot be shown in some ways.
    return "";
  }
};

/** Everything that a value shows in any way, as one text. */
export function shown(value) {
  const everything = {
    depth: Infinity,
    showHidden: true,
    getters: true,
    maxArrayLength: Infinity,
    maxStringLength: Infinity,
  };
  return [
    () => inspect(value, everything),
    () => inspect(value),
    () => formatWithOptions(everything, "%s %o %O %j", value, value, value, value),
    () => value,
    () => `${value}`,
    () => value.stack,
    () => value.message,
    () => JSON.stringify(value),
    () => inspect(structuredClone(value), everything),
    () => serialize(value).toString("latin1"),
    () => reachable(value).join("\n"),
  ]
    .map(attempt)
    .join("\n");
}

/** All texts that can be reached from a value: by members, hidden ones and symbols, prototypes, and what Maps and Sets hold. */
function reachable(value, seen = new Set(), texts = []) {
  if (typeof value === "string") texts.push(value);
  if (
    (typeof value !== "object" && typeof value !== "function") ||
    value === null ||
    seen.has(value) ||
    value === globalThis
  )
    return texts;
  seen.add(value);
  if (value instanceof Map || value instanceof Set) for (const held of value) reachable(held, seen, texts);
  if (ArrayBuffer.isView(value))
    texts.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("latin1"));
  for (const key of Reflect.ownKeys(value)) {
    texts.push(String(key));
    const { value: member, get } = Object.getOwnPropertyDescriptor(value, key);
    reachable(get ? attempt(() => get.call(value)) : member, seen, texts);
  }
  reachable(Object.getPrototypeOf(value), seen, texts);
  return texts;
}
