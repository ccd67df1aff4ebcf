// What is printed where the output is no terminal and no format was asked for: one line a runner, whole values, separated
// by tabs, without a header. `cut` and `awk` read it.

import { clean } from "../clean.js";

const VALUES = ["name", "runnerType", "status", "tags", "createdAt", "id"];

/**
 * One runner on one line.
 *
 * @param {import("comfycontrol-runners").ManagedRunner} runner
 * @returns {string}
 */
export const line = (runner) =>
  `${VALUES.map((field) => clean([runner[field]].flat().join(" "))).join("\t")}\n`;
