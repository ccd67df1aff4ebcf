// The last good list in a storage of the caller's, for the time until the first reading.

import { isRunner, runnerOf } from "./runner.js";

const VERSION = 1;

/**
 * What a storage does may fail, now or later: then nothing is kept, and the store goes on without.
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
  /** When the list was last written, and which. */
  let saved = { at: -Infinity, runners: undefined };
  /** The last operation of a storage that gives promises: the next one comes after it. */
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
    /** Hands over the kept list, at once where the storage answers at once. */
    load(use) {
      run(() => {
        const text = methods().getItem(key);
        if (typeof text?.then === "function") return text.then((text) => restore(text, use));
        return restore(text, use);
      });
    },

    /** Keeps a list. One that has not changed is written again in time, so that it does not expire. */
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

/** The list in a text that anybody may have written; nothing if it is not one, or too old. */
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
