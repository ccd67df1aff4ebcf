import { cleanJson } from "../clean.js";
import { pick } from "./fields.js";

/**
 * The runners as one JSON array: always an array, however many there are.
 *
 * @param {readonly import("comfycontrol-runners").ManagedRunner[]} runners
 * @param {readonly string[]} fields
 * @returns {string}
 */
export const json = (runners, fields) =>
  `${cleanJson(
    JSON.stringify(
      runners.map((runner) => pick(runner, fields)),
      null,
      2,
    ),
  )}\n`;
