// Saves the last good list in the caller's storage, to show it until the first reading.

import { isRunner, runnerOf } from "./runner.js";

const VERSION = 1;

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
  const key = `comfycontrol-runners/store ${JSON.stringify([baseUrl, account])}`;
  /** The list that was last written, and when. */
  let saved = { at: -Infinity, runners: undefined };
  /** The last operation, if the storage returns promises. The next operation waits for it. */
  let pending;

  const methods = () => (typeof storage === "function" ? storage() : storage);

  function run(operation) {
    if (pending) {
      pending = pending.then(operation).catch(() => {});
      return;
    }
    try {
      const result = operation();
      if (typeof result?.then === "function") pending = result.then(undefined, () => {});
    } catch {
      // The storage is blocked, full or missing.
    }
  }

  const remove = () => methods().removeItem(key);

  function restore(text, use) {
    if (typeof text !== "string") return undefined;
    const list = readList(text, maxAge);
    if (!list) return remove();
    use(list.runners, list.savedAt);
    return undefined;
  }

  return {
    /** Calls `use` with the saved list, if it is valid: at once, unless the storage returns promises. */
    load(use) {
      run(() => {
        const text = methods().getItem(key);
        if (typeof text?.then === "function") return text.then((text) => restore(text, use));
        return restore(text, use);
      });
    },

    /** Saves a list. An unchanged list is saved again after a tenth of `maxAge`, so that it does not expire. */
    save(runners, at) {
      if (runners === saved.runners && at - saved.at < maxAge / 10) return;
      saved = { at, runners };
      run(() => methods().setItem(key, JSON.stringify({ version: VERSION, savedAt: at, runners })));
    },

    clear() {
      saved = { at: -Infinity, runners: undefined };
      run(remove);
    },
  };
}

/** Reads a saved list, which anybody may have written. Returns `undefined` if it is not valid, or too old. */
function readList(text, maxAge) {
  try {
    const { version, savedAt, runners } = JSON.parse(text);
    if (version !== VERSION || !Number.isFinite(savedAt)) return undefined;
    const age = Date.now() - savedAt;
    // A time in the future comes from another clock.
    if (age < 0 || age >= maxAge || !Array.isArray(runners) || !runners.every(isRunner)) return undefined;
    const list = runners.map(runnerOf);
    return new Set(list.map(({ id }) => id)).size === list.length ? { runners: list, savedAt } : undefined;
  } catch {
    return undefined;
  }
}
