// Reads what a caller passed, every option once, and has it checked: what is right is known to `src/options.rs`.

import { because } from "./errors.js";
import { say } from "./rows.js";

/** The options there are. The place of each is its number in `src/options.rs`. */
const NAMES = "signal,page,perPage,token,baseUrl,timeout,maxRetries,fetch,rateLimit,onEvent,onInvalidRunner,concurrency,consistency,resumeFrom,onProgress,interval,requests,windowMs".split(",");
const PLACES = new Map(NAMES.map((name, place) => [name, place]));
/** Each of them as its own: what a polluted Object.prototype says is nobody's option. */
const nothing = (places) => Object.fromEntries(places.map((place) => [NAMES[place], undefined]));
const NOTHING = nothing([...PLACES.values()]);

/** What a function takes: a bit for each option, and their places. Some are asked for `more` than they take. */
function taking(bits, more) {
  const places = NAMES.map((_, place) => place).filter((place) => (bits >> place) & 1);
  return { bits, places, nothing: more ? NOTHING : nothing(places) };
}
const OF_CLIENT = 0b111_1111_1000;
const OF_CALL = 0b110_0001;
export const CLIENT = taking(OF_CLIENT, true);
export const REQUEST = taking(OF_CALL);
export const LIST = taking(OF_CALL | 0b110);
export const ITERATE = taking(OF_CALL | 0b111_1000_0000_0100);
export const WATCH = taking(OF_CALL | 0b1000_0000_0000_0100, true);
/** The same of the free functions, which take a client's options, too. */
export const REQUEST_AND_CLIENT = taking(OF_CALL | OF_CLIENT, true);
export const LIST_AND_CLIENT = taking(LIST.bits | OF_CLIENT, true);
const RATE_LIMIT = taking(0b11 << 16);

// Numbers of `src/options.rs`: of options, and of what else may be refused.
export const CONSISTENCY = 12;
const FETCH = 18;
const OPTIONS = 19;
const UNREADABLE = 20;
export const ID = 21;
const ARRAY = 22;
const TAG = 23;
export const ASKED = 24;
export const ASKED_IN_VAIN = 25;

/**
 * The values of the `known` options, checked, and with their defaults: those of `client`, which were checked before, come
 * first. Throws the error.
 */
export function read(core, options, known, client) {
  const { bits, places } = known;
  const values = { ...known.nothing };
  let name = "options";
  let right = options === undefined;
  let unknown;
  try {
    if (!right && (right = kind(options) === 5)) {
      unknown = Object.keys(options).find((name) => !((bits >> (PLACES.get(name) ?? 31)) & 1));
      if (unknown === undefined) {
        for (const place of places) {
          // What a polluted Object.prototype says is nobody's option.
          if (!((name = NAMES[place]) in Object.prototype) || Object.hasOwn(options, name)) values[name] = options[name];
        }
      }
    }
  } catch (error) {
    throw because(refuse(core, UNREADABLE, name, "a getter that throws"), error);
  }
  if (!right) throw refuse(core, OPTIONS, name, describe(options));
  if (unknown !== undefined) {
    say(core, unknown, places.map((place) => NAMES[place]).join(", "));
    core.unknown();
    throw core.outcome();
  }
  for (const place of places) {
    name = NAMES[place];
    const value = values[name];
    if (value === undefined && client?.[name] !== undefined) {
      values[name] = client[name];
      continue;
    }
    const number = core.option(place, bits, place ? kind(value) : signalKind(value), typeof value === "number" ? value : 0);
    // No number at all: refused. Below zero: right, and no number.
    if (number !== number) throw refuse(core, place, known === RATE_LIMIT ? `rateLimit.${name}` : name, describe(value, name === "token"));
    values[name] = number < 0 ? value : number;
  }
  return values;
}

/** A client's options as its calls need them, from checked ones. */
export function settle(core, values) {
  const { rateLimit } = values;
  fetchOf(core, values);
  // Below zero: the documented limit.
  const pace = rateLimit === undefined ? { requests: -1, windowMs: 0 } : rateLimit ? read(core, rateLimit, RATE_LIMIT) : { requests: 0, windowMs: 0 };
  let [url, urlName] = source(values.baseUrl, "baseUrl", "COMFYCONTROL_BASE_URL");
  const [token, tokenName] = source(values.token, "token", "COMFYCONTROL_TOKEN");
  if (typeof token === "string") checkToken(core, token, tokenName);
  say(core, urlName, url === undefined ? "" : describe(url), origin() ?? "", url);
  core.base(token !== undefined);
  url = core.outcome();
  if (typeof url === "object") throw url;
  return { ...values, requests: pace.requests, windowMs: pace.windowMs, token, url, core: undefined, lane: 0 };
}

/** The `fetch` of a client. The global one is asked for anew each time: tests and tools replace it. */
export function fetchOf(core, { fetch = globalThis.fetch }) {
  if (typeof fetch !== "function") throw refuse(core, FETCH, "fetch", describe(fetch));
  return fetch;
}

/** Refuses what a header cannot carry. */
export function checkToken(core, token, name) {
  say(core, name, token);
  core.token();
  const error = core.outcome();
  if (error) throw error;
}

/** The `runners` that take a workflow with `requiredTags` (`api/contract.md`, "ManagedRunner"). */
export function match(core, runners, requiredTags) {
  const array = (value, name) => {
    if (!isArray(value)) throw refuse(core, ARRAY, name, describe(value));
    return value;
  };
  array(runners, "runners");
  array(requiredTags, "requiredTags");
  // By their places, since the methods of an array pass over holes and may be anybody's.
  const wanted = [];
  for (let place = 0; place < requiredTags.length; place++) {
    const tag = requiredTags[place];
    if (typeof tag !== "string") throw refuse(core, TAG, `requiredTags[${place}]`, describe(tag));
    wanted.push(tag);
  }
  const found = [];
  for (let place = 0; place < runners.length; place++) {
    const runner = runners[place];
    const tags = array(runner?.tags, `runners[${place}].tags`);
    if (!tags.length || wanted.every((tag) => Array.prototype.includes.call(tags, tag))) found.push(runner);
  }
  return found;
}

/** An option or else an environment variable, where the runtime has them and lets us see them, with its name. */
function source(value, name, variable) {
  if (value !== undefined) return [value, name];
  try {
    return [globalThis.process?.env?.[variable] || undefined, variable];
  } catch {
    // Deno without --allow-env
    return [undefined, variable];
  }
}

/** The origin of the page or worker this runs in, where there is one. */
function origin() {
  const origin = globalThis.location?.origin;
  return typeof origin === "string" && origin.startsWith("http") ? origin : undefined;
}

/** What a value is; the numbers are those of `src/options.rs`. */
function kind(value) {
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
      return typeof value === "object" && value !== null && isArray(value) === false ? 5 : 6;
  }
}

/** Whether this is an array; nothing of a proxy that was revoked. */
function isArray(value) {
  try {
    return Array.isArray(value);
  } catch {
    return undefined;
  }
}

/** The same for a signal: whether this has what is used of an `AbortSignal`. */
function signalKind(value) {
  try {
    return value === undefined ? 0 : typeof value.aborted === "boolean" && typeof value.addEventListener === "function" ? 5 : 6;
  } catch {
    return 6;
  }
}

/** A value in words, short, on one line, and without what may be secret. */
export function describe(value, secret) {
  try {
    switch (typeof value) {
      case "string":
        if (secret) return value === "" ? "an empty string" : "a string (not shown)";
        value = value.replace(/^(\w+:(?:\/\/)?)?[^?#]*@/, "$1…@");
        return JSON.stringify(value.length > 60 ? value.slice(0, 60) + "…" : value).replace(/[?#].*"/s, '…"');
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

/** The error for a value that is not what is expected. */
export function refuse(core, place, name, given) {
  say(core, name, given);
  core.refuse(place);
  return core.outcome();
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
