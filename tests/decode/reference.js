// A slow reference decoder: `TextDecoder`, `JSON.parse`, and a check of each field. The Rust decoder must return the same
// values and refuse the same bodies.

const FIELDS = ["id", "name", "runner_type", "status", "tags", "created_at", "updated_at"];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

export class Refusal extends Error {
  /** @param {"truncated" | "malformed" | "utf8" | "schema"} kind */
  constructor(kind, path = "", found = undefined) {
    super(`${kind} at ${path || "the root"}`);
    this.kind = kind;
    this.path = path;
    this.found = found;
  }
}

/** The text of a body, and whether its last character is cut off (it is U+FFFD then). */
function text(bytes) {
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), cut: false };
  } catch {
    // A streaming decoder accepts a body that ends inside a character.
    try {
      const start = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
      return { text: `${start}\ufffd`, cut: true };
    } catch {
      throw new Refusal("utf8");
    }
  }
}

/** The value of a body, or the refusal `truncated` where more bytes could have made it JSON. */
export function parse(bytes) {
  if (
    (bytes.length === 1 || bytes.length === 2) &&
    [0xef, 0xbb].every((byte, i) => (bytes[i] ?? byte) === byte)
  ) {
    throw new Refusal("truncated"); // The start of a byte-order mark.
  }
  const decoded = text(bytes);
  try {
    const value = JSON.parse(decoded.text);
    if (!decoded.cut) return value;
  } catch (error) {
    // V8's message has the position of the error: it is the end exactly if the start was valid.
    const position = /at position (\d+)/.exec(error.message)?.[1];
    const atEnd = error.message === "Unexpected end of JSON input";
    if (atEnd || Number(position) === decoded.text.length) throw new Refusal("truncated");
  }
  throw new Refusal("malformed");
}

/** The kind of value that the decoder must report. */
export function kindOf(value) {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

const isObject = (value) => kindOf(value) === "object";

function monthDays(year, month) {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

export function isDateTime(value) {
  const match = DATE_TIME.exec(value);
  if (!match) return false;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const [offsetHour, offsetMinute] = [Number(match[8] ?? 0), Number(match[9] ?? 0)];
  if (month < 1 || month > 12 || day < 1 || day > monthDays(year, month)) return false;
  if (hour > 23 || minute > 59 || second > 60 || offsetHour > 23 || offsetMinute > 59) return false;
  if (second < 60) return true;
  // A leap second: the last of a month in UTC. Days that a Date counts, 400 years later for years below 100.
  const offset = (offsetHour * 60 + offsetMinute) * (match[7] === "-" ? -1 : 1);
  const utc = new Date(Date.UTC(year + 400, month - 1, day, hour, minute - offset, 59));
  const next = new Date(utc.getTime() + 1000);
  return next.getUTCDate() === 1 && next.getUTCHours() === 0 && next.getUTCMinutes() === 0;
}

/** What is wrong with a runner: at most one problem a field, in the contract's order. */
function problems(runner, path) {
  if (!isObject(runner)) return [new Refusal("schema", path, kindOf(runner))];
  const found = [];
  for (const field of FIELDS) {
    const value = Object.hasOwn(runner, field) ? runner[field] : undefined;
    let where = path ? `${path}.${field}` : field;
    let wrong = value;
    let right = typeof value === "string";
    if (field === "tags") {
      right = Array.isArray(value);
      const index = right ? value.findIndex((tag) => typeof tag !== "string") : -1;
      if (index >= 0) {
        where += `[${index}]`;
        wrong = value[index];
        right = false;
      }
    }
    if (field === "id") right &&= UUID.test(value);
    if (field.endsWith("_at")) right &&= isDateTime(value);
    if (!right) found.push(new Refusal("schema", where, kindOf(wrong)));
  }
  return found;
}

const toRunner = ({ id, name, runner_type, status, tags, created_at, updated_at }) => ({
  id,
  name,
  runnerType: runner_type,
  status,
  tags,
  createdAt: created_at,
  updatedAt: updated_at,
});

/** Decodes a page, or with `single` a runner; with `collect` leaves out wrong runners and lists why. */
export function decode(bytes, { single = false, collect = false } = {}) {
  const root = parse(bytes);
  if (single) {
    const [problem] = problems(root, "");
    if (problem) throw problem;
    return collect
      ? { runners: [toRunner(root)], total: 1, invalid: [] }
      : { runners: [toRunner(root)], total: 1 };
  }
  if (!isObject(root)) throw new Refusal("schema", "", kindOf(root));
  const { runners, total } = root;
  if (!Array.isArray(runners)) throw new Refusal("schema", "runners", kindOf(runners));
  const invalid = [];
  const right = runners.filter((runner, index) => {
    const wrong = problems(runner, `runners[${index}]`);
    if (wrong.length > 0 && !collect) throw wrong[0];
    invalid.push(...wrong);
    return wrong.length === 0;
  });
  if (!Number.isSafeInteger(total) || total < 0) throw new Refusal("schema", "total", kindOf(total));
  const page = { runners: right.map(toRunner), total: total + 0 };
  return collect ? { ...page, invalid } : page;
}

/** The message of an API error's body, or `undefined`. */
export function message(bytes) {
  try {
    const root = parse(bytes);
    // Rust strings hold no lone surrogates.
    if (isObject(root) && typeof root.message === "string") return root.message.toWellFormed();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
  return undefined;
}
