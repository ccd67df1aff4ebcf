// The figures as Markdown.

const number = (value) =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
const spread = ([low, middle, high]) => `${middle.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
const table = (head, rows) =>
  [head, head.map((_, at) => (at ? "---:" : "---")), ...rows]
    .map((row) => `| ${row.join(" | ")} |\n`)
    .join("") + "\n";

/** All tables. */
export function tables({ machine, date, versions, engines, start }) {
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  let text = `Measured on ${date}, ${machine}. ${peers.join(", ")}.\n\n`;
  for (const [engine, results] of Object.entries(engines)) {
    text += `### ${engine}\n\n`;
    for (const what of ["decode", "decode and read", "whole call"]) {
      const some = results.filter((result) => result.what === what);
      const names = some[0].cells.map((cell) => cell.name);
      const title = {
        decode: "Bytes → objects",
        "decode and read": "Bytes → objects, then every character of every field is looked at",
        "whole call": "A whole call on an in-memory `fetch`",
      };
      text += `${title[what]}. Time against ${names[0]} (1.00), median and quartiles of the ratios within a turn; in brackets the median of ${names[0]} in µs.\n\n`;
      text += table(
        ["page", ...names.slice(1)],
        some.map(({ page, cells }) => [
          `${page} [${number(cells[0].microseconds)}]`,
          ...cells.slice(1).map((cell) => spread(cell.ratio)),
        ]),
      );
    }
  }
  text += "### From import to the first listing, in a fresh process\n\n";
  const quantile = (values, q) => [...values].sort((a, b) => a - b)[Math.round((values.length - 1) * q)];
  text += table(
    ["", "ky + zod, ms", "this package, ms", "ratio of pairs"],
    Object.entries(start).map(([engine, { "ky-zod": theirs, ours }]) => {
      const ratios = ours.map((time, at) => time / theirs[at]);
      return [
        engine,
        number(quantile(theirs, 0.5)),
        number(quantile(ours, 0.5)),
        spread([0.25, 0.5, 0.75].map((q) => quantile(ratios, q))),
      ];
    }),
  );
  return text;
}
