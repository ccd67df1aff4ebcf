// All options with their names, values and descriptions, for parsing, help and completion.

import { duration, fields, httpUrl, nonEmpty, oneOf, wholeNumber } from "./values.js";

export const TIERS = ["free", "plus", "pro", "enterprise"];

/**
 * @typedef {object} Option
 * @property {string} about for `--help`
 * @property {string} [value] what it takes, as `--help` calls it; without it the option is a switch
 * @property {(text: string) => unknown} [parse] checks the value
 * @property {string} [instead] the value if none is given, where it may be left out
 * @property {boolean} [repeats] whether it may be given several times
 * @property {"file"} [completes] what a shell completes
 * @property {readonly string[]} [words] the values there are, for completion
 * @property {string} [short] its one letter
 */

/** @type {Record<string, Option>} */
export const OPTIONS = {
  page: { value: "N", about: "which page, from 1 (default 1)", parse: wholeNumber(1, 4_294_967_295) },
  "per-page": { value: "N", about: "runners a page, 1 to 100 (default 10)", parse: wholeNumber(1, 100) },
  limit: { value: "N", about: "stop after N runners", parse: wholeNumber(1, 1_000_000_000) },
  "resume-from": {
    value: "CHECKPOINT",
    about: "go on from where an earlier call stopped",
    parse: nonEmpty("the checkpoint that an earlier call printed"),
  },
  interval: {
    value: "TIME",
    about: "time between two readings of the list: 30s, 5m (default 30s)",
    parse: duration(1000, 86_400_000, "from 1s to 24h"),
  },
  tag: {
    value: "TAG",
    about: "a tag the workflow requires; repeat it for more",
    parse: nonEmpty("a tag, such as gpu:a100"),
    repeats: true,
  },
  runners: {
    value: "N",
    about: "how many runners there are (default 250)",
    parse: wholeNumber(0, 1_000_000),
  },
  tier: { value: "TIER", about: "the account's tier (default pro)", parse: oneOf(TIERS), words: TIERS },
  port: {
    value: "N",
    about: "the port on 127.0.0.1; 0 takes a free one (default 8787)",
    parse: wholeNumber(0, 65_535),
  },
  json: {
    value: "FIELDS",
    instead: "",
    about: "a JSON array; FIELDS such as id,name (default all)",
    parse: fields,
  },
  ndjson: {
    value: "FIELDS",
    instead: "",
    about: "one JSON object a line, as soon as it arrives",
    parse: fields,
  },
  csv: { value: "FIELDS", instead: "", about: "CSV with a header (RFC 4180)", parse: fields },
  "base-url": {
    value: "URL",
    about: "where the API is (default COMFYCONTROL_BASE_URL)",
    parse: httpUrl,
  },
  "token-file": {
    value: "FILE",
    about: "a file with the token (default COMFYCONTROL_TOKEN)",
    parse: nonEmpty("the name of a file"),
    completes: "file",
  },
  verbose: { about: "say on standard error what happens" },
  help: { short: "h", about: "print this" },
  version: { about: "print the version" },
};

/** Letters that other tools have, and what could be meant here: the first that the command takes. */
export const OTHER_LETTERS = {
  v: ["verbose", "version"],
  V: ["version"],
  p: ["page", "port"],
  n: ["limit", "per-page", "runners"],
  L: ["limit"],
  t: ["tag", "tier"],
};

/** The ways to print data; at most one of them is used. */
export const FORMATS = ["json", "ndjson", "csv"];

/** What every command that calls the API takes. */
export const OF_CALLS = ["base-url", "token-file", "verbose"];

/** What every command takes. */
export const OF_ALL = ["help", "version"];
