// Reads what a caller passed, every option once, and puts values into words.

// Lists of names, by their texts: splitting one took as long as all the rest.
const lists = {};

/**
 * The values of the options that `known` has a bit for, each at its place in `names` (a list with commas). Throws a list:
 * an empty one where `options` is no options object, `[0, , name]` for an unknown option, `[3, error, name]` for one that
 * cannot be read.
 */
export function snapshot(options, names, known) {
  const all = (lists[names] ??= names.split(","));
  const knows = (place) => place >= 0 && (known >> place) & 1;
  let at = "options";
  let problem = [];
  try {
    if (options === undefined) return all.map(() => undefined);
    if (typeof options === "object" && options !== null && !Array.isArray(options)) {
      const unknown = Object.keys(options).find((name) => !knows(all.indexOf(name)));
      problem = [0, undefined, unknown];
      // What a polluted Object.prototype says is nobody's option.
      const read = (name, place) => (knows(place) && (!((at = name) in Object.prototype) || Object.hasOwn(options, name)) ? options[name] : undefined);
      if (unknown === undefined) return all.map(read);
    }
  } catch (error) {
    problem = [3, error, at];
  }
  throw problem;
}

export function putPace(values, place, requests, windowMs) {
  values[place] = { requests, windowMs };
}

/** What a value is; the numbers are those of `given` in `src/wasm/options.rs`. */
export function kind(value) {
  switch (typeof value) {
    case "undefined":
      return 0;
    case "number":
      return 1;
    case "string":
      return 2;
    case "boolean":
      return value ? 6 : 3;
    case "function":
      return 4;
    default:
      return typeof value === "object" && value !== null && !Array.isArray(value) ? 5 : 6;
  }
}

/** Whether this has what is used of an `AbortSignal`. */
export function isSignal(value) {
  try {
    return typeof value.aborted === "boolean" && typeof value.addEventListener === "function";
  } catch {
    return false;
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

export const globalFetch = () => globalThis.fetch;

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
  try {
    if (typeof globalThis.reportError === "function") globalThis.reportError(error);
    else console.error(error);
  } catch {
    // Whoever replaced these hears of it no other way.
  }
}
