// Thousands of calls and enumerations at once, on servers in memory that fail in every way at any moment, with the
// expected result of each. A seed decides everything.

import assert from "node:assert/strict";

import { answer, refusal, RUNNER } from "../../package/support/memory.mjs";
import {
  ComfyControl,
  getManagedRunner,
  isComfyControlError,
  listManagedRunners,
} from "../../package/support/package.mjs";
import { numbers } from "../../package/support/seeded.mjs";

const ORIGINS = 40;
const TOTAL = 100_000;
const DOCUMENTED = { requests: 40, windowMs: 10_000 };

/** Faults of a server: what it does, the code of the failure, and whether the client retries it. */
const FAULTS = {
  400: { code: "bad_request" },
  401: { code: "unauthorized" },
  403: { code: "forbidden" },
  404: { code: "not_found" },
  408: { code: "bad_request", again: true },
  429: { code: "rate_limited", again: true },
  "429, Retry-After": { code: "rate_limited", again: true },
  500: { code: "server_error", again: true },
  "502, HTML": { code: "server_error", again: true },
  "503, Retry-After": { code: "server_error", again: true },
  "another shape": { code: "invalid_response" },
  "too short": { code: "invalid_response", again: true },
  "no connection": { code: "connection_failed", again: true },
  cut: { code: "connection_failed", again: true },
  "stall before the headers": { code: "timeout", again: true },
  "stall in the body": { code: "timeout", again: true },
};
const NAMES = Object.keys(FAULTS);
const PASSING = NAMES.filter((name) => FAULTS[name].again);

/** The row with this number, as the API sends it, and as the client returns it. */
const row = (n) => ({
  ...RUNNER,
  id: `018f9c3e-0000-7000-8000-${String(n).padStart(12, "0")}`,
  name: `rünner ${n}`,
  tags: n % 3 ? ["gpu", `tag ${n % 7}`] : [],
  created_at: new Date(1.7e12 - n * 1000).toISOString(),
});
const given = ({ id, name, runner_type, status, tags, created_at, updated_at }) => ({
  id,
  name,
  runnerType: runner_type,
  status,
  tags,
  createdAt: created_at,
  updatedAt: updated_at,
});
const range = (from, to) => Array.from({ length: Math.max(0, to - from) }, (_, i) => row(from + i));

/**
 * The result that a call must have on a server with these faults and then none: an error code or "right", and the number
 * of requests. This repeats the rules of the README.
 */
function fate(faults, maxRetries, refreshable) {
  let left = maxRetries;
  let pardoned = maxRetries === 0;
  for (const [index, fault] of faults.entries()) {
    const { code, again } = FAULTS[fault];
    if (fault === "401" && refreshable) refreshable = false;
    else if (!again) return [code, index + 1];
    else if (code === "rate_limited" && !pardoned) pardoned = true;
    else if (left === 0) return [code, index + 1];
    else left -= 1;
  }
  return ["right", faults.length + 1];
}

/** Starts one storm. Returns its promise, and counters. */
export function storm({ clock, seed, calls, enumerations, signal }) {
  const random = numbers(seed);
  const whole = (limit) => Math.floor(random() * limit);
  const pick = (all) => all[whole(all.length)];
  const count = { requests: 0, changes: 0, over: 0 };
  const tally = (what) => (count[what] = (count[what] ?? 0) + 1);
  const late = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const wrong = [];
  let open = 0;

  /** Servers, each with a limit that it counts itself, and what it does for whom: `serve` by path and query. */
  const servers = Array.from({ length: ORIGINS }, (_, n) => {
    const rateLimit = n % 8 === 7 ? false : n % 8 === 6 ? { requests: 5, windowMs: 1000 } : undefined;
    const { requests, windowMs } = rateLimit === false ? { requests: Infinity } : (rateLimit ?? DOCUMENTED);
    const origin = `https://storm-${n}.example`;
    let arrived = [];
    const fetch = (url, init) =>
      new Promise((resolve, reject) => {
        count.requests += 1;
        open += 1;
        let over = false;
        const close = () => over || ((over = true), (open -= 1));
        init.signal.addEventListener("abort", () => (close(), reject(init.signal.reason)), { once: true });
        const [takes, arrives] = [1 + whole(120), random()];
        const act = (fault, text) => {
          if (over) return;
          const half = new TextEncoder().encode(text).subarray(0, whole(text.length));
          const stream = (start) =>
            new Response(new ReadableStream({ start, cancel: close }), {
              headers: { "content-type": "application/json" },
            });
          const status = Number(/^\d+/.exec(fault ?? "")?.[0]);
          if (fault === "stall before the headers") return;
          if (fault === "stall in the body") return resolve(stream((body) => body.enqueue(half)));
          close();
          if (!fault) resolve(answer(text));
          else if (fault === "no connection") reject(new TypeError("fetch failed"));
          else if (fault === "cut")
            resolve(stream((body) => (body.enqueue(half), body.error(new TypeError("terminated")))));
          else if (fault === "too short") resolve(answer(text.slice(0, -1 - whole(20))));
          else if (fault === "another shape")
            resolve(answer({ runners: [{ ...RUNNER, tags: {} }], total: 1, id: 7 }));
          else if (fault === "502, HTML")
            resolve(new Response("<html>", { status, headers: { "content-type": "text/html" } }));
          else
            resolve(
              refusal(
                status,
                fault.includes("hour")
                  ? { "retry-after": "3600" }
                  : fault.includes("After")
                    ? { "retry-after": String(whole(4)) }
                    : {},
              ),
            );
        };
        // The server counts a request at some moment between its start and its answer.
        late(takes * arrives).then(() => {
          const now = clock.now();
          arrived = arrived.filter((time) => time > now - windowMs);
          if (arrived.push(now) > requests) count.over += 1;
          const { fault, text } = init.serve(url);
          if (fault) tally(fault);
          late(takes * (1 - arrives)).then(() => act(fault, text));
        });
      });
    /** A `fetch` whose requests are answered by `serve`. */
    return {
      origin,
      rateLimit,
      fetchWith: (serve) => (url, init) =>
        fetch(url, {
          serve,
          get signal() {
            return init.signal;
          },
        }),
    };
  });

  const clients = servers.map(({ origin, rateLimit, fetchWith }, n) => {
    const scripts = new Map();
    const fetch = fetchWith((url) => scripts.get(url.slice(origin.length))());
    const refreshable = n % 2 === 1;
    const maxRetries = n % 5 ? 2 : 0;
    const token =
      n % 4 === 3
        ? async () => (await late(whole(20)), "cfc_storm")
        : n % 4 === 1
          ? () => "cfc_storm"
          : "cfc_storm";
    const onEvent = n % 3 ? undefined : ({ type }) => void tally(`event ${type}`);
    const settings = { baseUrl: origin, fetch, rateLimit, token, maxRetries, onEvent };
    return { client: new ComfyControl(settings), settings, scripts, maxRetries, refreshable };
  });

  /** Makes a call to its own server, and checks its result. */
  async function call(n) {
    const { client, settings, scripts, refreshable, maxRetries: ofClient } = clients[n % ORIGINS];
    const number = Math.floor(n / ORIGINS) + 1;
    const perPage = 1 + (n % 4);
    const one = random() < 0.2;
    const maxRetries = random() < 0.3 ? whole(5) : undefined;
    const faults = [];
    while (random() < 0.35 && faults.length < 9) faults.push(pick(NAMES));
    const text = JSON.stringify(
      one ? row(number) : { runners: range((number - 1) * perPage, number * perPage), total: TOTAL },
    );
    let requests = 0;
    const path = one
      ? `/v1/managed-runner/${row(number).id}`
      : `/v1/managed-runner?page=${number}&per_page=${perPage}`;
    scripts.set(path, () => ({ fault: faults[(requests += 1) - 1], text }));

    const ends = random() < 0.05 && new AbortController();
    if (ends) setTimeout(() => ends.abort("enough"), whole(60_000));
    const options = {
      signal: ends ? ends.signal : random() < 0.5 ? signal : undefined,
      maxRetries,
      ...(one ? {} : { page: number, perPage }),
    };
    const free =
      random() < 0.3 ? { ...settings, ...options, maxRetries: maxRetries ?? settings.maxRetries } : undefined;
    const promise = one
      ? free
        ? getManagedRunner(row(number).id, free)
        : client.getManagedRunner(row(number).id, options)
      : free
        ? listManagedRunners(free)
        : client.listManagedRunners(options);
    const [outcome, value] = await promise.then(
      (value) => ["right", value],
      (error) =>
        error === "enough" && ends
          ? ["aborted"]
          : [isComfyControlError(error) ? error.code : String(error), error],
    );
    tally(`call ${outcome}`);
    if (outcome === "aborted") return;
    const expected = fate(faults, maxRetries ?? ofClient, refreshable);
    try {
      assert.deepEqual([outcome, requests], expected);
      if (outcome === "right") {
        const pageCount = Math.ceil(TOTAL / perPage);
        assert.deepEqual(
          value,
          one
            ? given(row(number))
            : {
                runners: range((number - 1) * perPage, number * perPage).map(given),
                total: TOTAL,
                page: number,
                perPage,
                pageCount,
                hasNextPage: true,
              },
        );
      }
    } catch (error) {
      wrong.push(`call ${n} (${faults}): ${error.message}`);
    }
  }

  /** Enumerates its own list, which changes meanwhile, and resumes until it succeeds. */
  async function enumerate(n) {
    const { origin, rateLimit, fetchWith } = servers[n % ORIGINS];
    const size = pick([0, 1, 10, 20, 30, 60]);
    let newest = 0;
    const list = range(0, size);
    const stayed = new Set(list.map(({ id }) => id));
    const totals = new Set([size]);
    const made = new Set(stayed);
    let served = [];
    let moves = whole(3);
    const move = () => {
      moves -= 1;
      count.changes += 1;
      // No client can notice a change that restores the total.
      do {
        if (list.length && random() < 0.5) stayed.delete(list.splice(whole(list.length), 1)[0].id);
        else
          (list.unshift(row((newest -= 1) + 900_000)),
            (list[0].created_at = new Date(1.7e12 - newest * 1000).toISOString()),
            made.add(list[0].id));
      } while (totals.has(list.length));
      totals.add(list.length);
    };
    const baseUrl = `${origin}/lists/${n}`;
    const fetch = fetchWith((url) => {
      const [page, perPage] = ["page", "per_page"].map((name) => Number(new URL(url).searchParams.get(name)));
      const fault = random() < 0.2 ? pick(PASSING) : undefined;
      const text = JSON.stringify({
        runners: list.slice((page - 1) * perPage, page * perPage),
        total: list.length,
      });
      if (!fault) served = list.map(({ id }) => id);
      if (moves > 0 && random() < 0.2) move();
      return { fault, text };
    });
    const client = new ComfyControl({ baseUrl, fetch, rateLimit, maxRetries: pick([0, 1, 2]) });
    const options = {
      perPage: pick([5, 10, 25]),
      concurrency: pick([1, 2, 4]),
      signal: random() < 0.5 ? signal : undefined,
    };
    const found = [];
    let report;
    let parts = 0;
    for (let resumeFrom; !report;) {
      parts += 1;
      const iterator = client.iterateManagedRunners({ ...options, resumeFrom });
      try {
        for await (const { id } of iterator) found.push(id);
        report = iterator.report;
      } catch (error) {
        resumeFrom = error.checkpoint;
        const known =
          isComfyControlError(error) &&
          (error.code === "list_changed" || PASSING.some((name) => FAULTS[name].code === error.code));
        if (!known || parts > 50) return void wrong.push(`enumeration ${n}, part ${parts}: ${error}`);
        tally(`enumeration ${error.code}`);
      }
    }
    tally(`enumeration complete: ${report.complete}`);
    const known = new Set(found);
    if (known.size !== found.length) wrong.push(`enumeration ${n}: a runner came twice`);
    if ([...stayed].some((id) => !known.has(id))) wrong.push(`enumeration ${n}: a runner is missing`);
    // A resumed enumeration does not look for runners that joined before its position. Then its report says so.
    if (report.complete === false && parts === 1)
      wrong.push(`enumeration ${n}: in one part and not complete`);
    if (report.complete === true && served.some((id) => !known.has(id)))
      wrong.push(`enumeration ${n}: complete, but not so`);
    if (found.some((id) => !made.has(id)) || report.unique !== found.length)
      wrong.push(`enumeration ${n}: ${found.length} runners, ${JSON.stringify(report)}`);
  }

  const all = [
    ...Array.from({ length: calls }, (_, n) => call(n)),
    ...Array.from({ length: enumerations }, (_, n) => enumerate(n)),
  ];
  return {
    over: Promise.all(all),
    count,
    wrong,
    open: () => open,
    clients: clients.map(({ client }) => client),
  };
}
