// The one error class. Rust words the errors; nothing else is thrown.

const brand = Symbol.for("comfycontrol-runners/error");

export class ComfyControlError extends Error {
  // Minifying renames classes; what a console prints is this.
  static name = "ComfyControlError";

  constructor(code, message, facts) {
    // The code stands in the text too: a structured clone keeps nothing but the text.
    super(`${message} (comfycontrol/${code})`);
    this.code = code;
    for (const name of ["status", "retryable", "retryAt", "path", "issues"]) {
      if (facts[name] !== undefined) this[name] = facts[name];
    }
  }
}

// On the prototype, so that printing an error does not repeat them.
Object.defineProperties(ComfyControlError.prototype, {
  name: { value: "ComfyControlError", configurable: true, writable: true },
  [brand]: { value: true },
});

/** As Rust words it. A `status` or `retryAt` of 0 is none. */
export function makeError(code, message, status, retryable, retryAt, facts) {
  const issues = facts.length ? facts.map(issue) : undefined;
  return new ComfyControlError(code, message, { status: status || undefined, retryable, retryAt: retryAt || undefined, path: issues?.[0].path, issues });
}

/** A `ValidationIssue` from its facts. */
export const issue = ([path, expected, found, offset]) => ({ path, expected, found, offset });

/** What comes after an attempt without a result. */
export const verdict = (error, again, waitMs, left, charged, cooldown) => ({ error, again, waitMs, left, charged, cooldown });

/** The error with what the host threw, whatever that is, as its `cause`. */
export function because(error, cause) {
  return Object.defineProperty(error, "cause", { value: cause, configurable: true, writable: true });
}

const codes =
  "invalid_options|bad_request|unauthorized|forbidden|not_found|rate_limited|server_error|connection_failed|timeout|invalid_response|list_changed|internal";
const tail = new RegExp(`\\(comfycontrol/(${codes})\\)$`);

/** Whether `value` is an error of this package: of this copy, of another one, of another realm, or a structured clone. */
export function isComfyControlError(value, code) {
  try {
    if (typeof value !== "object" || value === null) return false;
    if (value[brand] !== true) {
      const found = typeof value.message === "string" && Object.prototype.toString.call(value) === "[object Error]" && tail.exec(value.message);
      if (!found) return false;
      // A clone lost its own properties; the text still has the code.
      if (value.code === undefined) value.code = found[1];
      if (value.retryable === undefined) value.retryable = /^(rate_l|server_|connection_f|timeout|list_c)/.test(found[1]);
    }
    return code === undefined || value.code === code;
  } catch {
    return false;
  }
}
