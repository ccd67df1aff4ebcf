import type { RateLimitLedger } from "comfycontrol-runners";

/**
 * Creates a ledger for the option `rateLimit`. All pages of one origin in one browser profile share its limit.
 *
 * ```js
 * const client = new ComfyControl({ rateLimit: { requests: 40, windowMs: 10_000, ledger: tabsLedger() } });
 * ```
 *
 * The state is in IndexedDB. A page without storage keeps to its share: the limit divided by the number of tabs that it
 * hears over a `BroadcastChannel`. Throws a `TypeError` if `name` is not a string, or is empty.
 */
export function tabsLedger(options?: TabsLedgerOptions): TabsLedger;

/** Options of `tabsLedger`. */
export interface TabsLedgerOptions {
  /** Pages with the same name share the limit. Default `"default"`: all pages of the origin share it. */
  name?: string | undefined;
}

/** A ledger whose `processes` is how many tabs were active within the last minute, if the browser can tell. */
export type TabsLedger = RateLimitLedger;
