// The one error class. Rust writes the messages, and decides which members an error has (`src/web/error.rs`).

const BRAND = Symbol.for("comfycontrol-runners/error");

export class ComfyControlError extends Error {
  constructor(code, message, details) {
    // The message contains the code, because a structured clone keeps only the message.
    super(`${message} (comfycontrol/${code})`);
    this.code = code;
    addDetails(this, details);
  }

  /** For logs: `JSON.stringify` shows nothing of an error by itself. */
  toJSON() {
    return { name: this.name, message: this.message, ...this };
  }
}

/** What loggers and serializers should not copy: it is long, or the host's own. */
const NOT_ENUMERABLE = ["cause", "runners", "checkpoint"];

/**
 * Gives an error further members.
 *
 * @param {ComfyControlError} error
 * @param {object} details
 */
export function addDetails(error, details) {
  for (const [name, value] of Object.entries(details)) {
    const enumerable = !NOT_ENUMERABLE.includes(name);
    Object.defineProperty(error, name, { value, enumerable, configurable: true, writable: true });
  }
}

// On the prototype, so that a printed error does not show them as members.
Object.defineProperties(ComfyControlError.prototype, {
  name: { value: "ComfyControlError", configurable: true, writable: true },
  [BRAND]: { value: true },
});
// A minifier renames the class.
Object.defineProperty(ComfyControlError, "name", { value: "ComfyControlError" });

/** Whether this package made the error. Never throws, whatever the value is. */
export function isOurs(value) {
  try {
    return value instanceof ComfyControlError;
  } catch {
    return false;
  }
}

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

/** The codes whose errors usually are retryable. */
const RETRYABLE = [
  "rate_limited",
  "server_error",
  "connection_failed",
  "timeout",
  "list_changed",
  "internal",
];

/**
 * Whether the value is a clone of an error of this package. Cloning keeps the message and the stack alone. Restores the
 * code, and what `retryable` usually is for that code.
 */
function isClone(value) {
  if (Object.prototype.toString.call(value) !== "[object Error]") return false;
  const found = typeof value.message === "string" && /\(comfycontrol\/([a-z_]+)\)$/.exec(value.message);
  if (!found) return false;
  if (!Object.hasOwn(value, "code")) value.code = found[1];
  if (!Object.hasOwn(value, "retryable")) value.retryable = RETRYABLE.includes(found[1]);
  return true;
}
