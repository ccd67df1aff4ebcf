// Suggests the word that was probably meant.

const normalized = (word) => word.toLowerCase().replaceAll(/[-_]/g, "");

/**
 * The known word that is most like `word`, or `undefined` if none is close: at most one wrong letter in
 * three. Capitals, hyphens and underscores do not count, so that `per_page` and `perPage` find `per-page`.
 *
 * @param {string} word
 * @param {readonly string[]} known
 * @returns {string | undefined}
 */
export function suggest(word, known) {
  const wanted = normalized(word).slice(0, 40);
  let best;
  let least = Math.floor(wanted.length / 3) + 1;
  for (const candidate of known) {
    const steps = distance(wanted, normalized(candidate));
    if (steps < least) [best, least] = [candidate, steps];
  }
  return best;
}

/**
 * How many letters must be added, removed, replaced or swapped with their neighbour (the optimal string
 * alignment distance).
 *
 * @param {string} from
 * @param {string} to
 * @returns {number}
 */
export function distance(from, to) {
  const rows = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const same = from[i - 1] === to[j - 1];
      row[j] = Math.min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (swapped) row[j] = Math.min(row[j], rows[i - 2][j - 2] + 1);
    }
    rows.push(row);
  }
  return rows[from.length][to.length];
}
