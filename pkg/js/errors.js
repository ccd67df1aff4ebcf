// The one error class. Rust words the errors; nothing else is thrown.

const brand = Symbol.for("comfycontrol-runners/error");

/** In the order of `ErrorCode` in `src/error.rs`. */
const CODES =
  "invalid_options|bad_request|unauthorized|forbidden|not_found|rate_limited|server_error|connection_failed|timeout|invalid_response|list_changed|internal";

export class ComfyControlError extends Error {
  // Minifying renames classes; what a console prints is this.
  static name = "ComfyControlError";

  constructor(code, message, facts) {
    // The code stands in the text too: a structured clone keeps nothing but the text.
    super(`${message} (comfycontrol/${code})`);
    this.code = code;
    for (const name of ["status", "retryable", "retryAt", "path", "issues"]) {
      if (Object.hasOwn(facts, name) && facts[name] !== undefined) this[name] = facts[name];
    }
  }
}

// On the prototype, so that printing an error does not repeat them.
Object.defineProperties(ComfyControlError.prototype, {
  name: { value: "ComfyControlError", configurable: true, writable: true },
  [brand]: { value: true },
});

/** As Rust words it. A `status` or `retryAt` of 0 is none. */
export function makeError(place, message, status, retryable, retryAt, facts) {
  const code = CODES.split("|")[place];
  const issues = facts.length ? issuesOf(facts) : undefined;
  // A token that was given in the place of an option.
  if (code === "invalid_options") message = message.replace(/cfc_[^\s"…]+/g, "[token]");
  return new ComfyControlError(code, message, { status: status || undefined, retryable, retryAt: retryAt || undefined, path: issues?.[0].path, issues });
}

/** Each `ValidationIssue` from its facts, which follow each other. */
export function issuesOf(facts) {
  const issues = [];
  for (let at = 0; at < facts.length; at += 4) {
    const [path, expected, found, offset] = facts.slice(at);
    issues.push({ path, expected, found, offset: Number(offset) });
  }
  return issues;
}

/** The error with what the host threw, whatever that is, as its `cause`. */
export function because(error, cause) {
  return Object.defineProperty(error, "cause", { value: cause, configurable: true, writable: true });
}

/** Whether `value` is an error of this package: of this copy, of another one, of another realm, or a structured clone. */
export function isComfyControlError(value, code) {
  try {
    if (typeof value !== "object" || value === null) return false;
    if (value[brand] !== true) {
      const found = typeof value.message === "string" && Object.prototype.toString.call(value) === "[object Error]" && RegExp(`\\(comfycontrol/(${CODES})\\)$`).exec(value.message);
      if (!found) return false;
      // A clone lost its own properties; the text still has the code.
      if (!Object.hasOwn(value, "code")) value.code = found[1];
      if (!Object.hasOwn(value, "retryable")) value.retryable = /^(rate_l|server_|connection_f|timeout|list_c)/.test(found[1]);
    }
    return code === undefined || value.code === code;
  } catch {
    return false;
  }
}
