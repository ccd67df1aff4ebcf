// Colours as every terminal has them.

const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] };

/**
 * `text` in a colour, or as it is where `color` is false.
 *
 * @param {boolean} color
 * @returns {(style: keyof typeof CODES, text: string) => string}
 */
export const paint = (color) => (style, text) => {
  const [begin, end] = CODES[style];
  return color && text !== "" ? `\x1b[${begin}m${text}\x1b[${end}m` : text;
};
