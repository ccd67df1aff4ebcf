// Makes all kinds of calls at once against the emulator with faults, for a given time, and prints a summary.

import { createHistogram } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";

import { launch, TOKEN } from "../../package/support/emulator.mjs";
import {
  ComfyControl,
  getManagedRunner,
  isComfyControlError,
  listManagedRunners,
} from "../../package/support/package.mjs";
import { numbers } from "../../package/support/seeded.mjs";
import { listeners, poll, timers } from "../../package/support/watch.mjs";
import { collect } from "./collect.mjs";
import { Fleet } from "./fleet.mjs";
import { started, wasmMemory } from "./instances.mjs";
import { summary } from "./summary.mjs";

/** The documented limit with a shorter window, so that more happens. */
const LIMIT = { requests: 40, windowMs: 500 };
/** The longest time of a call, in milliseconds: its attempts, their pauses, and the queue. */
const PATIENCE = 90_000;

/**
 * The faults of the emulator. There is no 404, because that is a statement about the list. A 429 without `Retry-After`
 * stops everything for 10 s, so it is rare.
 */
const FAULTS = [
  ...[400, 403, 408, 500, 502, 503, 504].map((status) => ({ status })),
  { status: 429, retryAfter: 1 },
  { status: 503, retryAfter: 1 },
  { status: 502, html: true },
  { html: true },
  { empty: true },
  { body: '{"runners":7}' },
  { truncate: "mid-body" },
  ...["before-headers", "after-headers", "mid-body", 100].flatMap((position) => [
    { cut: position },
    { stall: position },
  ]),
  ...[50, 200, 400, 1500].map((latency) => ({ latency })),
];
/** Whether a script's step does anything. */
const isFault = (step) =>
  ["status", "html", "empty", "body", "truncate", "latency", "stall", "cut"].some(
    (what) => step[what] || step[what] === 0,
  );
/** The allowed results of a call. */
const CODES = [
  "bad_request",
  "forbidden",
  "server_error",
  "rate_limited",
  "invalid_response",
  "connection_failed",
  "timeout",
];

/** Runs for this many seconds. Returns the summary: `lines` to print, and `broken`, the promises that were broken. */
export async function soak(given) {
  const unhandled = [];
  const note = (error) => unhandled.push(String(error?.stack ?? error));
  const kinds = ["unhandledRejection", "uncaughtException", "warning"];
  for (const kind of kinds) process.on(kind, note);
  const emulator = await launch(
    "--runners",
    "250",
    "--limit",
    String(LIMIT.requests),
    "--window-ms",
    String(LIMIT.windowMs),
  );
  try {
    return await work(emulator, unhandled, given);
  } finally {
    for (const kind of kinds) process.off(kind, note);
    await emulator.stop();
  }
}

async function work(emulator, unhandled, { seconds, seed }) {
  const random = numbers(seed);
  const whole = (limit) => Math.floor(random() * limit);
  const pick = (all) => all[whole(all.length)];
  const fleet = new Fleet(emulator, random);
  await fleet.look();

  const outcomes = new Map();
  const tally = (kind, what) => {
    const counts = outcomes.get(kind) ?? outcomes.set(kind, new Map()).get(kind);
    counts.set(what, (counts.get(what) ?? 0) + 1);
  };
  const latency = createHistogram();
  const wrong = [];
  const never = { "rows lost": 0, "rows duplicated": 0, "abort listeners left on a call's signal": 0 };

  // All pending promises of the package.
  const pending = new Map();
  let promises = 0;
  const track = async (what, promise) => {
    const number = (promises += 1);
    pending.set(number, { what, start: performance.now() });
    try {
      return await promise;
    } finally {
      pending.delete(number);
    }
  };

  const shared = new AbortController();
  // Sometimes expired, but never twice in a row: the second call returns a fresh token.
  let expired = 0;
  const refreshed = () => {
    const now = performance.now();
    if (now - expired < 5000 || random() > 0.2) return TOKEN;
    expired = now;
    return "cfc_expired";
  };
  const events = new Map();
  const onEvent = ({ type }) => void events.set(type, (events.get(type) ?? 0) + 1);
  // The answer must be one of the lists since the call began, so no call may join an earlier request.
  const base = { baseUrl: emulator.url, coalesce: false, rateLimit: LIMIT, timeout: 1000, token: TOKEN };
  const settings = [
    base,
    { ...base, token: refreshed, onEvent, timeout: 1500 },
    { ...base, token: async () => (await pause(whole(5)), refreshed()), maxRetries: 4 },
    { ...base, maxRetries: 0, onEvent },
  ];
  const clients = settings.map((one) => new ComfyControl(one));

  /** Aborts some of the calls, some time later. */
  function fate() {
    if (random() > 0.1) return { signal: pick([undefined, shared.signal]), done() {} };
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(seed), whole(600));
    const { signal } = controller;
    return {
      signal,
      done() {
        clearTimeout(timer);
        if (listeners(signal) > 0) never["abort listeners left on a call's signal"] += 1;
      },
    };
  }

  /** The versions of the list that may have been served since a time. */
  async function then(start) {
    const end = performance.now();
    await fleet.known();
    return fleet.between(start, end);
  }

  /** Counts a failure. Returns false if this failure is not allowed. */
  function failed(kind, error, signal, which) {
    const aborted = signal?.aborted && error === signal.reason;
    const code = aborted ? "aborted" : isComfyControlError(error) ? error.code : "another error";
    tally(kind, code);
    const refreshes = typeof settings[which].token === "function";
    const allowed =
      aborted ||
      CODES.includes(code) ||
      (code === "unauthorized" && refreshes) ||
      (code === "list_changed" && kind !== "call");
    if (!allowed) wrong.push(`${kind}: ${error?.stack ?? error}`);
  }

  async function call() {
    const which = whole(clients.length);
    const { signal, done } = fate();
    const start = performance.now();
    const [page, perPage] = [1 + whole(5), pick([1, 10, 50, 100])];
    const id =
      random() < 0.3
        ? pick([...fleet.latest.known.keys(), "00000000-0000-4000-8000-000000000000"])
        : undefined;
    const free = random() < 0.2;
    const all = free ? { ...settings[which], signal } : { signal };
    const begun = id
      ? free
        ? getManagedRunner(id, all)
        : clients[which].getManagedRunner(id, all)
      : free
        ? listManagedRunners({ ...all, page, perPage })
        : clients[which].listManagedRunners({ ...all, page, perPage });
    try {
      const value = await track("call", begun);
      const versions = await then(start);
      const right = id
        ? versions.some(({ known }) => known.get(id) === JSON.stringify(value))
        : versions.some(
            ({ rows }) =>
              value.total === rows.length &&
              value.page === page &&
              value.perPage === perPage &&
              JSON.stringify(value.runners) === `[${rows.slice((page - 1) * perPage, page * perPage)}]`,
          );
      if (right) tally("call", "right");
      else
        wrong.push(`call: ${id ?? `page ${page} of ${perPage}`} gave ${JSON.stringify(value).slice(0, 200)}`);
    } catch (error) {
      if (isComfyControlError(error, "not_found") && id) {
        tally("call", "right: there is none");
        if ((await then(start)).every(({ known }) => known.has(id)))
          wrong.push(`call: ${id} is there and was not found`);
      } else failed("call", error, signal, which);
    } finally {
      latency.record(Math.max(1, Math.round((performance.now() - start) * 1000)));
      done();
    }
  }

  /** Compares rows that were read since a time with the versions of the list. */
  async function compare(ids, start) {
    const known = new Set(ids);
    never["rows duplicated"] += ids.length - known.size;
    const versions = await then(start);
    const [first, ...others] = versions.map(({ ids }) => new Set(ids));
    never["rows lost"] += [...first].filter(
      (id) => !known.has(id) && others.every((ids) => ids.has(id)),
    ).length;
    if (ids.some((id) => versions.every(({ known }) => !known.has(id)))) wrong.push("a runner from nowhere");
    if (versions.length === 1 && String(ids) !== String(versions[0].ids))
      wrong.push("another order, or other runners, than a list that did not change");
  }

  async function enumerate() {
    const which = whole(clients.length);
    const { signal, done } = fate();
    const start = performance.now();
    const options = { perPage: pick([20, 50, 100]), concurrency: pick([1, 2, 4]), signal };
    const ids = [];
    const enough = random() < 0.2 ? whole(200) : Infinity;
    const collects = random() < 0.3;
    const number = (promises += 1);
    pending.set(number, { what: "enumeration", start });
    try {
      for (let parts = 1, resumeFrom; ; parts += 1) {
        try {
          if (collects) {
            const { runners } = await clients[which].collectManagedRunners({ ...options, resumeFrom });
            ids.push(...runners.map(({ id }) => id));
          } else {
            for await (const { id } of clients[which].iterateManagedRunners({ ...options, resumeFrom })) {
              ids.push(id);
              if (ids.length >= enough) return void tally("enumeration", "broken off");
            }
          }
          tally("enumeration", parts === 1 ? "right" : "right, resumed");
          await compare(ids, start);
          return;
        } catch (error) {
          failed("enumeration", error, signal, which);
          if (collects && error?.runners) ids.push(...error.runners.map(({ id }) => id));
          if (!isComfyControlError(error) || signal?.aborted || parts === 5) {
            never["rows duplicated"] += ids.length - new Set(ids).size;
            return;
          }
          resumeFrom = error.checkpoint;
        }
      }
    } finally {
      pending.delete(number);
      // What was broken off lets go of its signal in the same moment; what failed has done so.
      done();
    }
  }

  async function watch(until) {
    const which = whole(3);
    const controller = new AbortController();
    const timer = setTimeout(
      () => controller.abort(seed),
      Math.min(2000 + whole(15_000), until - performance.now()),
    );
    const enough = 1 + whole(8);
    let seen;
    let changes = 0;
    let start = performance.now();
    try {
      const iterator = clients[which].watchManagedRunners({ interval: 1000, signal: controller.signal });
      for (;;) {
        // If nothing changes, the watch waits until it is aborted.
        const { done, value } = await track("watch", iterator.next());
        if (done) break;
        if (value.error) failed("watch", value.error, controller.signal, which);
        else {
          const ids = value.runners.map(({ id }) => id);
          if (seen) {
            const next = new Set(seen);
            for (const { id } of value.removed)
              if (!next.delete(id)) wrong.push("watch: removed what was not there");
            for (const { id } of value.added) {
              if (next.has(id)) wrong.push("watch: added what was there");
              next.add(id);
            }
            if (next.size !== ids.length || ids.some((id) => !next.has(id)))
              wrong.push("watch: the changes do not lead to the list");
          }
          await compare(ids, start);
          tally("watch", "right");
          seen = ids;
        }
        // The next reading begins some time after this.
        start = performance.now();
        if ((changes += 1) >= enough) await track("the return of a watch", iterator.return());
      }
      tally("watch", controller.signal.aborted ? "aborted" : "ended");
    } catch (error) {
      tally("watch", "another error");
      wrong.push(`watch: ${error?.stack ?? error}`);
    } finally {
      clearTimeout(timer);
      if (listeners(controller.signal) > 0) never["abort listeners left on a call's signal"] += 1;
    }
  }

  const memory = async () => ({ heap: await collect(), rss: process.memoryUsage().rss, wasm: wasmMemory() });
  await clients[0].listManagedRunners();
  const atStart = await memory();
  const begin = performance.now();
  const end = begin + seconds * 1000;
  const running = () => performance.now() < end;
  /** Repeats a task until the time is over. If it hangs, the error has its name. */
  const busy = new Map();
  const again = async (name, work, rest) => {
    const number = busy.size;
    while (running()) {
      busy.set(number, name);
      await work().catch((error) => wrong.push(`${name}: ${error?.stack ?? error}`));
      busy.set(number, "");
      await pause(rest());
    }
  };
  let halfway;
  let faults = 0;
  const loops = [
    again(
      "changes",
      () => fleet.change(),
      () => 300 + whole(1200),
    ),
    again(
      "faults",
      async () => {
        // A few requests without a fault follow each fault.
        const script = Array.from({ length: 4 }, () => [
          random() < 0.005 ? { status: 429 } : pick(FAULTS),
          { times: 1 + whole(15) },
        ]);
        if ((await emulator.waiting()).length < script.length) {
          await emulator.faults(...script.flat());
          faults += script.length;
        }
        const oldest = Math.min(performance.now(), ...[...pending.values()].map(({ start }) => start));
        fleet.forget(oldest - PATIENCE);
      },
      () => 200,
    ),
    ...Array.from({ length: 8 }, () => again("calls", call, () => whole(80))),
    again(
      "bursts",
      () => Promise.all(Array.from({ length: 60 }, call)),
      () => 2000 + whole(3000),
    ),
    ...Array.from({ length: 3 }, () => again("enumerations", enumerate, () => whole(500))),
    ...Array.from({ length: 3 }, () =>
      again(
        "watches",
        () => watch(end),
        () => whole(500),
      ),
    ),
    (async () => {
      await pause((seconds * 1000) / 2);
      halfway = await memory();
    })(),
  ];
  const over = new AbortController();
  await Promise.race([
    Promise.all(loops),
    pause(seconds * 1000 + PATIENCE, undefined, { signal: over.signal }).catch(() => {}),
  ]);
  over.abort();
  const unsettled = [...pending.values()].map(
    ({ what, start }) => `${what}, since ${((performance.now() - start) / 1000).toFixed(0)} s`,
  );
  const hanging = [...busy.values()].filter(Boolean);
  const took = performance.now() - begin;

  const { stats } = await emulator.state();
  faults -= (await emulator.waiting()).filter(isFault).length;
  // Node keeps connections for a few seconds, in case there is more to ask.
  const quiet = () => emulator.state().then(({ stats }) => stats.inFlight === 0);
  await poll(quiet, "requests that stay open", 15_000).catch(() => {});
  const { inFlight } = (await emulator.state()).stats;
  await emulator.stop();
  const sockets = () => process.getActiveResourcesInfo().filter((kind) => /TCP/.test(kind)).length;
  await poll(() => sockets() === 0 && timers() === 0, "sockets and timers that stay", 15_000).catch(() => {});
  const atEnd = await memory();

  Object.assign(never, {
    "wrong results and errors": wrong.length,
    "unsettled promises": unsettled.length,
    "unhandled rejections and warnings": unhandled.length,
    "parts of the soak itself that hang": hanging.length,
    "429s of the server's own, which only this client can have caused": stats.refused,
    "requests left open": inFlight,
    "sockets left": sockets(),
    "timers left": timers(),
    "abort listeners left on the shared signal": listeners(shared.signal),
    "instances that had to be replaced": started() - 1,
    "bytes of WebAssembly memory more than at half-time, beyond four pages": Math.max(
      0,
      atEnd.wasm - halfway.wasm - 4 * 65_536,
    ),
    "bytes of heap more than at half-time, beyond a tenth and 1 MB": Math.max(
      0,
      Math.round(atEnd.heap - halfway.heap * 1.1 - 1e6),
    ),
  });
  const broken = Object.entries(never)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${what}: ${count}`);
  const memories = { "at start": atStart, "at half-time": halfway, "at end": atEnd };
  const lines = summary({
    took,
    seed,
    stats,
    limit: LIMIT,
    faults,
    changes: fleet.changes,
    outcomes,
    events,
    latency,
    memories,
    never,
    examples: [...wrong, ...unhandled, ...unsettled, ...hanging],
  });
  return { lines, broken, outcomes, faults };
}
