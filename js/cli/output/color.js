// Colours as every terminal has them.

const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] };

/**
 * `text` in a style, or as it is where `color` is false or there is no style.
 *
 * @param {boolean} color
 * @returns {(style: keyof typeof CODES | undefined, text: string) => string}
 */
export const paint = (color) => (style, text) => {
  if (!color || style === undefined || text === "") return text;
  const [begin, end] = CODES[style];
  return `\x1b[${begin}m${text}\x1b[${end}m`;
};

/**
 * The style of a runner's value.
 *
 * @param {string} field
 * @param {string} text
 * @returns {keyof typeof CODES | undefined}
 */
export function styleOf(field, text) {
  if (field === "status") return text === "active" ? "green" : "yellow";
  return field === "id" ? "dim" : undefined;
}
