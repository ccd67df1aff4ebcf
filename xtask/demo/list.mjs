// Lists one page as a table. Token and base URL come from the environment.
import { listManagedRunners } from "comfycontrol-runners";

const { runners, total, page, pageCount } = await listManagedRunners({ page: 1, perPage: 10 });

const columns = {
  name: (runner) => runner.name,
  type: (runner) => runner.runnerType,
  status: (runner) => runner.status,
  tags: (runner) => runner.tags.join(" "),
  created: (runner) => runner.createdAt.slice(0, 10),
};
const rows = [
  Object.keys(columns),
  ...runners.map((runner) => Object.values(columns).map((cell) => cell(runner))),
];
const widths = rows[0].map((_, at) => Math.max(...rows.map((row) => row[at].length)));
console.log();
for (const row of rows)
  console.log(
    "  " +
      row
        .map((cell, at) => cell.padEnd(widths[at]))
        .join("   ")
        .trimEnd(),
  );
console.log(`\n  ${runners.length} of ${total} runners, page ${page} of ${pageCount}\n`);
