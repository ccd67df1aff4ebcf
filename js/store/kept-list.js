// The last good list in a storage of the caller's, for the time until the first reading.

import { isRunner, runnerOf } from "./runner.js";

const VERSION = 1;

/**
 * A storage may throw or reject. Then the list is not kept, and the store works without it.
 *
 * @param {object} where
 * @param {object | (() => object)} where.storage `localStorage` or the like; its methods may also give promises
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
  /** The last operation of a storage that gives promises. The next one waits for it. */
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
      // Turned off, full, or not there.
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
    /** Calls `use` with the kept list, if there is a sound one: at once, unless the storage gives promises. */
    load(use) {
      run(() => {
        const text = methods().getItem(key);
        if (typeof text?.then === "function") return text.then((text) => restore(text, use));
        return restore(text, use);
      });
    },

    /** Writes a list. An unchanged one is written again after a tenth of `maxAge`, so that it does not expire. */
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

/** Reads a kept list, which anybody may have written. Returns nothing if the text is none, or too old. */
function readList(text, maxAge) {
  try {
    const { version, savedAt, runners } = JSON.parse(text);
    if (version !== VERSION || !Number.isFinite(savedAt)) return undefined;
    const age = Date.now() - savedAt;
    // One of the future was written by another clock.
    if (age < 0 || age >= maxAge || !Array.isArray(runners) || !runners.every(isRunner)) return undefined;
    const list = runners.map(runnerOf);
    return new Set(list.map(({ id }) => id)).size === list.length ? { runners: list, savedAt } : undefined;
  } catch {
    return undefined;
  }
}
