import type { LedgerLease, LedgerTurn, RateLimitLedger } from "../loaders/index.js";

/**
 * A ledger for the option `rateLimit`, over a store of yours: the rules are those of the client's own rate limit, the
 * store keeps one value for each key.
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
   * Replaces the value of `key` by `change(value).state`, and gives `change(value).result`. `value` is `undefined`
   * where there is none. Nobody else may change the value in between; a store that finds out afterwards calls `change`
   * again. `change` is synchronous and has no effects.
   */
  update<Result>(
    key: string,
    change: (value: LedgerState | undefined) => { state: LedgerState; result: Result },
  ): Promise<Result> | Result;
  /**
   * The time in milliseconds, from one clock for all who share the store: the store's own where it has one. It may be
   * set back; one that is set forward frees slots too early. Default: `Date.now`.
   */
  now?: (() => number) | undefined;
}

/** What a ledger has counted, in a few kilobytes: plain data that JSON keeps, and nobody else needs to understand. */
export interface LedgerState {
  readonly version: number;
}

/** A ledger that also counts its processes, if each names itself. */
export interface StoredLedger extends RateLimitLedger {
  /**
   * As in any ledger. A `process` is a name for who asks, the same in each call of it: then `processes` in the answer
   * is how many have asked within a minute.
   */
  acquire(key: string, lease: LedgerLease & { process?: string }): Promise<LedgerTurn> | LedgerTurn;
}
