// Saves the last good list in the caller's storage, to show it until the first reading.

import { runnerValidator } from "../loaders/client.js";

const VERSION = 1;
const METHODS = ["getItem", "setItem", "removeItem"];
const NOTHING = { at: -Infinity, runners: undefined };

/**
 * The storage may throw or reject. Then the list is not saved, and the store works without it.
 *
 * @param {object} where
 * @param {object | (() => object)} where.storage `localStorage` or similar; its methods may return promises
 * @param {number} where.maxAge in milliseconds
 * @param {string} where.baseUrl
 * @param {string | null} where.account
 */
export function keepList({ storage, maxAge, baseUrl, account }) {
  if (account === null)
    throw new TypeError("storage: needs `account`, a label of your own, to keep accounts apart");
  if (!(typeof maxAge === "number" && maxAge > 0))
    throw new TypeError("maxAge: expected a number of milliseconds above 0");
  if (typeof storage !== "function" && !METHODS.every((name) => typeof storage?.[name] === "function"))
    throw new TypeError(
      "storage: expected an object with getItem, setItem and removeItem, or a function that returns one",
    );
  const key = `comfycontrol-runners/store ${JSON.stringify([baseUrl, account])}`;
  /** The list that was last written, and when. */
  let saved = NOTHING;
  /** The last operation, if the storage returns promises. The next operation waits for it. */
  let pending;

  const validate = runnerValidator();
  const methods = () => (typeof storage === "function" ? storage() : storage);

  /** Never throws. Calls `fail` if the storage is blocked, full or missing. */
  function run(operation, fail = () => {}) {
    if (pending) {
      pending = pending.then(operation).catch(fail);
      return;
    }
    try {
      const result = operation();
      // Not `result.then`, which need not return a promise.
      if (typeof result?.then === "function") pending = Promise.resolve(result).catch(fail);
    } catch {
      fail();
    }
  }

  const remove = () => methods().removeItem(key);

  /** Calls `use` with the list in this text, if it is valid. Removes it otherwise. */
  function restore(text, use) {
    if (typeof text !== "string") return undefined;
    const list = readList(text, maxAge);
    if (!list) return remove();
    const finish = (results) => {
      const runners = results.map(({ value }) => value);
      if (runners.includes(undefined) || hasRepeats(runners)) return remove();
      return use(runners, list.savedAt);
    };
    const results = list.runners.map((runner) => validate(runner));
    const isLater = results.some(({ then }) => typeof then === "function");
    return isLater ? Promise.all(results).then(finish) : finish(results);
  }

  return {
    /**
     * Calls `use` with the saved list, if it is valid: at once, unless the storage returns promises or WebAssembly
     * is still starting.
     */
    load(use) {
      run(() => {
        const text = methods().getItem(key);
        if (typeof text?.then === "function") return Promise.resolve(text).then((text) => restore(text, use));
        return restore(text, use);
      });
    },

    /**
     * Saves a list. An unchanged list is saved again if that failed, and after a tenth of `maxAge`, so that it does not
     * expire.
     */
    save(runners, at) {
      if (runners === saved.runners && at - saved.at < maxAge / 10) return;
      const list = { at, runners };
      saved = list;
      run(
        () => methods().setItem(key, JSON.stringify({ version: VERSION, savedAt: at, runners })),
        () => {
          if (saved === list) saved = NOTHING;
        },
      );
    },

    clear() {
      saved = NOTHING;
      run(remove);
    },
  };
}

/** Reads a saved list, which anybody may have written. Returns `undefined` if it is too old, or no list. */
function readList(text, maxAge) {
  try {
    const { version, savedAt, runners } = JSON.parse(text);
    if (version !== VERSION || !Number.isFinite(savedAt)) return undefined;
    const age = Date.now() - savedAt;
    // A time in the future comes from another clock.
    return age >= 0 && age < maxAge && Array.isArray(runners) ? { runners, savedAt } : undefined;
  } catch {
    return undefined;
  }
}

function hasRepeats(runners) {
  return new Set(runners.map(({ id }) => id)).size < runners.length;
}
