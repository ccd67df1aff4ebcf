// Reads an options object. Rust knows the options, and checks their values.

/**
 * The values of the named options, in that order, each read once. Ignores members that a polluted
 * `Object.prototype` adds. Throws `{ name, isUnknown: true }` if there is another option, and
 * `{ name, isUnknown: false, cause }` if reading an option throws.
 *
 * @param {object} options
 * @param {string[]} names
 * @returns {unknown[]}
 */
export function readOptions(options, names) {
  let name = "options";
  try {
    const other = Object.keys(options).find((key) => !names.includes(key));
    if (other !== undefined) throw { name: other, isUnknown: true };
    return names.map((known) => {
      name = known;
      return name in Object.prototype && !Object.hasOwn(options, name) ? undefined : options[name];
    });
  } catch (problem) {
    throw problem?.isUnknown === true ? problem : { name, isUnknown: false, cause: problem };
  }
}
