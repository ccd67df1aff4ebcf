// Writes a value of the caller as JSON with the contract's names, for the Rust reader. The value may be anything: its
// getters may throw, it may be a proxy, it may be endless.

import { describe } from "../describe.js";

/** About how long the JSON may be, in UTF-16 units. Names of missing members count, too. */
export const LONGEST = 8 * 1024 * 1024;

/** The members that a rule looks at, each with the contract's spelling. */
const OF_RUNNER = [
  ["id", "id"],
  ["name", "name"],
  ["runnerType", "runner_type"],
  ["status", "status"],
  ["tags", "tags"],
  ["createdAt", "created_at"],
  ["updatedAt", "updated_at"],
];
const OF_PAGE = [
  ["runners", "runners"],
  ["total", "total"],
];

/** Thrown for a value whose JSON is longer than {@link LONGEST}. */
export const TOO_LONG = {};

/** Stands for a member that throws when it is read. JSON cannot hold a function. */
const UNREADABLE = () => {};

/** What `Array.isArray` and `typeof` say. `Array.isArray` throws for a revoked proxy. */
function typeOf(value) {
  try {
    return Array.isArray(value) ? "array" : value === null ? "null" : typeof value;
  } catch {
    return "unreadable";
  }
}

/** An own member; `undefined` if there is none. */
function read(object, name) {
  try {
    return Object.prototype.hasOwnProperty.call(object, name) ? object[name] : undefined;
  } catch {
    return UNREADABLE;
  }
}

function join(path, key) {
  return path ? `${path}.${key}` : key;
}

/**
 * Writes values as JSON. Only own members count. Each is read once. `toJSON` is not called.
 *
 * An object or array where none is expected is written without its content, which no rule looks at. So nothing
 * nests deeply, and cycles do no harm.
 *
 * `path` and `key` say where a value is: `runners.17.createdAt`. They are joined only where an issue needs that.
 */
export class ContractJson {
  constructor() {
    /**
     * Descriptions of the values that JSON cannot hold, by their path.
     *
     * @type {Map<string, string>}
     */
    this.found = new Map();
    this.length = 0;
  }

  /** @param {unknown} value */
  runner(value, path = "", key = "") {
    return this.object(value, OF_RUNNER, path, key, (name) => (name === "tags" ? this.tags : this.scalar));
  }

  /** The members of a page that the API sends. @param {unknown} value */
  page(value) {
    return this.object(value, OF_PAGE, "", "", (name) => (name === "runners" ? this.runners : this.scalar));
  }

  runners(value, path, key) {
    return this.array(value, path, key, this.runner);
  }

  tags(value, path, key) {
    return this.array(value, path, key, this.scalar);
  }

  /** `writerOf` returns the method that writes a member. */
  object(value, members, path, key, writerOf) {
    if (typeOf(value) !== "object") return this.scalar(value, path, key);
    const ownPath = join(path, key);
    const texts = [];
    for (const [name, contractName] of members) {
      const prefix = this.counted(`"${contractName}":`);
      const member = read(value, name);
      if (member !== undefined) texts.push(prefix + writerOf(name).call(this, member, ownPath, name));
    }
    return `{${texts.join(",")}}`;
  }

  array(value, path, key, write) {
    if (typeOf(value) !== "array") return this.scalar(value, path, key);
    const ownPath = join(path, key);
    const length = read(value, "length");
    // A proxy can return anything.
    if (typeof length !== "number") return this.notJson(ownPath, "an array without a length");
    const texts = [];
    for (let index = 0; index < length; index++) {
      this.counted(",");
      texts.push(write.call(this, read(value, index), ownPath, index));
    }
    return `[${texts.join(",")}]`;
  }

  /** A value that is not looked into. */
  scalar(value, path, key) {
    const type = typeOf(value);
    if (type === "array") return this.counted("[]");
    if (type === "object") return this.counted("{}");
    if (type === "string" && value.length > LONGEST) throw TOO_LONG;
    const isJson = type === "string" || type === "boolean" || value === null || Number.isFinite(value);
    return isJson ? this.counted(JSON.stringify(value)) : this.notJson(join(path, key), this.describe(value));
  }

  /** Writes `null`, which no rule allows, for a value that JSON cannot hold. */
  notJson(path, description) {
    // The path counts, because the map keeps it.
    this.counted(path);
    this.found.set(path, description);
    return this.counted("null");
  }

  /** Reads a member that is not written as JSON. */
  member(object, name) {
    const value = read(object, name);
    if (value === UNREADABLE) this.found.set(name, this.describe(value));
    return value;
  }

  describe(value) {
    return value === UNREADABLE ? "a value that throws when it is read" : describe(value, false);
  }

  counted(text) {
    this.length += text.length;
    if (this.length > LONGEST) throw TOO_LONG;
    return text;
  }
}
