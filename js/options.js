// Reads an options object. Rust knows the options, and checks their values.

/** Declared and documented in `src/web/host.rs`. */
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
