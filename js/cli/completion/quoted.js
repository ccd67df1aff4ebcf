/**
 * A text as one word of a shell, in single quotes.
 *
 * @param {string} text without a single quote
 * @returns {string}
 */
export function quoted(text) {
  if (text.includes("'")) throw new Error(`a text for a shell has a quote: ${text}`);
  return `'${text}'`;
}
