// A thousand enumerations of changing lists, on a server that fails in every way and order. They are interrupted,
// aborted and resumed at any moment. A seed decides everything, so failures repeat. FAULT_SEED sets the first seed.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { virtualClock } from "./support/clock.mjs";
import { refusal, RUNNER } from "./support/memory.mjs";
import { ComfyControl, isComfyControlError } from "./support/package.mjs";
import { numbers } from "./support/seeded.mjs";
import { listeners } from "./support/watch.mjs";

const RUNS = 1000;
const FIRST = Number(process.env.FAULT_SEED ?? 1);

suite(`${RUNS} seeded runs`, () => {
  const clock = virtualClock();
  const count = {};
  const tally = (what, by = 1) => void (count[what] = (count[what] ?? 0) + by);

  /** The server of one run. */
  function flaky(random, { size, change, faulty }) {
    const whole = (limit) => Math.floor(random() * limit);
    const made = [];
    const row = (created) => {
      const id = `018f9c3e-0000-7000-8000-${String(made.length).padStart(12, "0")}`;
      made.push(id);
      return { ...RUNNER, id, created_at: new Date(1.6e12 + created).toISOString(), created };
    };
    // Some share their moment of creation.
    let newest = 0;
    const list = Array.from({ length: size }, () => row((newest += random() < 0.2 ? 0 : 1000))).reverse();
    const started = new Set(list.map(({ id }) => id));
    const stayed = new Set(started);
    const totals = new Set([size]);
    const put = (one) => {
      const index = list.findIndex(({ created }) => created < one.created);
      list.splice(index < 0 ? list.length : index, 0, one);
    };
    const leave = () => list.length > 0 && stayed.delete(list.splice(whole(list.length), 1)[0].id);
    const join = () => put(row((newest += 1000)));
    // Like a disabled runner, it comes back at its old position. It never shares a time of creation.
    const back = () => put(row(whole(newest / 1000) * 1000 + 1 + whole(999)));
    const ways = { leave: [leave], join: [join, back], both: [leave, join, back], still: [] }[change];
    const move = () => {
      tally("changes");
      for (let times = 1 + whole(4); times > 0; times -= 1) ways[whole(ways.length)]();
      // No client can notice a removal and an addition that cancel out.
      while (totals.has(list.length)) (list.length && random() < 0.5 ? leave : join)();
      totals.add(list.length);
    };
    let open = 0;
    let served = [];
    let first;
    let moves = change === "still" ? 0 : whole(4);
    const late = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

    const fetch = (url, { signal }) =>
      new Promise((resolve, reject) => {
        tally("requests");
        open += 1;
        let over;
        const close = () => over || ((over = true), (open -= 1));
        signal.addEventListener("abort", () => (close(), reject(signal.reason)), { once: true });
        const done = (response) => (close(), resolve(response));
        const broken = (response, end) => {
          const bytes = new TextEncoder().encode(response);
          const half = bytes.subarray(0, whole(bytes.length));
          resolve(
            new Response(
              new ReadableStream({ start: (body) => (body.enqueue(half), end(body)), cancel: close }),
              { headers: { "content-type": "application/json" } },
            ),
          );
        };
        const [page, perPage] = ["page", "per_page"].map((name) =>
          Number(new URL(url).searchParams.get(name)),
        );
        const serve = () => {
          served = list.map(({ id }) => id);
          const text = JSON.stringify({
            runners: list.slice((page - 1) * perPage, page * perPage).map(({ created, ...fields }) => fields),
            total: list.length,
          });
          if (moves > 0 && random() < 0.2) ((moves -= 1), move());
          return text;
        };
        const json = (text) => new Response(text, { headers: { "content-type": "application/json" } });
        const faults = {
          500: () => done(refusal(500)),
          "503 with Retry-After": () => done(refusal(503, { "retry-after": String(whole(3)) })),
          "502 as HTML": () =>
            done(new Response("<html>", { status: 502, headers: { "content-type": "text/html" } })),
          "429 from elsewhere": () => done(refusal(429)),
          "429 with Retry-After": () => done(refusal(429, { "retry-after": String(whole(5)) })),
          "no answer": () => (close(), reject(new TypeError("fetch failed"))),
          "body cut": () => (close(), broken(serve(), (body) => body.error(new TypeError("terminated")))),
          "body too short": () => done(json(serve().slice(0, -1 - whole(20)))),
          "stall before the headers": () => {},
          "stall in the body": () => broken(serve(), () => {}),
        };
        late(1 + whole(60)).then(() => {
          if (over) return;
          if (random() >= faulty) {
            first ??= list.length;
            return done(json(serve()));
          }
          const [name, fail] = Object.entries(faults)[whole(10)];
          tally(name);
          fail();
        });
      });
    return { fetch, stayed, made, open: () => open, served: () => served, first: () => first };
  }

  /** One run: an enumeration in as many parts as it takes. */
  async function run(seed) {
    const random = numbers(seed);
    const whole = (limit) => Math.floor(random() * limit);
    const pick = (...all) => all[whole(all.length)];
    const size = pick(0, 1, 10, 40, 100, whole(120));
    const shape = { size, change: pick("still", "leave", "join", "both"), faulty: pick(0.05, 0.2, 0.4) };
    const api = flaky(random, shape);
    const client = new ComfyControl({
      fetch: api.fetch,
      baseUrl: `https://faults-${seed % 50}.example`,
      rateLimit: pick(false, undefined, { requests: 5, windowMs: 1000 }),
      maxRetries: pick(0, 2, 4),
    });
    const options = { perPage: pick(1, 7, 10, 10, 25), concurrency: pick(1, 2, 4, 8) };
    const found = [];
    let report;
    let checkpoint;
    let parts = 0;
    for (; report === undefined; parts += 1) {
      assert.ok(parts < 3000, "it never comes to an end");
      const controller = new AbortController();
      const { signal } = controller;
      const iterator = client.iterateManagedRunners({ ...options, resumeFrom: checkpoint, signal });
      const rows = random() < 0.3 ? whole(60) : Infinity;
      const how = pick("break", "abort");
      try {
        let taken = 0;
        let broken = false;
        if (random() < 0.2)
          for await (const page of iterator.pages()) found.push(...page.map(({ id }) => id));
        else {
          for await (const { id } of iterator) {
            found.push(id);
            if ((taken += 1) < rows) continue;
            tally(how);
            broken = how === "break";
            if (broken) break;
            controller.abort("enough");
          }
        }
        checkpoint = iterator.checkpoint;
        if (!broken) ({ report } = iterator);
      } catch (error) {
        if (error === "enough") checkpoint = iterator.checkpoint;
        else if (
          isComfyControlError(error) &&
          [
            "server_error",
            "connection_failed",
            "timeout",
            "invalid_response",
            "rate_limited",
            "list_changed",
          ].includes(error.code)
        ) {
          tally(error.code);
          checkpoint = error.checkpoint;
        } else throw error;
      }
      for (let turns = 0; turns < 50; turns += 1) await undefined;
      assert.equal(listeners(signal), 0, "an abort listener stayed");
      assert.equal(api.open(), 0, "a request stayed open");
      tally("parts");
    }
    assert.equal(new Set(found).size, found.length, "a runner came twice");
    const known = new Set(found);
    assert.deepEqual(
      [...api.stayed].filter((id) => !known.has(id)),
      [],
      "runners that were there all the time are missing",
    );
    assert.ok(found.every((id) => api.made.includes(id)));
    assert.equal(report.unique, found.length);
    // A resumed enumeration does not look for runners that joined before its position. Then its report says so.
    if (report.complete === false) assert.ok(parts > 1, JSON.stringify(report));
    assert.equal(report.totalStart, api.first());
    if (report.complete === true)
      for (const id of api.served()) assert.ok(known.has(id), "complete, but not so");
  }

  test("nothing is lost, nothing is repeated, nothing stays open", async () => {
    const { random } = Math;
    // The seed also decides the jitter.
    Math.random = numbers(FIRST);
    try {
      for (let seed = FIRST; seed < FIRST + RUNS; seed += 1) {
        try {
          await clock.until(run(seed));
        } catch (error) {
          throw new Error(`with seed ${seed}: ${error.message}`, { cause: error });
        }
        // Only the server's timers of late answers may remain.
        await clock.pass(100);
        assert.equal(clock.timers(), 0, `seed ${seed}: a timer stayed`);
      }
    } finally {
      Math.random = random;
    }
  });

  test("and everything that can happen did", (t) => {
    t.diagnostic(
      Object.entries(count)
        .map(([what, times]) => `${what}: ${times}`)
        .join(", "),
    );
    for (const what of [
      "500",
      "body cut",
      "429 from elsewhere",
      "stall in the body",
      "changes",
      "break",
      "abort",
      "server_error",
    ])
      assert.ok(count[what] > 50, what);
  });
});
