// What `watch` prints.

import { clean } from "../clean.js";
import { shorten } from "../width.js";
import { paint } from "./color.js";
import { jsonLine } from "./ndjson.js";

const SIGNS = { added: ["+", "green"], removed: ["-", "red"], changed: ["~", "yellow"] };

/**
 * One change of one runner.
 *
 * @typedef {object} Change
 * @property {"added" | "removed" | "changed"} type
 * @property {import("comfycontrol-runners").ManagedRunner} runner as it is now, or as it was last
 * @property {import("comfycontrol-runners").ManagedRunner} [previous] before the change
 * @property {string[]} [fields] what changed
 */

/**
 * The changes of one reading of the list, one by one.
 *
 * @param {{ added: object[], removed: object[], changed: object[] }} item
 * @returns {Change[]}
 */
export const separate = ({ added, removed, changed }) => [
  ...removed.map((runner) => ({ type: "removed", runner })),
  ...changed.map(({ runner, previous, fields }) => ({
    type: "changed",
    runner,
    previous,
    fields: [...fields],
  })),
  ...added.map((runner) => ({ type: "added", runner })),
];

/**
 * A change as a line for people, at most as wide as the terminal.
 *
 * @param {Change} change
 * @param {{ columns: number, color: boolean, time: string }} settings `time` is the time of day
 * @returns {string}
 */
export function changeLine(change, { columns, color, time }) {
  const [sign, style] = SIGNS[change.type];
  const { name, runnerType, tags, id } = change.runner;
  const details = change.type === "changed" ? differences(change) : [runnerType, ...tags].join(" ");
  const text = shorten(`${time}  ${sign}  ${clean(`${name}  ${details}  ${id}`)}`, columns);
  return `${paint(color)(style, text)}\n`;
}

/**
 * A change as values separated by tabs: time, kind, id, name, what is different.
 *
 * @param {Change} change
 * @param {string} time RFC 3339
 * @returns {string}
 */
export function changeRow(change, time) {
  const { name, id } = change.runner;
  const details = change.type === "changed" ? differences(change) : "";
  return `${[time, change.type, id, name, details].map(clean).join("\t")}\n`;
}

/**
 * A change as JSON, with the time as RFC 3339.
 *
 * @param {Change} change
 * @param {string} time
 * @returns {string}
 */
export const changeJson = ({ type, ...rest }, time) => jsonLine({ type, time, ...rest });

// `updatedAt` changes with every other field, and says nothing more then.
function differences({ runner, previous, fields }) {
  const telling = fields.filter((field) => field !== "updatedAt");
  const text = (value) => [value].flat().join(" ") || "none";
  return (telling.length > 0 ? telling : fields)
    .map((field) => `${field}: ${text(previous[field])} → ${text(runner[field])}`)
    .join(", ");
}
