import { readFileSync } from "node:fs";

import { quote } from "./clean.js";
import { UsageError } from "./usage-error.js";

const REASONS = { ENOENT: "there is no such file", EACCES: "it may not be read", EISDIR: "it is a folder" };

/**
 * The token in a file: its only line. What the file holds is never part of an error.
 *
 * @param {string} path
 * @returns {string}
 */
export function readToken(path) {
  let text;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`--token-file: cannot read ${quote(path)}: ${REASONS[error.code] ?? error.code}`);
  }
  const token = text.trim();
  if (token === "") throw new UsageError(`--token-file: ${quote(path)} is empty`);
  if (/\s/.test(token)) throw new UsageError(`--token-file: ${quote(path)} holds more than a token`);
  return token;
}
