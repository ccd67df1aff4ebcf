import type { LedgerLease, LedgerTurn, RateLimitLedger } from "comfycontrol-runners";

/**
 * Creates a ledger for the option `rateLimit` over your own store. The ledger has the rules of the client's own rate
 * limit. The store holds one value per key.
 *
 * ```js
 * const states = new Map();
 * const ledger = createLedger({
 *   update(key, change) {
 *     const { state, result } = change(states.get(key));
 *     states.set(key, state);
 *     return result;
 *   },
 * });
 * ```
 */
export function createLedger(store: LedgerStore): StoredLedger;

/** Where a ledger keeps its state. */
export interface LedgerStore {
  /**
   * Replaces the value of `key` by `change(value).state`, and returns `change(value).result`. `value` is `undefined` if
   * the key has none. The read and the write must be atomic; a store that detects a conflict afterwards calls `change`
   * again. `change` is synchronous and has no side effects.
   */
  update<Result>(
    key: string,
    change: (value: LedgerState | undefined) => { state: LedgerState; result: Result },
  ): Promise<Result> | Result;
  /**
   * Returns the time in milliseconds. All users of the store must read one clock: the store's, if it has one. The clock
   * may be set back; if it is set forward, slots come free too early. Default: `Date.now`.
   */
  now?: (() => number) | undefined;
}

/** What a ledger has counted: a few kilobytes of plain data that survives JSON. Its content is private. */
export interface LedgerState {
  readonly version: number;
}

/** A ledger that also counts processes, if each of them passes its name. */
export interface StoredLedger extends RateLimitLedger {
  /**
   * As in any ledger. `process` names the calling process, with the same name in each of its calls. `processes` in the
   * answer is then how many of them have asked within the last minute.
   */
  acquire(
    key: string,
    lease: LedgerLease & { process?: string | undefined },
  ): Promise<LedgerTurn> | LedgerTurn;
}
