import { clean } from "../clean.js";
import { shorten, widthOf } from "../width.js";
import { paint, styleOf } from "./color.js";
import { COLUMNS, fit, GAP } from "./columns.js";

/**
 * The runners as a table that fits the terminal: no line is wider than `columns`. Nothing at all for no
 * runners.
 *
 * @param {readonly import("comfycontrol-runners").ManagedRunner[]} runners
 * @param {{ columns: number, color: boolean }} terminal
 * @returns {string}
 */
export function table(runners, { columns, color }) {
  if (runners.length === 0) return "";
  const painted = paint(color);
  const cells = COLUMNS.map(({ field, title, text }) => ({
    field,
    title,
    texts: runners.map((runner) => clean(text(runner))),
  }));
  const natural = cells.map(({ field, title, texts }) => [field, texts.reduce(widest, title.length)]);
  const widths = fit(Object.fromEntries(natural), columns);
  const shown = cells.filter(({ field }) => widths[field] !== undefined);

  const line = (text, style) =>
    shown
      .map((column, index) => {
        const short = shorten(text(column), widths[column.field]);
        const gap = index === shown.length - 1 ? 0 : widths[column.field] + GAP - widthOf(short);
        return painted(style(column.field, short), short) + " ".repeat(gap);
      })
      .join("") + "\n";
  const header = line(
    ({ title }) => title,
    () => "bold",
  );
  return header + runners.map((_, row) => line(({ texts }) => texts[row], styleOf)).join("");
}

const widest = (width, text) => Math.max(width, widthOf(text));
