import { clean } from "../clean.js";
import { pad } from "../width.js";
import { paint } from "./color.js";

const LINES = [
  ["name", ({ name }) => name],
  ["type", ({ runnerType }) => runnerType],
  ["status", ({ status }) => status],
  ["tags", ({ tags }) => tags.join(" ")],
  ["created", ({ createdAt }) => createdAt],
  ["updated", ({ updatedAt }) => updatedAt],
  ["id", ({ id }) => id],
];

/**
 * Everything about a few runners, a value a line, with an empty line between two runners.
 *
 * @param {readonly import("comfycontrol-runners").ManagedRunner[]} runners
 * @param {{ color: boolean }} terminal
 * @returns {string}
 */
export function records(runners, { color }) {
  const painted = paint(color);
  const record = (runner) =>
    LINES.map(([title, text]) => `${painted("bold", pad(title, 9))}${clean(text(runner))}\n`).join("");
  return runners.map(record).join("\n");
}
