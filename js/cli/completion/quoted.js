/**
 * A text as one word of a shell, in single quotes.
 *
 * @param {string} text
 * @returns {string}
 */
export const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
