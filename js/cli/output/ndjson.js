import { cleanJson } from "../clean.js";
import { pick } from "./fields.js";

/**
 * Any value as one line of JSON.
 *
 * @param {unknown} value
 * @returns {string}
 */
export const jsonLine = (value) => `${cleanJson(JSON.stringify(value))}\n`;

/**
 * A runner as one line of JSON.
 *
 * @param {import("comfycontrol-runners").ManagedRunner} runner
 * @param {readonly string[]} fields
 * @returns {string}
 */
export const ndjson = (runner, fields) => jsonLine(pick(runner, fields));
