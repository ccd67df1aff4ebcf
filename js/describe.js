// Describes any JavaScript value in a few words, for error messages.

/** Declared and documented in `src/web/error.rs`, as is `describeThrown`. */
export function describe(value, isSecret) {
  try {
    switch (typeof value) {
      case "string":
        if (isSecret) return value === "" ? "an empty string" : "a string (not shown)";
        return quote(value);
      case "number":
      case "boolean":
      case "undefined":
        return String(value);
      case "bigint":
        return isSecret ? "a bigint" : `${String(value).slice(0, 60)}n (a bigint)`;
      case "object":
        if (value === null) return "null";
        if (Array.isArray(value)) return "an array";
        return value instanceof Promise ? "a promise" : "an object";
      default:
        return `a ${typeof value}`;
    }
  } catch {
    return "something unreadable";
  }
}

/** The start of a text in quotes, without the password and query of a URL. Rust masks tokens. */
function quote(text) {
  const url = text.replace(/^(\w+:(?:\/\/)?)?[^?#]*@/, "$1…@");
  const short = url.length > 60 ? `${url.slice(0, 60)}…` : url;
  return JSON.stringify(short).replace(/[?#].*"/s, '…"');
}

export function describeThrown(thrown) {
  try {
    if (typeof thrown !== "object" || thrown === null) return describe(thrown, false);
    const text = String(thrown.message || thrown.name || "unknown error");
    const { cause } = thrown;
    const inner = typeof cause === "object" && cause !== null && (cause.code || cause.message);
    return inner ? `${text} (${String(inner)})` : text;
  } catch {
    return "unknown error";
  }
}
