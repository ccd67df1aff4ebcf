// Reads what a caller passed, every option once, and puts values into words.

/**
 * The values of the named options, in order. Throws `[name]` for an unknown option, `[name, error]` for one that
 * cannot be read, and `[]` where `options` is no options object.
 */
export function snapshot(options, names) {
  if (options === undefined) return names.map(() => undefined);
  let at = "options";
  try {
    if (typeof options !== "object" || options === null || Array.isArray(options)) throw [];
    for (at of Object.keys(options)) if (!names.includes(at)) throw [at];
    // What a polluted Object.prototype says is nobody's option.
    return names.map((name) => ((at = name) in Object.prototype && !Object.hasOwn(options, name) ? undefined : options[name]));
  } catch (error) {
    throw Array.isArray(error) && error.length < 2 ? error : [at, error];
  }
}

/** A value in words, short, on one line, and without what may be secret. */
export function describe(value, secret) {
  try {
    switch (typeof value) {
      case "string":
        if (secret) return value === "" ? "an empty string" : "a string (not shown)";
        return JSON.stringify(value.length > 60 ? value.slice(0, 60) + "…" : value).replace(/\/\/[^/]*@/, "//…@").replace(/[?#].*"/s, '…"');
      case "number":
      case "boolean":
      case "undefined":
        return String(value);
      case "bigint":
        return secret ? "a bigint" : `${String(value).slice(0, 60)}n (a bigint)`;
      case "object":
        return value === null ? "null" : Array.isArray(value) ? "an array" : value instanceof Promise ? "a promise" : "an object";
      default:
        return `a ${typeof value}`;
    }
  } catch {
    return "something unreadable";
  }
}

/** What a thrown value says of itself; its code where the host gives one (`ECONNREFUSED`). */
export function reason(thrown) {
  try {
    if (typeof thrown !== "object" || thrown === null) return describe(thrown);
    const inner = thrown.cause;
    const text = (error) => String(error.message || error.name || "unknown error");
    const more = typeof inner === "object" && inner !== null && (inner.code || inner.message);
    return more ? `${text(thrown)} (${String(inner.code || inner.message)})` : text(thrown);
  } catch {
    return "unknown error";
  }
}

/** An environment variable, where the runtime has them and lets us see them. */
export function environment(name) {
  try {
    return globalThis.process?.env?.[name] || undefined;
  } catch {
    // Deno without --allow-env
  }
}

/** The origin of the page or worker this runs in, where there is one. */
export function pageOrigin() {
  const origin = globalThis.location?.origin;
  return typeof origin === "string" && origin.startsWith("http") ? origin : undefined;
}

/** Hands `value` to a listener; what it throws is reported, once per listener, and changes nothing. */
export function tell(listener, value) {
  try {
    const answer = listener(value);
    // An async listener's rejection is its own affair, but must not end the process.
    if (typeof answer?.then === "function") answer.then(undefined, (error) => report(listener, error));
  } catch (error) {
    report(listener, error);
  }
}

const reported = new WeakSet();
function report(listener, error) {
  if (reported.has(listener)) return;
  reported.add(listener);
  if (typeof globalThis.reportError === "function") globalThis.reportError(error);
  else console.error(error);
}
