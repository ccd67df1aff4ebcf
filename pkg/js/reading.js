// The reading of a whole list: sends the requests that Rust asks for, and keeps the rows until they are taken.

import { call, pageUrl, rateLimit } from "./call.js";
import { DONE, now, offAbort, onAbort, tell, wait } from "./io.js";
import { CONSISTENCY, describe, refuse } from "./options.js";
import { COLLECT_INVALID, facts, KEYS, readRows, say } from "./rows.js";

// What `state` gives; the numbers are those of `src/wasm/iteration.rs`.
const READING = 0;
const OVER = 1;
const LIST_CHANGED = 2;

export class Reading {
  #core;
  #client;
  #values;
  /** Its number in the instance. */
  #number;
  /** For each request what cancels it, and then its rows, until they are handed over. */
  #held = new Map();
  #ready = [];
  #failure;
  #stopped = false;
  #wake;
  /** How long the quickest request took: others waited for their turn, or were made again. */
  #latency = Infinity;

  /** Throws the error of an option that is not right for `client`. */
  constructor(core, client, values) {
    const { perPage, concurrency = 1, consistency = "reconcile", resumeFrom, signal } = values;
    say(core, consistency, client.url, resumeFrom);
    const number = core.enumerate(perPage, concurrency);
    if (!number) throw core.outcome() ?? refuse(core, CONSISTENCY, "consistency", describe(consistency));
    this.#core = core;
    this.#client = client;
    this.#values = values;
    this.#number = number;
    this.signal = signal;
  }

  /** The rows, page by page. */
  async *pages() {
    try {
      if (this.signal && !this.signal.aborted) onAbort(this.signal, this.#cancel);
      for (;;) {
        this.#pump();
        if (this.#stopped) return;
        if (this.signal?.aborted) throw this.signal.reason;
        if (this.#ready.length) yield this.#ready.shift();
        else if (this.#failure) throw this.#failure.reason;
        else if (this.#core.state(this.#number) === OVER) return;
        else await wait(this.#core, Infinity, this.signal, (end) => void (this.#wake = end));
      }
    } finally {
      this.stop();
    }
  }

  /** The consumer took this many of the rows. */
  consumed(rows) {
    this.#core.last("consumed", this.#number, rows);
    this.#proceed();
  }

  report() {
    return named(this.#core, this.#core.report(this.#number));
  }

  checkpoint() {
    this.#core.checkpoint(this.#number);
    return this.#core.outcome();
  }

  /** Ends it, and cancels what is under way. */
  stop() {
    this.#stopped = true;
    this.#ready = [];
    this.#cancel();
  }

  /** Ends it, gives its memory back, and says what was found and where the consumer stood: all that is left of it. */
  close() {
    this.stop();
    const last = (name) => this.#core.last(name, this.#number);
    const report = named(this.#core, last("report"));
    last("checkpoint");
    const left = { report, checkpoint: last("outcome") };
    last("close");
    return left;
  }

  #cancel = () => {
    if (this.signal) offAbort(this.signal, this.#cancel);
    for (const held of this.#held.values()) cancel(held);
    this.#held.clear();
    this.#wake?.(DONE);
  };

  /** Sends the requests that are to be sent now, and hands over what can be. */
  #pump() {
    // Its number may be another's already.
    if (this.#stopped) return;
    const core = this.#core;
    const number = this.#number;
    for (let page; !this.#failure && !this.signal?.aborted && (page = core.next(number)); ) {
      this.#send(core.ticket(number), page);
    }
    for (let at; (at = core.deliver(number)); ) {
      const [count, ticket] = new Uint32Array(core.memory.buffer, at, 2);
      const places = new Uint32Array(core.memory.buffer, at + 8, count);
      const rows = this.#held.get(ticket);
      this.#held.delete(ticket);
      if (rows) this.#ready.push(count === rows.length ? rows : Array.from(places, (place) => rows[place]));
    }
    for (let ticket; (ticket = core.discarded(number)); ) {
      cancel(this.#held.get(ticket));
      this.#held.delete(ticket);
    }
    const state = core.state(number);
    if (state === LIST_CHANGED) {
      core.listChanged(number);
      this.#failure ??= { reason: core.outcome() };
    }
    if (this.#failure || state !== READING) this.#cancel();
    else if (this.#ready.length) this.#wake?.(DONE);
  }

  /** After anything that happened while nobody waited for it. */
  #proceed() {
    try {
      this.#pump();
      const { onProgress, concurrency } = this.#values;
      if (!onProgress || this.#stopped) return;
      const { requests, windowMs } = this.#client;
      const { remaining } = rateLimit(this.#core, this.#client);
      const [delivered, total, done, estimatedMs] = facts(this.#core, this.#core.progress(this.#number, concurrency, requests, windowMs, remaining, this.#latency));
      tell(onProgress, { delivered, total, requests: done, estimatedMs });
    } catch (reason) {
      this.#failure ??= { reason };
      this.#cancel();
    }
  }

  async #send(ticket, page) {
    const start = now();
    const controller = new AbortController();
    const held = this.#held.set(ticket, controller);
    const { onInvalidRunner } = this.#client;
    const take = (status, bytes) => {
      // Given up meanwhile: nobody wants to know.
      if (held.get(ticket) !== controller) return [];
      const rows = readRows(this.#core, status, bytes, onInvalidRunner ? KEYS | COLLECT_INVALID : KEYS);
      if (!rows) return;
      this.#core.answered(this.#number, ticket);
      this.#latency = Math.min(this.#latency, now() - start);
      held.set(ticket, rows);
      return rows;
    };
    try {
      const url = pageUrl(this.#client, page, this.#values.perPage);
      await call(this.#core, this.#client, { ...this.#values, signal: controller.signal }, url, take);
    } catch (reason) {
      if (held.get(ticket) !== controller) return;
      held.delete(ticket);
      this.#failure ??= { reason };
      this.#core.last("failed", this.#number, ticket);
    }
    this.#proceed();
  }
}

/** Cancels a request, a moment later: that may run listeners of the caller's fetch, which may call us back. */
function cancel(held) {
  if (held instanceof AbortController) Promise.resolve().then(() => held.abort());
}

/** A `Report` from its facts. */
function named(core, at) {
  const [unique, duplicates, totalStart, totalEnd, requests, complete] = facts(core, at);
  return { unique, duplicates, totalStart, totalEnd, requests, complete: [false, true, "unknown"][complete] };
}
