// The one error class. Rust words the errors, and says what they have (`src/web/error.rs`).

const BRAND = Symbol.for("comfycontrol-runners/error");

export class ComfyControlError extends Error {
  constructor(code, message, details) {
    // The code stands in the text, too: a structured clone keeps nothing else.
    super(`${message} (comfycontrol/${code})`);
    this.code = code;
    for (const name of Object.keys(details)) {
      if (name !== "cause") this[name] = details[name];
      // Not enumerable, as the language has it: whatever the host threw is not serialized.
      else Object.defineProperty(this, name, { value: details.cause, configurable: true, writable: true });
    }
  }
}

// On the prototype, so that printing an error does not repeat them. A minifier renames the class.
Object.defineProperties(ComfyControlError.prototype, {
  name: { value: "ComfyControlError", configurable: true, writable: true },
  [BRAND]: { value: true },
});
Object.defineProperty(ComfyControlError, "name", { value: "ComfyControlError" });

/** Declared and documented in `src/web/error.rs`. */
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

/** Whether this is a structured clone of our errors. Gives it back what cloning took. */
function isClone(value) {
  if (Object.prototype.toString.call(value) !== "[object Error]") return false;
  const found = typeof value.message === "string" && /\(comfycontrol\/([a-z_]+)\)$/.exec(value.message);
  if (!found) return false;
  if (!Object.hasOwn(value, "code")) value.code = found[1];
  if (!Object.hasOwn(value, "retryable")) value.retryable = RETRYABLE.includes(found[1]);
  return true;
}
