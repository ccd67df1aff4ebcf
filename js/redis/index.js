// `comfycontrol-runners/redis`: one rate limit for several processes, kept by Redis. What is decided there
// is in `ledger.lua`.

import { sha1, text } from "script";

import { invalid, runOf } from "./client.js";

/** A waiter that has not asked for so long after its time does not count any more, in milliseconds. */
const FORGOTTEN_MS = 60_000;
/** A request without an answer may still be on its way to the server for so long, in milliseconds. */
const UNANSWERED_MS = 1_000;

/** @type {typeof import("./index.js").redisLedger} */
export function redisLedger(client, options = {}) {
  const run = runOf(client);
  const { key, processes } = checked(options);
  // Names this process among the others.
  const self = Math.random().toString(36).slice(2);
  const origins = new Map();
  let freezing;
  let taught;

  /** What is known of the requests to one origin. */
  function of(origin) {
    if (!origins.has(origin)) {
      const names = ["state", "slots", "tickets", "dues", "processes"];
      const keys = names.map((name) => `comfycontrol:{${key} ${origin.replace(/[{}]/g, "")}}:${name}`);
      origins.set(origin, { keys, windowMs: 0, waiters: new Waiters() });
    }
    return origins.get(origin);
  }

  async function script(keys, ...args) {
    const words = args.map(String);
    // The first one teaches Redis the script, where it does not know it; the others wait for that.
    if (taught) await taught;
    const reply = send(keys, words);
    taught ??= reply.catch(() => {});
    return reply;
  }

  async function send(keys, words) {
    try {
      return await run("evalsha", sha1, keys, words);
    } catch (error) {
      // The first word of Redis's message is its code.
      if (!/\bNOSCRIPT\b/.test(error?.message)) throw error;
      return run("eval", text, keys, words);
    }
  }

  return {
    async acquire(origin, { id, requests, windowMs, leaseMs }) {
      const known = of(origin);
      known.windowMs = Math.max(known.windowMs, windowMs);
      const { ticket, ahead, latest } = known.waiters.join(id);
      // Over HTTP, one command may overtake another.
      await freezing;
      const member = `${self}:${id}`;
      const limit = [requests, windowMs, leaseMs];
      const reply = await script(known.keys, "acquire", member, self, ...limit, ticket, ahead, latest);
      const [kind, ...numbers] = Array.from(reply, Number);
      if (kind === 0) {
        const [retryInMs, startInMs, isCooldown, ticket, learnt] = numbers;
        known.waiters.wait(id, ticket, retryInMs);
        const reason = isCooldown ? "cooldown" : "rate_limit";
        return { granted: false, retryInMs, startInMs, reason, processes: processes ?? learnt };
      }
      known.waiters.leave(id);
      if (kind === 2) return { granted: false, refusedForMs: numbers[0] };
      return { granted: true, epoch: numbers[0], processes: processes ?? numbers[1] };
    },

    async settle(origin, id, { answered }) {
      const { keys, windowMs } = of(origin);
      await script(keys, "settle", `${self}:${id}`, windowMs + (answered ? 0 : UNANSWERED_MS));
    },

    async abandon(origin, id) {
      const { keys, waiters } = of(origin);
      waiters.leave(id);
      await script(keys, "abandon", `${self}:${id}`);
    },

    async freeze(origin, { forMs, epoch }) {
      const done = script(of(origin).keys, "freeze", "", forMs, epoch);
      freezing = Promise.resolve(done).catch(() => {});
      await done;
    },

    processes,
  };
}

/** The requests of this process that wait, in the order in which they came. */
class Waiters {
  constructor() {
    this.waiting = new Map();
    this.latest = 0;
  }

  /** The ticket of a waiter; for one that has none, how many are ahead of it, and the latest ticket. */
  join(id) {
    const known = this.waiting.get(id);
    if (known) return { ...known, latest: known.before };
    // Those that stopped asking: a trap, or a worker whose visitor has left.
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
    if (!known) return; // It has left in the meantime.
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
