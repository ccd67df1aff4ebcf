// What definitions promise and a module does not have. Without imports, since pages load it as it is.

/**
 * The names of what is missing in a module, like `getManagedRunner` and `ComfyControl.prototype.listManagedRunners`.
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
