import type { RateLimitLedger } from "../loaders/index.js";

/**
 * A ledger for the option `rateLimit`: the pages of one origin share the limit, in one browser profile.
 *
 * ```js
 * const client = new ComfyControl({ rateLimit: { requests: 40, windowMs: 10_000, ledger: tabsLedger() } });
 * ```
 *
 * The state is in IndexedDB. A page that can store nothing keeps to its share: the limit, divided by the tabs that it
 * hears over a `BroadcastChannel`.
 */
export function tabsLedger(options?: TabsLedgerOptions): TabsLedger;

/** Options of `tabsLedger`. */
export interface TabsLedgerOptions {
  /** Which pages share: those with the same name. Default: all of the origin. */
  name?: string | undefined;
}

/** A ledger whose `processes` are the tabs that were at work within a minute, where the browser tells. */
export type TabsLedger = RateLimitLedger;
