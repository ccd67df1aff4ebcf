// A thousand enumerations of changing lists, on a server that fails in every way and order. They are interrupted,
// aborted and resumed at any moment. A seed decides everything, so failures repeat. FAULT_SEED sets the first seed.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { virtualClock } from "./support/clock.mjs";
import { ComfyControl, isComfyControlError } from "./support/package.mjs";
import { numbers } from "./support/seeded.mjs";
import { createEmulator, ids } from "./support/testing.mjs";
import { listeners } from "./support/watch.mjs";

const RUNS = 1000;
const FIRST = Number(process.env.FAULT_SEED ?? 1);

suite(`${RUNS} seeded runs`, () => {
  const clock = virtualClock();
  const count = {};
  const tally = (what, by = 1) => void (count[what] = (count[what] ?? 0) + by);

  /** The server of one run: its list changes between answers, and it fails in any way. */
  function flaky(random, { baseUrl, size, change, faulty }) {
    const whole = (limit) => Math.floor(random() * limit);
    const at = (created) => ({ createdAt: new Date(1.6e12 + created).toISOString() });
    // Some share their moment of creation.
    let newest = 0;
    const runners = Array.from({ length: size }, () => at((newest += random() < 0.2 ? 0 : 1000))).reverse();
    const api = createEmulator({ baseUrl, runners, clock: "real" });
    const made = ids(api.runners);
    const stayed = new Set(made);
    const totals = new Set([size]);
    const leave = () => {
      const listed = api.runners;
      if (listed.length > 0) stayed.delete(api.remove(listed[whole(listed.length)].id).id);
    };
    const join = () => made.push(api.add(at((newest += 1000))).id);
    // Like a disabled runner, it comes back at its old position. It never shares a time of creation.
    const back = () => made.push(api.add(at(whole(newest / 1000) * 1000 + 1 + whole(999))).id);
    const ways = { leave: [leave], join: [join, back], both: [leave, join, back], still: [] }[change];
    const move = () => {
      tally("changes");
      for (let times = 1 + whole(4); times > 0; times -= 1) ways[whole(ways.length)]();
      // No client can notice a removal and an addition that cancel out.
      while (totals.has(api.runners.length)) (api.runners.length && random() < 0.5 ? leave : join)();
      totals.add(api.runners.length);
    };
    // The list as it was served last, where it has changed since.
    let served;
    let first;
    let moves = change === "still" ? 0 : whole(4);
    api.changeWhile({ every: 1 }, () => {
      served = undefined;
      if (moves === 0 || random() >= 0.2) return;
      served = ids(api.runners);
      moves -= 1;
      move();
    });

    const faults = {
      500: () => ({ status: 500 }),
      "503 with Retry-After": () => ({ status: 503, retryAfter: whole(3) }),
      "502 as HTML": () => ({ status: 502, html: true }),
      "429 from elsewhere": () => ({ status: 429 }),
      "429 with Retry-After": () => ({ status: 429, retryAfter: whole(5) }),
      "no answer": () => ({ cut: "before-headers" }),
      "body cut": () => ({ cut: whole(300) }),
      "body too short": () => ({ truncate: "mid-body" }),
      "stall before the headers": () => ({ stall: "before-headers" }),
      "stall in the body": () => ({ stall: "mid-body" }),
    };
    const fetch = (url, init) => {
      tally("requests");
      const [name, fault] = random() < faulty ? Object.entries(faults)[whole(10)] : [];
      if (name) tally(name);
      else first ??= api.runners.length;
      api.failNext({ latency: 1 + whole(60), ...fault?.() });
      return api.fetch(url, init);
    };
    const open = async () => (await (await api.fetch("/__control/state")).json()).stats.inFlight;
    return {
      options: { ...api.clientOptions, fetch },
      stayed,
      made,
      open,
      served: () => served ?? ids(api.runners),
      first: () => first,
    };
  }

  /** One run: an enumeration in as many parts as it takes. */
  async function run(seed) {
    const random = numbers(seed);
    const whole = (limit) => Math.floor(random() * limit);
    const pick = (...all) => all[whole(all.length)];
    const size = pick(0, 1, 10, 40, 100, whole(120));
    const baseUrl = `https://faults-${seed % 50}.example`;
    const change = pick("still", "leave", "join", "both");
    const api = flaky(random, { baseUrl, size, change, faulty: pick(0.05, 0.2, 0.4) });
    const client = new ComfyControl({
      ...api.options,
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
      const rows = random() < 0.5 ? whole(40) : Infinity;
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
      assert.equal(await api.open(), 0, "a request stayed open");
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
