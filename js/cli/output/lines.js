// The default output in a pipe: one line per runner, values not shortened and separated by tabs, no header. `cut`
// and `awk` can read it.

import { clean } from "../clean.js";
import { paint, styleOf } from "./color.js";

const VALUES = ["name", "runnerType", "status", "tags", "createdAt", "id"];

/**
 * One runner on one line.
 *
 * @param {import("comfycontrol-runners").ManagedRunner} runner
 * @param {{ color: boolean }} terminal
 * @returns {string}
 */
export function line(runner, { color }) {
  const value = (field) => {
    const text = clean([runner[field]].flat().join(" "));
    return paint(color)(styleOf(field, text), text);
  };
  return `${VALUES.map(value).join("\t")}\n`;
}
