// Finds values that the definitions declare and a module lacks. Has no imports, because pages load this file directly.

/**
 * The names that a module lacks, such as `getManagedRunner` and `ComfyControl.prototype.listManagedRunners`.
 *
 * @param {[name: string, members: string[]][]} declared - What `declaredValues` gives.
 * @param {object} module
 * @returns {string[]}
 */
export function missingValues(declared, module) {
  const missing = [];
  for (const [name, members] of declared) {
    if (!(name in module)) missing.push(name);
    else
      missing.push(
        ...members
          .filter((member) => !(member in module[name].prototype))
          .map((member) => `${name}.prototype.${member}`),
      );
  }
  return missing;
}
