// Properties of a stream: whether it is a terminal, how wide it is, whether it shows colours.

const ASSUMED_COLUMNS = 80;

/**
 * @typedef {object} Terminal
 * @property {boolean} isTerminal
 * @property {number} columns how wide it is
 * @property {boolean} color whether it has colours, and they are wanted
 */

/**
 * @param {{ isTTY?: boolean, columns?: number }} stream
 * @param {Record<string, string | undefined>} env
 * @returns {Terminal}
 */
export function describeTerminal(stream, env) {
  const isTerminal = stream.isTTY === true;
  // A terminal that does not know its size reports 0.
  return { isTerminal, columns: stream.columns || ASSUMED_COLUMNS, color: wantsColor(isTerminal, env) };
}

// no-color.org and force-color.org: a variable counts if it is not empty. `FORCE_COLOR=0` is what Node and
// many tools take as "no". Where both are set, the one that asks for colours wins, as in Node.
function wantsColor(isTerminal, { FORCE_COLOR: force, NO_COLOR: no, TERM: term }) {
  if (force) return force !== "0" && force !== "false";
  if (no || term === "dumb") return false;
  return isTerminal;
}
