// Writes the result of a full run as a table between two marks of docs/consumers.md.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./kit.mjs";

const BEGIN = "<!-- consumers:begin -->";
const END = "<!-- consumers:end -->";

export function write(results) {
  const file = join(ROOT, "docs/consumers.md");
  const text = readFileSync(file, "utf8");
  const rows = results.map(
    ({ where, name, version, passed }) =>
      `| ${where} | ${name} | ${version} | ${passed ? "✓" : "**fails**"} |`,
  );
  const table = [BEGIN, "", "| where | how | version | |", "|---|---|---|---|", ...rows, "", END].join("\n");
  const at = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  const next =
    at < 0 || end < at
      ? `${text.trimEnd()}\n\n${table}\n`
      : text.slice(0, at) + table + text.slice(end + END.length);
  if (next !== text) writeFileSync(file, next);
}
