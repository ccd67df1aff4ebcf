// Asking the ledger of a rate limit that is shared with other processes. It is the caller's: whatever it
// does, it can only fail to answer.

import { waits } from "./wait.js";

const METHODS = ["acquire", "settle", "abandon", "freeze"];
/**
 * A ledger may answer nobody for five slices of time, together as long as `src/ledger.rs` says, and a
 * single request for fifty. In slices, since a process that was busy for long has not looked at what came:
 * that takes one slice, however long it was.
 */
const SLICE = 100;
const SILENCE = 5;
const PATIENCE = 50;
/** The longest time after which it is asked again, in milliseconds. */
const LONGEST = 60_000;
const ignore = () => {};

/** Counts the requests of this process. */
let requests = 0;
/** How often each ledger has answered. */
const answers = new WeakMap();

function isLedger(value) {
  try {
    return METHODS.every((name) => typeof value[name] === "function");
  } catch {
    return false;
  }
}

/** One request in a ledger. */
export class Entry {
  /**
   * @param {import("./index.js").RateLimitLedger} ledger
   * @param {string} key
   */
  constructor(ledger, key) {
    this.ledger = ledger;
    this.key = key;
    // The number makes it unique here, and the rest elsewhere.
    this.id = `${(requests += 1)}.${Math.random().toString(36).slice(2)}`;
    /** Whether it waits in the ledger's queue, or has a slot there. */
    this.isThere = false;
    this.epoch = 0;
    this.processes = undefined;
  }

  /**
   * Asks for a turn. Ends in `granted`, `rate_limit`, `cooldown` or `refused`; in anything else where the
   * ledger did not answer. Never rejects.
   *
   * @param {number} requests
   * @param {number} windowMs
   * @param {number} leaseMs
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<import("./wait.js").Outcome>}
   */
  async ask(requests, windowMs, leaseMs, signal) {
    this.isThere = true;
    const answer = this.acquire({ id: this.id, requests, windowMs, leaseMs });
    answer.catch(ignore);
    let outcome;
    let silence = 0;
    for (let slices = 0; silence < SILENCE && slices < PATIENCE; slices += 1) {
      const heard = answers.get(this.ledger);
      outcome = await waits.call(() => answer, SLICE, signal);
      if (outcome.ending !== "timed_out") break;
      silence = answers.get(this.ledger) === heard ? silence + 1 : 0;
    }
    const { ending, value } = outcome;
    const processes = this.processes >= 1 ? this.processes : 0;
    if (ending === "done") return { ending: value.ending, value: { ...value, processes } };
    // It may grant it yet.
    this.leave();
    return { ending, value: { processes } };
  }

  async acquire(lease) {
    this.processes ??= this.ledger.processes;
    const turn = await this.ledger.acquire(this.key, lease);
    answers.set(this.ledger, (answers.get(this.ledger) ?? 0) + 1);
    const { granted, refusedForMs, retryInMs, startInMs } = turn;
    this.processes = turn.processes ?? this.processes;
    if (granted === true) {
      this.epoch = turn.epoch;
      return { ending: "granted" };
    }
    if (refusedForMs > LONGEST) return { ending: "refused", ms: refusedForMs };
    if (!(retryInMs >= 0)) throw new TypeError("no turn");
    const ms = Math.min(retryInMs, LONGEST);
    const ending = turn.reason === "cooldown" ? "cooldown" : "rate_limit";
    return { ending, ms, startMs: startInMs >= ms ? startInMs : ms };
  }

  /** Leaves the queue, or gives back a slot that was not used. */
  leave() {
    if (this.isThere) this.tell("abandon", this.id);
    this.isThere = false;
  }

  /** The request is over. Gives whether the ledger knows of it. */
  settle(answered) {
    if (this.isThere) this.tell("settle", this.id, { answered });
    return this.isThere;
  }

  /** Nobody starts a request for so long. */
  freeze(forMs) {
    this.tell("freeze", { forMs, epoch: this.epoch });
  }

  /** Whether the ledger hears it shows when it is asked next. */
  tell(method, ...about) {
    (async () => this.ledger[method](this.key, ...about))().catch(ignore);
  }
}

/** Declared and documented in `src/web/ledger.rs`. */
export const ledgers = { isLedger };
