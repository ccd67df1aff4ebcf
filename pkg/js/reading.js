// The reading of a whole list: sends the requests that Rust asks for, and keeps the rows until they are taken.

import { call, rateLimit } from "./call.js";
import { ComfyControlError } from "./errors.js";
import { DONE, now, offAbort, onAbort, tell, wait } from "./io.js";
import { CONSISTENCY, describe } from "./options.js";

// What `state` gives; the numbers are those of `src/wasm/iteration.rs`.
const READING = 0;
const OVER = 1;
const LIST_CHANGED = 2;

export class Reading {
  #core;
  #client;
  #values;
  #machine;
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
    const machine = core.enumerate(perPage, concurrency, consistency, client.base, resumeFrom);
    if (!machine) throw core.refuse(CONSISTENCY, "consistency", describe(consistency));
    if (machine instanceof ComfyControlError) throw machine;
    this.#core = core;
    this.#client = client;
    this.#values = values;
    this.#machine = machine;
    this.signal = signal;
    if (signal && !signal.aborted) onAbort(signal, this.#cancel);
  }

  /** The rows, page by page. */
  async *pages() {
    try {
      for (;;) {
        this.#pump();
        if (this.#stopped) return;
        if (this.signal?.aborted) throw this.signal.reason;
        if (this.#ready.length) yield this.#ready.shift();
        else if (this.#failure) throw this.#failure.reason;
        else if (this.#machine.state() === OVER) return;
        else await wait(this.#core, Infinity, this.signal, (end) => void (this.#wake = end));
      }
    } finally {
      this.stop();
    }
  }

  /** The consumer took this many of the rows. */
  consumed(rows) {
    this.#machine.last("consumed", rows);
    this.#proceed();
  }

  report() {
    return named(this.#machine.report());
  }

  checkpoint() {
    return this.#machine.checkpoint(this.#client.base);
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
    const machine = this.#machine;
    const last = { report: named(machine.last("report")), checkpoint: machine.last("checkpoint", this.#client.base) };
    machine.last("free");
    return last;
  }

  #cancel = () => {
    if (this.signal) offAbort(this.signal, this.#cancel);
    for (const held of this.#held.values()) cancel(held);
    this.#held.clear();
    this.#wake?.(DONE);
  };

  /** Sends the requests that are to be sent now, and hands over what can be. */
  #pump() {
    for (let page; !this.#stopped && !this.#failure && !this.signal?.aborted && (page = this.#machine.next()); ) {
      this.#send(this.#machine.ticket(), page);
    }
    const machine = this.#machine;
    for (let delivery; (delivery = machine.deliver()).length; ) {
      const [ticket, ...places] = delivery;
      const rows = this.#held.get(ticket);
      this.#held.delete(ticket);
      if (rows) this.#ready.push(places.length === rows.length ? rows : places.map((place) => rows[place]));
    }
    for (let ticket; (ticket = machine.discarded()); ) {
      cancel(this.#held.get(ticket));
      this.#held.delete(ticket);
    }
    const state = machine.state();
    if (state === LIST_CHANGED) this.#failure ??= { reason: machine.listChanged() };
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
      const [delivered, total, done, estimatedMs] = this.#machine.progress(concurrency, requests, windowMs, remaining, this.#latency);
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
    const { base, onInvalidRunner } = this.#client;
    const take = (status, bytes) => {
      const rows = this.#machine.answered(ticket, status, bytes, !!onInvalidRunner);
      if (rows) this.#latency = Math.min(this.#latency, now() - start);
      if (rows && held.has(ticket)) held.set(ticket, rows);
      return rows;
    };
    try {
      const url = this.#core.url(base, page, this.#values.perPage);
      await call(this.#core, this.#client, { ...this.#values, signal: controller.signal }, url, take);
    } catch (reason) {
      if (held.get(ticket) !== controller) return;
      held.delete(ticket);
      this.#failure ??= { reason };
      this.#machine.last("failed", ticket);
    }
    this.#proceed();
  }
}

/** Cancels a request, a moment later: that may run listeners of the caller's fetch, which may call us back. */
function cancel(held) {
  if (held instanceof AbortController) Promise.resolve().then(() => held.abort());
}

/** A `Report` from its facts. */
function named([unique, duplicates, totalStart, totalEnd, requests, complete] = []) {
  return { unique, duplicates, totalStart, totalEnd, requests, complete };
}
