// One state for all tabs, in IndexedDB, which runs the read-modify-write transactions of all tabs one after the other,
// also across processes. `localStorage` under a Web Lock does not: each Chromium process has a copy of it. When five tabs
// made 2,000 increments, a tenth to a third of them were lost (`tests/ledger-tabs/storage.test.mjs` counts them).

import * as core from "./core.js";
import { tabClock } from "./tab-clock.js";

const STORE = "ledgers";

/** If a transaction takes longer than this, its tab was frozen in the middle of a change. */
export const STUCK_AFTER_MS = 5_000;

/** The result of an update that took too long. */
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
        // The user or a script clears the storage.
        database.onclose = forget;
        database.onversionchange = () => {
          forget();
          database.close();
        };
        resolve(database);
      };
    }).catch((error) => {
      // Storage is blocked, the page is sandboxed, or the browser has no IndexedDB. After other errors, try again.
      if (error?.name === "SecurityError" || !globalThis.indexedDB) isAvailable = false;
      else opening = undefined;
      throw error;
    });
    return opening;
  }

  function clockOf(key) {
    if (!clocks.has(key)) clocks.set(key, tabClock());
    return clocks.get(key);
  }

  /** The longest window of each key whose state this tab has seen. */
  const windows = new Map();

  /** The state that a record has. If a script or the user has cleared the storage, no tab knows what was granted. */
  function stateOf(key, record, now) {
    const isCleared = !record && windows.has(key);
    return isCleared ? core.stateAfterLoss(now, windows.get(key)) : record?.state;
  }

  let stuckUntil = -Infinity;
  /** The updates that wait for their transaction, by key. */
  const waiting = new Map();

  /** Runs all updates of a key that wait when the transaction starts. */
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
        let state = stateOf(key, record, now);
        for (const entry of batch) ({ state, result: entry.result } = entry.step(state, now));
        if (batch.length === 0) return;
        store.put({ state, wall: Date.now() }, key);
        windows.set(key, state.longestWindowMs);
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

    /** When the storage was last freed after it was blocked for so long that tabs may have treated it as lost. */
    stuckUntil: () => stuckUntil,

    /**
     * Changes the state of a key by one step of the core, and returns the step's result. No tab can write between the
     * read and the write. If the transaction does not end within the time-out, the result is `TIMED_OUT`. The step was
     * then either not made, or its result is dropped.
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
