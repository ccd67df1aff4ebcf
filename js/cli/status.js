// Standard error: progress, notes and errors. Progress and notes are only written to a terminal, or with
// `--verbose`. Errors and details can contain a base URL, and a base URL a token, so tokens in them are masked.

import { clean, mask } from "./clean.js";
import { paint } from "./output/color.js";
import { shorten } from "./width.js";

const CLEAR_LINE = "\r\x1b[K";

/**
 * @param {{ write(text: string): void, describe(): import("./terminal.js").Terminal }} stream
 * @param {boolean} verbose
 */
export function createStatus(stream, verbose) {
  let shown = false;
  const { isTerminal, color } = stream.describe();
  const clear = () => {
    if (shown) stream.write(CLEAR_LINE);
    shown = false;
  };
  const line = (text) => {
    clear();
    stream.write(`${text}\n`);
  };
  return {
    /** Whether progress and notes are shown. */
    isRead: isTerminal || verbose,
    clear,
    /** A line that the next one replaces. */
    progress(text) {
      if (verbose) line(text);
      else if (isTerminal) {
        // The last column stays free: some terminals go to the next line when it is filled.
        stream.write(CLEAR_LINE + paint(color)("dim", shorten(clean(text), stream.describe().columns - 1)));
        shown = true;
      }
    },
    /** A line for people. */
    note(text) {
      if (isTerminal || verbose) line(paint(color)("dim", clean(text)));
    },
    /** A line for those who asked for details. */
    detail(text) {
      if (verbose) line(clean(mask(text)));
    },
    /** A line that is always written. */
    error(text) {
      line(`${paint(color)("red", "comfycontrol-runners:")} ${clean(mask(text))}`);
    },
    /** A line that is always written, and no error. */
    always(text) {
      line(clean(text));
    },
  };
}
