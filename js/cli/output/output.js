// Prints runners. A format prints each runner as soon as it arrives, or all of them at the end.

import { clean } from "../clean.js";
import { csv, csvHeader } from "./csv.js";
import { json } from "./json.js";
import { line } from "./lines.js";
import { ndjson } from "./ndjson.js";
import { records } from "./record.js";
import { table } from "./table.js";

/**
 * How runners are printed.
 *
 * @typedef {object} Format
 * @property {boolean} streams whether each runner is printed as soon as it arrives
 * @property {string} [header] printed before the first runner, also if there is none
 * @property {(runner: object) => string} [one]
 * @property {(runners: object[]) => string} [all]
 */

/**
 * The format that the options ask for.
 *
 * @param {{ json?: string[], ndjson?: string[], csv?: string[] }} options
 * @param {import("../terminal.js").Terminal} terminal standard output
 * @param {"table" | "records"} layout for people
 * @returns {Format}
 */
export function chooseFormat(options, terminal, layout) {
  if (options.json) return { streams: false, all: (runners) => json(runners, options.json) };
  if (options.ndjson) return { streams: true, one: (runner) => ndjson(runner, options.ndjson) };
  if (options.csv) {
    // A pipe or a file gets the data as they are; on a terminal, control characters are shown.
    const safe = terminal.isTerminal ? (text) => `${clean(text.trimEnd())}\n` : (text) => text;
    return {
      streams: true,
      header: safe(csvHeader(options.csv)),
      one: (runner) => safe(csv(runner, options.csv)),
    };
  }
  if (!terminal.isTerminal) return { streams: true, one: (runner) => line(runner, terminal) };
  const layouts = { table, records };
  return { streams: false, all: (runners) => layouts[layout](runners, terminal) };
}

/**
 * Prints runners in a format. `add` resolves once the runner is printed or stored; `end` prints the stored ones. Call
 * `end` also after a failure, so that the runners found so far are printed.
 *
 * @param {Format} format
 * @param {{ write(text: string): Promise<void> }} stdout
 */
export function createOutput(format, stdout) {
  const kept = [];
  let begun = false;
  const begin = async () => {
    if (begun) return;
    begun = true;
    if (format.header) await stdout.write(format.header);
  };
  return {
    streams: format.streams,
    async add(runner) {
      await begin();
      if (format.streams) await stdout.write(format.one(runner));
      else kept.push(runner);
    },
    async end() {
      await begin();
      const text = format.streams ? "" : format.all(kept);
      if (text !== "") await stdout.write(text);
    },
  };
}
