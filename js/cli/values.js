// Parses and checks the text of an argument. Each function throws a `UsageError` whose message continues after the
// option's name: `--page takes …`.

import { quote } from "./clean.js";
import { FIELDS } from "./output/fields.js";
import { suggest } from "./suggest.js";
import { UsageError } from "./usage-error.js";

/**
 * A whole number from `least` to `most`.
 *
 * @param {number} least
 * @param {number} most
 * @returns {(text: string) => number}
 */
export const wholeNumber = (least, most) => (text) => {
  const number = /^[0-9]{1,16}$/.test(text) ? Number(text) : NaN;
  if (number >= least && number <= most) return number;
  throw new UsageError(`takes a whole number from ${least} to ${most}, not ${quote(text)}`);
};

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * A time such as `30s`, `1.5m` or `1h`, in milliseconds. A number alone is seconds.
 *
 * @param {number} least in milliseconds
 * @param {number} most in milliseconds
 * @param {string} range the same for people
 * @returns {(text: string) => number}
 */
export const duration = (least, most, range) => (text) => {
  const [, digits, unit = "s"] = /^([0-9]{1,9}(?:\.[0-9]{1,3})?)(ms|s|m|h)?$/.exec(text) ?? [];
  const time = Math.round(Number(digits) * UNITS[unit]);
  if (time >= least && time <= most) return time;
  throw new UsageError(`takes a time such as 30s or 5m, ${range}, not ${quote(text)}`);
};

/**
 * One of a few words.
 *
 * @param {readonly string[]} words
 * @returns {(text: string) => string}
 */
export const oneOf = (words) => (text) => {
  if (words.includes(text)) return text;
  const meant = suggest(text, words);
  throw new UsageError(
    `takes ${list(words, "or")}, not ${quote(text)}${meant ? `; did you mean ${meant}?` : ""}`,
  );
};

/**
 * Any text but an empty one.
 *
 * @param {string} what what is missing
 * @returns {(text: string) => string}
 */
export const nonEmpty = (what) => (text) => {
  if (text !== "") return text;
  throw new UsageError(`needs ${what}`);
};

const LOOPBACK = /^(?:localhost|127\.)/i;

/**
 * An absolute URL of http or https. The client checks the rest.
 *
 * @param {string} text
 * @returns {string}
 */
export function httpUrl(text) {
  if (/^https?:\/\/[^/]/i.test(text) && URL.canParse(text)) return text;
  const scheme = LOOPBACK.test(text) ? "http" : "https";
  const isHost = /^[\w.-]+(?::\d+)?(?:\/|$)/.test(text) && !text.includes("cfc_");
  const meant = isHost ? `; did you mean ${scheme}://${text}?` : "";
  throw new UsageError(`takes a URL such as http://127.0.0.1:8787, not ${quote(text)}${meant}`);
}

/**
 * Names of fields, separated by commas. An empty text stands for all of them.
 *
 * @param {string} text
 * @returns {readonly string[]}
 */
export function fields(text) {
  if (text === "") return FIELDS;
  const names = text.split(",").map((name) => name.trim());
  for (const name of names) {
    if (FIELDS.includes(name)) continue;
    const meant = suggest(name, FIELDS);
    const help = meant ? `did you mean ${meant}?` : `there are ${list(FIELDS, "and")}`;
    throw new UsageError(`knows no field ${quote(name)}; ${help}`);
  }
  return names;
}

/**
 * The id of a runner.
 *
 * @param {string} text
 * @returns {string}
 */
export function runnerId(text) {
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text;
  const help = "an id looks like 018f9c3e-5b1a-7c2d-8e4f-0123456789ab, and list shows them";
  throw new UsageError(`takes ids of runners, not ${quote(text)}; ${help}`);
}

/**
 * `a, b or c`.
 *
 * @param {readonly string[]} words
 * @param {string} conjunction
 * @returns {string}
 */
export const list = (words, conjunction) =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${conjunction} ${words.at(-1)}`;
