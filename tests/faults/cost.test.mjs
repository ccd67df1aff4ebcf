// The 10,000th call costs no more than the 100th. One test counts exactly how often JavaScript and the module call each
// other. Another one measures processor time, since the module might do more and more work inside one call: it compares
// a copy of the package that has made 10,000 calls, many of which failed, with a copy that has made a few hundred. They
// take turns in one process, so that other load affects both. Work that grows with the number of calls would take many
// times as long; two equal copies stay far below the limit.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { virtualClock } from "../package/support/clock.mjs";
import { answer, RUNNER } from "../package/support/memory.mjs";
import * as old from "../package/support/package.mjs";
import { collect } from "./support/collect.mjs";
import { crossings } from "./support/crossings.mjs";
import { storm } from "./support/storm.mjs";

const BATCH = 200;
const BOUND = 1.5;

suite("after 10,000 calls", () => {
  const clock = virtualClock();
  const young = old.secondCopy();
  const page = JSON.stringify({ runners: Array.from({ length: 10 }, () => RUNNER), total: 10 });
  const fetch = async () => answer(page);
  const client = ({ ComfyControl }) =>
    new ComfyControl({ fetch, baseUrl: "https://storm-1.example", token: "cfc_x" });

  /** Calls in threes, which leaves the window room. */
  async function calls(client, number) {
    for (let done = 0; done < number; done += 3) {
      await Promise.all([
        client.listManagedRunners({ page: 1 }),
        client.listManagedRunners({ page: 2 }),
        client.listManagedRunners({ page: 3 }),
      ]);
      await clock.pass(1_000);
    }
  }

  test("a call crosses into the module and back as often as the 100th did", async () => {
    const one = client(old);
    await calls(one, 99);
    const count = async () => {
      const before = crossings();
      await one.listManagedRunners();
      await clock.pass(10_000);
      return crossings() - before;
    };
    const hundredth = await count();
    await calls(one, 9_900);
    assert.ok(hundredth > 1);
    assert.equal(await count(), hundredth);
  });

  test("and takes as long", async (t) => {
    const { over } = storm({ clock, seed: 3, calls: 3_000, enumerations: 200 });
    await clock.until(over);
    await clock.pass(120_000);
    await collect();
    const both = [client(old), client(young)];
    for (const one of both) await calls(one, 600);
    const times = [[], []];
    for (let turn = 0; turn < 15; turn += 1) {
      for (const [index, one] of turn % 2 ? [...both.entries()].reverse() : both.entries()) {
        const before = process.cpuUsage();
        await calls(one, BATCH);
        const { user, system } = process.cpuUsage(before);
        times[index].push(user + system);
      }
    }
    const [aged, fresh] = times.map((all) => all.sort((a, b) => a - b)[all.length >> 1] / BATCH);
    t.diagnostic(`${aged.toFixed(1)} µs a call after more than 10,000, ${fresh.toFixed(1)} µs after 600`);
    assert.ok(aged <= fresh * BOUND, `${(aged / fresh).toFixed(2)} times as long`);
  });
});
