// One state for all tabs, in IndexedDB: it runs a read-modify-write of one tab after that of another, in whatever
// processes they are. (`localStorage` under a Web Lock does not: each process of Chromium has a copy of it, and of
// 2,000 increments by five tabs a sixth was lost. `tests/ledger-tabs/storage.test.mjs` counts.)

import { tabClock } from "./tab-clock.js";

const STORE = "ledgers";

/**
 * @param {string} name of the database
 * @param {number} timeOutMs
 */
export function tabStore(name, timeOutMs) {
  const clocks = new Map();
  let opening;
  let isAvailable = true;

  /** The open database. */
  function database() {
    opening ??= new Promise((resolve, reject) => {
      const request = globalThis.indexedDB.open(name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE);
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const database = request.result;
        const forget = () => (opening = undefined);
        // Somebody clears the storage.
        database.onclose = forget;
        database.onversionchange = () => {
          forget();
          database.close();
        };
        resolve(database);
      };
    }).catch((error) => {
      // Storage is turned off, or the page has none of its own.
      isAvailable = false;
      throw error;
    });
    return opening;
  }

  function clockOf(key) {
    if (!clocks.has(key)) clocks.set(key, tabClock());
    return clocks.get(key);
  }

  return {
    /** Whether this page can store anything. */
    isAvailable: () => isAvailable,

    /**
     * Changes the state of a key by one step of the core. Nothing is awaited between reading and writing. Rejects
     * where others are not done within the time-out: one of them may have been frozen in the middle.
     *
     * @param {string} key
     * @param {(state: object | undefined, now: number) => { state: object, result: unknown }} step
     */
    update(key, step) {
      return new Promise((resolve, reject) => {
        let isOver = false;
        let transaction;
        let result;
        const end = (settle, value) => {
          isOver = true;
          clearTimeout(timer);
          settle(value);
        };
        const timer = setTimeout(() => {
          end(reject, new Error(`tabsLedger: no answer within ${timeOutMs} ms`));
          transaction?.abort();
        }, timeOutMs);
        const run = (open) => {
          if (isOver) return;
          transaction = open.transaction(STORE, "readwrite", { durability: "relaxed" });
          transaction.oncomplete = () => end(resolve, result);
          transaction.onabort = () => end(reject, transaction.error);
          const store = transaction.objectStore(STORE);
          const reading = store.get(key);
          reading.onsuccess = () => {
            const record = reading.result;
            const changed = step(record?.state, clockOf(key).read(record));
            result = changed.result;
            store.put({ state: changed.state, wall: Date.now() }, key);
          };
        };
        database()
          .then(run)
          .catch((error) => end(reject, error));
      });
    },
  };
}
