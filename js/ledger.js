// Asks the ledger of a rate limit that several processes share. The caller supplies the ledger. Whatever the
// ledger does wrong counts as "did not answer".

import { waits } from "./wait.js";

const METHODS = ["acquire", "settle", "abandon", "freeze"];
/**
 * The time-out is measured in slices. A process that was blocked for long has not yet looked at the answers
 * that arrived: the time that it was blocked counts as one slice, however long it was.
 */
const SLICE_MS = 100;
/** The ledger is lost after so many slices without an answer to anybody: `ANSWER_MS` of `src/ledger.rs`. */
const SILENT_SLICES = 5;
/** It is also lost if it answers others, but not this request, for so many slices. */
const MOST_SLICES = 50;
/** The longest pause between two polls, in milliseconds. Longer cooldowns are refused. */
const LONGEST_WAIT_MS = 60_000;
/** A grant that arrives later than this after its question is out of date: the process was suspended. */
const LONGEST_ASKING_MS = 5_000;
const ignore = () => {};

/** How many requests this process has created. */
let created = 0;
/** How many answers each ledger has given. */
const answers = new WeakMap();

/** A database driver may return a `BigInt`, which WebAssembly does not accept as a number. */
const isNumber = (value) => typeof value === "number";
/** The number of processes, if this is one. */
const countOf = (value) => (Number.isFinite(value) && value >= 1 ? value : undefined);

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
    // The number makes the id unique in this process, the random part across processes.
    this.id = `${(created += 1)}.${Math.random().toString(36).slice(2)}`;
    /** Whether the ledger may know this request, as a waiter or with a slot. */
    this.isKnown = false;
    this.epoch = 0;
    this.processes = undefined;
  }

  /**
   * Asks for a turn. The ending is `granted`, `rate_limit`, `cooldown` or `refused`; any other ending means
   * that the ledger did not answer. Never rejects.
   *
   * @param {number} requests
   * @param {number} windowMs
   * @param {number} leaseMs
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<import("./wait.js").Outcome>}
   */
  async ask(requests, windowMs, leaseMs, signal) {
    this.isKnown = true;
    const askedAt = performance.now();
    const answer = this.acquire({ id: this.id, requests, windowMs, leaseMs });
    // The ledger may have granted the slot after it was given back: one command may overtake another.
    const abandonAgain = () => {
      if (!this.isKnown) this.send("abandon", this.id);
    };
    answer.then(abandonAgain, abandonAgain);
    let outcome;
    let silentSlices = 0;
    for (let slices = 0; silentSlices < SILENT_SLICES && slices < MOST_SLICES; slices += 1) {
      const answersBefore = answers.get(this.ledger);
      outcome = await waits.call(() => answer, SLICE_MS, signal);
      if (outcome.ending !== "timed_out") break;
      silentSlices = answers.get(this.ledger) === answersBefore ? silentSlices + 1 : 0;
    }
    const { ending, value } = outcome;
    const processes = this.processes ?? 0;
    if (ending === "done") {
      const isLate = performance.now() - askedAt > Math.min(leaseMs, LONGEST_ASKING_MS);
      // Ask again: the ledger grants the same slot, if it still holds it.
      const turn = isLate && value.ending === "granted" ? { ending: "rate_limit", ms: 0, startMs: 0 } : value;
      return { ending: turn.ending, value: { ...turn, processes } };
    }
    // The ledger may still grant a slot. Give it back.
    this.leave();
    return { ending, value: { processes } };
  }

  async acquire(lease) {
    this.processes ??= countOf(this.ledger.processes);
    const turn = await this.ledger.acquire(this.key, lease);
    answers.set(this.ledger, (answers.get(this.ledger) ?? 0) + 1);
    const { granted, refusedForMs, retryInMs, startInMs } = turn;
    this.processes = countOf(turn.processes) ?? this.processes;
    if (granted === true) {
      this.epoch = turn.epoch;
      return { ending: "granted" };
    }
    if (isNumber(refusedForMs) && refusedForMs > LONGEST_WAIT_MS)
      return { ending: "refused", ms: refusedForMs };
    if (!(isNumber(retryInMs) && retryInMs >= 0)) throw new TypeError("no turn");
    const ms = Math.min(retryInMs, LONGEST_WAIT_MS);
    const ending = turn.reason === "cooldown" ? "cooldown" : "rate_limit";
    return { ending, ms, startMs: isNumber(startInMs) && startInMs >= ms ? startInMs : ms };
  }

  /** Leaves the queue, or gives back a slot that was not used. */
  leave() {
    if (this.isKnown) this.send("abandon", this.id);
    this.isKnown = false;
  }

  /** Ends the request. Returns whether the ledger knows the request. */
  settle(answered) {
    if (this.isKnown) this.send("settle", this.id, { answered });
    return this.isKnown;
  }

  /** No process starts a request for `forMs`. */
  freeze(forMs) {
    this.send("freeze", { forMs, epoch: this.epoch });
  }

  /** Calls a method without waiting for it. If the ledger fails, the next `ask` notices. */
  send(method, ...args) {
    (async () => this.ledger[method](this.key, ...args))().catch(ignore);
  }
}

/** Declared and documented in `src/web/ledger.rs`. */
export const ledgers = { isLedger };
