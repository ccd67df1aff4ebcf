// Writes the result of a full run as a table between two marks of docs/consumers.md.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./kit.mjs";

const BEGIN = "<!-- consumers:begin -->";
const END = "<!-- consumers:end -->";

/** What does not work, and not for this package's sake. docs/consumers.md says more. */
const BROKEN = ["| framework | Nuxt, vercel_edge | 4.5.2 | broken without this package, too |"];

export function write(results) {
  const file = join(ROOT, "docs/consumers.md");
  const text = readFileSync(file, "utf8");
  const rows = results.map(
    ({ where, name, version, passed }) =>
      `| ${where} | ${name} | ${version} | ${passed ? "✓" : "**fails**"} |`,
  );
  const table = [
    BEGIN,
    "",
    "| where | how | version | |",
    "|---|---|---|---|",
    ...rows,
    ...BROKEN,
    "",
    END,
  ].join("\n");
  const at = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  const next =
    at < 0 || end < at
      ? `${text.trimEnd()}\n\n${table}\n`
      : text.slice(0, at) + table + text.slice(end + END.length);
  if (next !== text) writeFileSync(file, next);
}
