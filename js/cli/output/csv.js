// RFC 4180: lines end in CRLF; a field with a comma, a quote or a line break stands in quotes, and quotes are
// doubled. An empty field alone stands in quotes, too, since readers skip empty lines.

const cell = (value) => {
  const text = Array.isArray(value) ? value.join(",") : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

const line = (cells) => `${cells.map(cell).join(",") || '""'}\r\n`;

/**
 * The header.
 *
 * @param {readonly string[]} fields
 * @returns {string}
 */
export const csvHeader = (fields) => line(fields);

/**
 * One runner; its tags are one field, separated by commas.
 *
 * @param {import("comfycontrol-runners").ManagedRunner} runner
 * @param {readonly string[]} fields
 * @returns {string}
 */
export const csv = (runner, fields) => line(fields.map((field) => runner[field]));
