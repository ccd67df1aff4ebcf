// Arguments as JSON text for Rust, which checks members and values.

/** Stands for `Infinity`, which JSON cannot express: the largest count that Rust accepts. */
const FOR_EVER = 2 ** 32 - 1;

/**
 * Throws for what `JSON.stringify` would drop or turn into null, and for text that Rust cannot hold.
 *
 * @param {string} name what the error message begins with
 * @param {unknown} argument
 * @returns {string}
 */
export function toJson(name, argument) {
  const text = JSON.stringify(argument, function (key, value) {
    const given = this[key];
    if (key === "times" && given === Infinity) return FOR_EVER;
    if (given instanceof Uint8Array) return Array.from(given);
    const lost =
      (typeof given === "number" && !Number.isFinite(given)) ||
      (given instanceof Date && value === null) ||
      (typeof given === "string" && /\p{Cs}/u.test(given)) ||
      ["function", "symbol", "bigint"].includes(typeof given);
    if (lost) throw new TypeError(`${name}: ${key ? `${key}: ` : ""}${describe(given)} is not allowed here`);
    return value;
  });
  if (text === undefined) throw new TypeError(`${name}: a value is missing`);
  return text;
}

function describe(value) {
  if (value instanceof Date) return "an invalid Date";
  if (typeof value === "string") return "half of a surrogate pair";
  return typeof value === "number" ? String(value) : `a ${typeof value}`;
}
