// One call: every decision is asked of Rust, and this does what it says.

import { because, ComfyControlError, issuesOf } from "./errors.js";
import { ABORTED, ask, DONE, exchange, FAILED, header, now, tell, wait } from "./io.js";
import { ASKED, ASKED_IN_VAIN, checkToken, describe, fetchOf, ID, LIST, LIST_AND_CLIENT, read, reason, refuse, REQUEST, REQUEST_AND_CLIENT, settle } from "./options.js";
import { COLLECT_INVALID, facts, readRows, say, SINGLE } from "./rows.js";

// All that the module itself asks for.
export { makeError } from "./errors.js";
export { match } from "./options.js";
export { number } from "./rows.js";

/** One page of the list. Without a client, `options` are a client's, too. Throws the error of an option. */
export function listPage(core, client, options) {
  const values = read(core, options, client ? LIST : LIST_AND_CLIENT, client);
  const from = client ?? settle(core, values);
  const { page, perPage } = values;
  return call(core, from, values, pageUrl(from, page, perPage), (status, bytes) => {
    const runners = readRows(core, status, bytes, from.onInvalidRunner ? COLLECT_INVALID : 0);
    if (!runners) return;
    const pageCount = core.pages(perPage);
    return { runners, total: core.total(), page, perPage, pageCount, hasNextPage: page < pageCount };
  });
}

/** One runner. Throws the error of an option. */
export function getRunner(core, client, id, options) {
  const values = read(core, options, client ? REQUEST : REQUEST_AND_CLIENT, client);
  const from = client ?? settle(core, values);
  if (typeof id !== "string" || !isUuid(core, id)) throw refuse(core, ID, "id", describe(id));
  return call(core, from, values, `${from.url}/${id}`, (status, bytes) => readRows(core, status, bytes, SINGLE)?.[0]);
}

function isUuid(core, id) {
  say(core, id);
  return core.isUuid();
}

/** The same as promises, for who cannot catch. */
export const list = async (...given) => listPage(...given);
export const get = async (...given) => getRunner(...given);

/** The URL of a page. */
export const pageUrl = ({ url }, page, perPage) => `${url}?page=${page}&per_page=${perPage}`;

/** The headers that are used, in the order of `src/wasm/call.rs`. */
const HEADERS = ["content-type", "retry-after", "date"];

let calls = 0;

/**
 * Makes attempts until one of them succeeds or the policy gives up. `take` makes the result of a good answer, and
 * `undefined` of any other, of which `core.judge` then knows what was wrong.
 */
export async function call(core, client, { signal, timeout, maxRetries }, url, take) {
  try {
    if (signal?.aborted) throw signal.reason;
    // Aborted in the same breath: no request.
    if (signal && (await null, signal.aborted)) throw signal.reason;
    const { onEvent, onInvalidRunner, requests, windowMs } = client;
    const fetch = fetchOf(core, client);
    const asks = typeof client.token === "function";
    const lane = laneOf(core, client);
    const number = (calls = (calls + 1) >>> 0);
    // All tokens of the call, to be taken out of what a server says. None has a line end.
    let secrets = asks ? "" : (client.token ?? "");
    // Counted from the first failure on.
    let tries;
    let attempt = 1;
    const event = onEvent && ((type, facts) => {
      const event = { type, call: number, time: Date.now(), attempt, ...facts };
      for (const name in event) if (event[name] === undefined) delete event[name];
      tell(onEvent, event);
    });
    for (; ; attempt++) {
      const token = asks ? await askToken(core, client.token, timeout, signal) : client.token;
      if (asks) secrets = `${token}\n${secrets}`;
      // Waits only if it has to, since waiting for nothing takes its time, too.
      let start = now();
      const queued = turn(core, lane, requests, windowMs, start, signal, event);
      if (queued) start = await queued;
      event?.("request", { path: pathOf(url) });
      const [ending, value, status, headers] = await exchange(core, fetch, url, token, timeout, signal);
      core.finished(lane, status !== undefined, now());
      wake(core, lane);
      if (ending === ABORTED) throw signal.reason;
      const result = ending === DONE ? take(status, value) : undefined;
      if (result !== undefined) {
        if (onInvalidRunner) {
          say(core, secrets);
          core.invalid();
          issuesOf(core.outcome()).forEach((issue) => tell(onInvalidRunner, issue));
        } else core.release();
        event?.("response", { path: pathOf(url), status, durationMs: now() - start });
        return result;
      }
      tries ??= core.tries(maxRetries, asks);
      say(core, pathOf(url), secrets, ending === FAILED ? reason(value) : "", ...HEADERS.map((name) => header(headers, name)));
      const [again, waitMs, left, charged, cooldown] = facts(core, core.judge(tries, ending, status, timeout, Date.now()));
      const error = core.outcome();
      tries = left;
      if (cooldown) {
        const until = now() + cooldown;
        core.freeze(lane, until);
        // For the next instance, should this one trap.
        core.frozenUntil = Math.max(core.frozenUntil ?? 0, until);
      }
      if (ending === FAILED) because(error, value);
      if (onEvent) {
        event("response", { path: pathOf(url), status: error.status, error: error.code, durationMs: now() - start });
        if (cooldown) event("cooldown", { attempt: undefined, until: Date.now() + cooldown });
      }
      if (!again) throw error;
      event?.("retry", { error: error.code, status: error.status, waitMs, charged: !!charged });
      // A cooldown is waited for in the queue, where everybody waits; without pacing, here.
      if (!waitMs || (cooldown && requests)) continue;
      event?.("wait", { reason: cooldown ? "cooldown" : "backoff", waitMs });
      await wait(core, Math.ceil(waitMs), signal, () => {});
      if (signal?.aborted) throw signal.reason;
    }
  } catch (error) {
    throw retraced(error, call);
  }
}

/** An error made deep inside says little of its caller; V8 knows who called `below`, or awaits it. */
export function retraced(error, below = retraced) {
  if (error instanceof ComfyControlError) Error.captureStackTrace?.(error, below);
  return error;
}

/** What messages and events name of a URL. */
const pathOf = (url) => /\/\/[^/]*([^?]*)/.exec(url)[1];

async function askToken(core, token, timeout, signal) {
  const [ending, given] = await ask(core, token, timeout, signal);
  if (signal?.aborted) throw signal.reason;
  if (ending === FAILED) throw because(refuse(core, ASKED_IN_VAIN, "token", "one that throws"), given);
  if (ending !== DONE) {
    core.tokenTimeout(timeout);
    throw core.outcome();
  }
  if (typeof given !== "string") throw refuse(core, ASKED, "token", describe(given, true));
  checkToken(core, given, "token");
  return given;
}

/** The rate limit as it stands for a client. */
export function rateLimit(core, client) {
  const [limit, remaining, resetAt, queued] = facts(core, core.status(laneOf(core, client), client.requests, client.windowMs, now(), Date.now()));
  return { limit, remaining, resetAt: Number.isNaN(resetAt) ? null : resetAt, queued };
}

/** The number of the client's origin: where its requests are counted. */
function laneOf(core, client) {
  // Each instance numbers for itself.
  if (client.core !== core) {
    say(core, client.url);
    client.lane = core.lane();
    client.core = core;
  }
  return client.lane;
}

/** Takes a place in the rate limit. Gives a promise of the time at which it has it, if it has to wait. */
function turn(core, lane, requests, windowMs, start, signal, event) {
  const ticket = core.join(lane);
  const ms = core.turn(lane, ticket, requests, windowMs, start);
  if (ms) return queue(core, lane, ticket, ms, requests, windowMs, signal, event);
  wake(core, lane);
}

async function queue(core, lane, ticket, ms, requests, windowMs, signal, event) {
  event?.("wait", { reason: core.isFrozen(lane, now()) ? "cooldown" : "rate_limit", waitMs: core.outlook(lane, ticket, requests, windowMs, now()) });
  const waiters = ((core.waiters ??= [])[lane] ??= new Map());
  for (; ms; ms = core.turn(lane, ticket, requests, windowMs, now())) {
    await wait(core, ms, signal, (end) => void waiters.set(ticket, end));
    waiters.delete(ticket);
    if (signal?.aborted) {
      core.leave(lane, ticket);
      wake(core, lane);
      throw signal.reason;
    }
  }
  wake(core, lane);
  return now();
}

/** Wakes whose turn comes next. */
function wake(core, lane) {
  core.waiters?.[lane]?.get(core.head(lane))?.(DONE);
}
