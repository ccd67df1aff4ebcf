import { createClient } from "../client.js";
import { PROGRAM } from "../command-table.js";
import { SUCCESS } from "../exit-codes.js";
import { count, plural } from "../format.js";
import { chooseFormat, createOutput } from "../output/output.js";

/** `list`: one page. */
export async function list({ options }, { stdout, terminal, status, signal }) {
  const client = await createClient(options, status);
  const page = await client.listManagedRunners({ page: options.page, perPage: options.perPage, signal });
  const output = createOutput(chooseFormat(options, terminal, "table"), stdout);
  for (const runner of page.runners) await output.add(runner);
  await output.end();
  status.note(summary(page, options));
  return SUCCESS;
}

/**
 * A line below the table: how many runners there are, and how to see more.
 *
 * @param {import("comfycontrol-runners").ManagedRunnerPage} page
 * @param {{ perPage?: number }} options
 * @returns {string}
 */
export function summary({ page, pageCount, total, hasNextPage }, { perPage }) {
  if (total === 0) return "there are no runners";
  if (page > pageCount) return `page ${count(page)} is past the end: there are ${plural(pageCount, "page")}`;
  const size = perPage === undefined ? "" : ` --per-page ${perPage}`;
  const next = hasNextPage ? `; next: ${PROGRAM} list --page ${page + 1}${size}` : "";
  return `page ${count(page)} of ${count(pageCount)}, ${plural(total, "runner")}${next}`;
}
