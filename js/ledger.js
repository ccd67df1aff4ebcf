// Asking the ledger of a rate limit that is shared with other processes. It is the caller's: whatever it
// does, it can only fail to answer.

import { call } from "./wait.js";

const METHODS = ["acquire", "settle", "abandon", "freeze"];
/** Half the time that a ledger has to answer, in milliseconds: see `src/ledger.rs`. */
const HALF = 250;
const ignore = () => {};

/**
 * Whether this has what is used of a ledger.
 *
 * @param {unknown} value
 * @returns {boolean}
 */
export function isLedger(value) {
  try {
    return METHODS.every((name) => typeof value[name] === "function");
  } catch {
    return false;
  }
}

/**
 * Asks for a turn.
 *
 * @param {import("./index.js").RateLimitLedger} ledger
 * @param {string} key
 * @param {number} id
 * @param {number} requests
 * @param {number} windowMs
 * @param {number} leaseMs
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<import("./wait.js").Outcome>}
 */
export async function acquire(ledger, key, id, requests, windowMs, leaseMs, signal) {
  const answer = (async () => ledger.acquire(key, { id: String(id), requests, windowMs, leaseMs }))();
  answer.catch(ignore);
  const outcome = await call(() => answer, HALF, signal);
  // In two halves: where this process was busy for long, the answer is there and was not looked at.
  return outcome.ending === "timed_out" ? call(() => answer, HALF, signal) : outcome;
}

/**
 * Tells the ledger something. Whether it hears that shows at the next `acquire`.
 *
 * @param {import("./index.js").RateLimitLedger} ledger
 * @param {"settle" | "abandon" | "freeze"} method
 * @param {string} key
 * @param {unknown} about
 * @param {unknown} [details]
 */
function tell(ledger, method, key, about, details) {
  (async () => ledger[method](key, about, details))().catch(ignore);
}

/** How Rust calls them: see `src/web/ledger.rs`. */
export const ledgers = {
  settle: (ledger, key, id, answered) => tell(ledger, "settle", key, String(id), { answered }),
  abandon: (ledger, key, id) => tell(ledger, "abandon", key, String(id)),
  freeze: (ledger, key, forMs, epoch) => tell(ledger, "freeze", key, { forMs, epoch }),
};
