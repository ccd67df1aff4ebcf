// The columns of the table: what they show, and which are shortened or left out in a narrow terminal.

/**
 * @typedef {object} Column
 * @property {string} field
 * @property {string} title
 * @property {number} least the columns of the terminal it keeps when it is shortened
 * @property {(runner: import("comfycontrol-runners").ManagedRunner) => string} text
 */

/** @type {readonly Column[]} */
export const COLUMNS = [
  { field: "name", title: "NAME", least: 8, text: ({ name }) => name },
  { field: "runnerType", title: "TYPE", least: 4, text: ({ runnerType }) => runnerType },
  { field: "status", title: "STATUS", least: 6, text: ({ status }) => status },
  { field: "tags", title: "TAGS", least: 10, text: ({ tags }) => tags.join(" ") },
  { field: "createdAt", title: "CREATED", least: 10, text: ({ createdAt }) => createdAt.slice(0, 10) },
  { field: "id", title: "ID", least: 9, text: ({ id }) => id },
];

/** Spaces between two columns. */
export const GAP = 2;

// In this order columns are shortened, and then left out. Ids are shortened when nothing else helps, and then
// to their first eight digits.
const SHORTENED_FIRST = ["tags", "name", "runnerType", "status", "createdAt"];
const LEFT_OUT_FIRST = ["createdAt", "status", "runnerType", "tags"];

/**
 * How wide each column is, so that a line takes at most `available` columns of the terminal. A column that is
 * left out has no width.
 *
 * @param {Record<string, number>} widths by field: what each column would take
 * @param {number} available
 * @returns {Record<string, number>} by field
 */
export function fit(widths, available) {
  const leastOf = Object.fromEntries(
    COLUMNS.map(({ field, least }) => [field, Math.min(widths[field], least)]),
  );
  for (const id of [widths.id, leastOf.id]) {
    const least = { ...leastOf, id };
    for (let leftOut = 0; leftOut <= LEFT_OUT_FIRST.length; leftOut += 1) {
      const gone = LEFT_OUT_FIRST.slice(0, leftOut);
      const kept = COLUMNS.map(({ field }) => field).filter((field) => !gone.includes(field));
      const room = available - GAP * (kept.length - 1);
      if (sum(kept.map((field) => least[field])) > room) continue;
      const wanted = { ...widths, id };
      return shortenTo(room, Object.fromEntries(kept.map((field) => [field, wanted[field]])), least);
    }
  }
  return { name: Math.min(widths.name, Math.max(1, available)) };
}

function shortenTo(room, widths, least) {
  let excess = sum(Object.values(widths)) - room;
  for (const field of SHORTENED_FIRST) {
    if (excess <= 0 || widths[field] === undefined) continue;
    const less = Math.min(excess, widths[field] - least[field]);
    widths[field] -= less;
    excess -= less;
  }
  return widths;
}

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
