// `comfycontrol-runners/redis`: one rate limit for several processes, kept in Redis. The script `ledger.lua` has
// the rules.

import { sha1, text } from "script";

import { invalid, runOf } from "./client.js";

/** A waiter that is this late to ask again is forgotten, in milliseconds. */
const FORGOTTEN_MS = 60_000;
/** How long a request without an answer may still take to reach the server, in milliseconds. */
const UNANSWERED_MS = 1_000;
/** How long commands wait for an earlier one. Less than the 500 ms for which the client waits for a ledger. */
const ORDERED_MS = 300;

/** @type {typeof import("./index.js").redisLedger} */
export function redisLedger(client, options = {}) {
  const run = runOf(client);
  const { key, processes } = checked(options);
  // The name of this process.
  const self = Math.random().toString(36).slice(2);
  const origins = new Map();
  /** The `freeze` under way. `acquire` calls wait for it. */
  let freezing;
  /** The first command. It loads the script into Redis if necessary, and later commands wait for it. Then `false`. */
  let loading;

  /** The state of one origin in this process. */
  function stateOf(origin) {
    if (!origins.has(origin)) {
      const names = ["state", "slots", "tickets", "dues", "processes"];
      const keys = names.map((name) => `comfycontrol:{${key} ${origin.replace(/[{}]/g, "")}}:${name}`);
      origins.set(origin, { keys, windowMs: 0, waiters: new Waiters() });
    }
    return origins.get(origin);
  }

  async function script(keys, ...args) {
    const texts = args.map(String);
    if (loading) {
      await ended(loading);
      loading = false;
    }
    const reply = send(keys, texts);
    loading ??= reply;
    return reply;
  }

  async function send(keys, args) {
    try {
      return await run("evalsha", sha1, keys, args);
    } catch (error) {
      // The first word of a Redis error message is its code.
      if (!/\bNOSCRIPT\b/.test(error?.message)) throw error;
      return run("eval", text, keys, args);
    }
  }

  return {
    async acquire(origin, { id, requests, windowMs, leaseMs }) {
      const known = stateOf(origin);
      known.windowMs = Math.max(known.windowMs, windowMs);
      const { ticket, ahead, latest } = known.waiters.join(id);
      // With an HTTP client, one command may overtake another.
      const earlier = freezing;
      if (earlier) {
        await ended(earlier);
        if (freezing === earlier) freezing = undefined;
      }
      const member = `${self}:${id}`;
      const limit = [requests, windowMs, leaseMs];
      const reply = await script(known.keys, "acquire", member, self, ...limit, ticket, ahead, latest);
      const [kind, ...numbers] = Array.from(reply, Number);
      if (kind === 0) {
        const [retryInMs, startInMs, isCooldown, ticket, counted] = numbers;
        known.waiters.wait(id, ticket, retryInMs);
        const reason = isCooldown ? "cooldown" : "rate_limit";
        return { granted: false, retryInMs, startInMs, reason, processes: processes ?? counted };
      }
      known.waiters.leave(id);
      if (kind === 2) return { granted: false, refusedForMs: numbers[0] };
      return { granted: true, epoch: numbers[0], processes: processes ?? numbers[1] };
    },

    async settle(origin, id, { answered }) {
      const { keys, windowMs } = stateOf(origin);
      await script(keys, "settle", `${self}:${id}`, windowMs + (answered ? 0 : UNANSWERED_MS));
    },

    async abandon(origin, id) {
      const { keys, waiters } = stateOf(origin);
      waiters.leave(id);
      await script(keys, "abandon", `${self}:${id}`);
    },

    async freeze(origin, { forMs, epoch }) {
      freezing = script(stateOf(origin).keys, "freeze", "", forMs, epoch);
      await freezing;
    },

    processes,
  };
}

/**
 * Waits until the command has ended, but no longer than `ORDERED_MS`: it may never get an answer. Each waiter has its own
 * timer, because an edge worker ends the timers of visitors who left.
 */
function ended(command) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ORDERED_MS);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    command.then(end, end);
  });
}

/** The waiting requests of this process, in the order in which they came. */
class Waiters {
  constructor() {
    this.waiting = new Map();
    this.latest = 0;
  }

  /** The ticket of a waiter. A waiter without a ticket gets the number of waiters ahead, and the latest ticket. */
  join(id) {
    const known = this.waiting.get(id);
    if (known) return { ...known, latest: known.before };
    // Drop the first waiters, if they stopped asking: after a trap, or in a Worker whose visitor has left.
    for (const [other, { until }] of this.waiting) {
      if (until > performance.now()) break;
      this.waiting.delete(other);
    }
    const ahead = this.waiting.size;
    const before = ahead === 0 ? 0 : this.latest;
    this.waiting.set(id, { ticket: 0, ahead, before, until: performance.now() + FORGOTTEN_MS });
    return { ticket: 0, ahead, latest: before };
  }

  wait(id, ticket, retryInMs) {
    const known = this.waiting.get(id);
    if (!known) return; // It left in the meantime.
    this.latest = Math.max(this.latest, ticket);
    this.waiting.set(id, { ...known, ticket, until: performance.now() + retryInMs + FORGOTTEN_MS });
  }

  leave(id) {
    this.waiting.delete(id);
  }
}

function checked(options) {
  if (typeof options !== "object" || options === null) throw invalid("options", "an object", options);
  const { key = "default", processes, ...others } = options;
  const [other] = Object.keys(others);
  if (other !== undefined) throw invalid("options", "`key` and `processes`", `${other}`);
  if (typeof key !== "string" || !/^[^{}]+$/.test(key)) throw invalid("key", "a string without braces", key);
  if (processes !== undefined && !(Number.isInteger(processes) && processes >= 1)) {
    throw invalid("processes", "a whole number from 1", processes);
  }
  return { key, processes };
}
