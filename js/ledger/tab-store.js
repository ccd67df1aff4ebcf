// One state for all tabs, in IndexedDB: it runs a read-modify-write of one tab after that of another, in whatever
// processes they are. (`localStorage` under a Web Lock does not: each process of Chromium has a copy of it, and of
// 2,000 increments by five tabs a tenth to a third was lost. `tests/ledger-tabs/storage.test.mjs` counts.)

import { tabClock } from "./tab-clock.js";

const STORE = "ledgers";

/** After so long, a tab was stopped in the middle of a change. */
export const STUCK_AFTER_MS = 5_000;

/** How an update ended that took too long. */
export const TIMED_OUT = Symbol("timed out");

/** @param {string} name of the database */
export function tabStore(name) {
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

  let stuckUntil = -Infinity;
  /** By key, the steps that wait for their turn. */
  const waiting = new Map();

  /** Runs all steps that wait by then, in one transaction. */
  async function run(key) {
    let batch = [];
    try {
      const open = await database();
      const startedAt = performance.now();
      const transaction = open.transaction(STORE, "readwrite", { durability: "relaxed" });
      const store = transaction.objectStore(STORE);
      const reading = store.get(key);
      reading.onsuccess = () => {
        batch = take(key);
        const record = reading.result;
        const now = clockOf(key).read(record);
        let state = record?.state;
        for (const entry of batch) ({ state, result: entry.result } = entry.step(state, now));
        if (batch.length > 0) store.put({ state, wall: Date.now() }, key);
      };
      await new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error);
      });
      const endedAt = performance.now();
      if (endedAt - startedAt > STUCK_AFTER_MS) stuckUntil = endedAt;
      for (const { resolve, result } of batch) resolve(result);
    } catch (error) {
      for (const { reject } of [...batch, ...take(key)]) reject(error);
    }
  }

  function take(key) {
    const steps = waiting.get(key) ?? [];
    waiting.delete(key);
    return steps.filter(({ isOver }) => !isOver);
  }

  return {
    /** Whether this page can store anything. */
    isAvailable: () => isAvailable,

    /** Until when the storage was last held up for so long that tabs may have given it up. */
    stuckUntil: () => stuckUntil,

    /**
     * Changes the state of a key by one step of the core, and gives its result. Nothing is awaited between reading and
     * writing. Where the others are not done within the time-out, the step is not made, or nobody hears of it, and the
     * result is `TIMED_OUT`.
     *
     * @param {string} key
     * @param {(state: object | undefined, now: number) => { state: object, result: unknown }} step
     * @param {number} [timeOutMs]
     */
    update(key, step, timeOutMs = Infinity) {
      return new Promise((resolve, reject) => {
        let timer;
        const entry = { step, isOver: false, result: undefined };
        const end = (settle) => (value) => {
          entry.isOver = true;
          clearTimeout(timer);
          settle(value);
        };
        entry.resolve = end(resolve);
        entry.reject = end(reject);
        if (timeOutMs < Infinity) timer = setTimeout(entry.resolve, timeOutMs, TIMED_OUT);
        const steps = waiting.get(key);
        if (steps) return void steps.push(entry);
        waiting.set(key, [entry]);
        run(key);
      });
    },
  };
}
