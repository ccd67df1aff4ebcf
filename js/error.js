// The one error class. Rust writes the messages.

const BRAND = Symbol.for("comfycontrol-runners/error");

export class ComfyControlError extends Error {
  constructor(code, message, details) {
    // The message contains the code, because a structured clone keeps only the message.
    super(`${message} (comfycontrol/${code})`);
    this.code = code;
    for (const name of Object.keys(details)) {
      if (name !== "cause") this[name] = details[name];
      // Not enumerable, like the `cause` of any `Error`, so that it is not serialized.
      else Object.defineProperty(this, name, { value: details.cause, configurable: true, writable: true });
    }
  }
}

// On the prototype, so that a printed error does not show them as members.
Object.defineProperties(ComfyControlError.prototype, {
  name: { value: "ComfyControlError", configurable: true, writable: true },
  [BRAND]: { value: true },
});
// A minifier renames the class.
Object.defineProperty(ComfyControlError, "name", { value: "ComfyControlError" });

/**
 * Makes an error for Rust.
 *
 * @param {string} code
 * @param {string} message
 * @param {object} details further members
 * @returns {ComfyControlError}
 */
export function makeError(code, message, details) {
  return new ComfyControlError(code, message, details);
}

/**
 * Whether `value` is an error of this package: of this copy, of another one, of another realm, or a
 * structured clone.
 *
 * @param {unknown} value
 * @param {string} [code]
 * @returns {boolean}
 */
export function isComfyControlError(value, code) {
  try {
    if (typeof value !== "object" || value === null) return false;
    if (value[BRAND] !== true && !isClone(value)) return false;
    return code === undefined || value.code === code;
  } catch {
    return false;
  }
}

const RETRYABLE = ["rate_limited", "server_error", "connection_failed", "timeout", "list_changed"];

/** Whether the value is a clone of an error of this package. Restores the members that cloning dropped. */
function isClone(value) {
  if (Object.prototype.toString.call(value) !== "[object Error]") return false;
  const found = typeof value.message === "string" && /\(comfycontrol\/([a-z_]+)\)$/.exec(value.message);
  if (!found) return false;
  if (!Object.hasOwn(value, "code")) value.code = found[1];
  if (!Object.hasOwn(value, "retryable")) value.retryable = RETRYABLE.includes(found[1]);
  return true;
}
