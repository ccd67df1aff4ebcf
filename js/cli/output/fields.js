// The fields of a runner, in the order in which they are printed.

export const FIELDS = ["id", "name", "runnerType", "status", "tags", "createdAt", "updatedAt"];

/**
 * The runner with these fields alone, in this order.
 *
 * @param {import("comfycontrol-runners").ManagedRunner} runner
 * @param {readonly string[]} fields
 * @returns {Record<string, unknown>}
 */
export const pick = (runner, fields) => Object.fromEntries(fields.map((field) => [field, runner[field]]));
