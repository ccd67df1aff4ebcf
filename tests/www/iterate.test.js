// Enumerating and watching with the package itself in a real page, without a bundler, and with the emulator on another
// origin.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { openPage, poll, reports, startChromium, startEmulator } from "./harness.js";

let emulator, browser, page;

before(async () => {
  [emulator, browser] = await Promise.all([startEmulator("--no-limit", "--runners", "250"), startChromium()]);
});
after(() => Promise.all([emulator?.stop(), browser?.close()]));
beforeEach(async () => {
  await emulator.control("POST", "reset", {});
  page = await openPage(browser, { expected: reports(500) });
});
async function open() {
  await page.goto(`${emulator.url}/`);
  // Evaluated functions see only their arguments.
  await page.evaluate(async () => {
    const { ComfyControl } = await import("/pkg/index.js");
    window.client = new ComfyControl({ token: "cfc_demo", baseUrl: location.origin, rateLimit: false });
    window.ids = async (options) => {
      const found = [];
      for await (const { id } of window.client.iterateManagedRunners(options)) found.push(id);
      return found;
    };
  });
}
afterEach(async () => {
  await page?.context().close();
  assert.deepEqual(page?.complaints, [], "a clean console");
});

const stats = async () => (await emulator.control("GET", "state")).stats;
const listed = async () =>
  (await emulator.control("GET", "runners"))
    .filter(({ status }) => status !== "disabled")
    .map(({ id }) => id);

describe("in Chromium", () => {
  test("every runner once and in order; five full pages are five requests", async () => {
    await open();
    await emulator.control("DELETE", "log");
    assert.deepEqual(await page.evaluate(() => window.ids({ perPage: 50 })), await listed());
    assert.equal((await stats()).requests, 5);
  });

  test("runners that leave and join meanwhile: those that stay come once; a 500 and a cut body change nothing", async () => {
    await open();
    const before = await listed();
    await emulator.control("POST", "schedule", [
      { after: 3, changes: { remove: [0, 1, 2, 3, 4] } },
      { after: 6, changes: { add: 3 } },
    ]);
    await emulator.control("POST", "faults", [
      { page: 4, status: 500 },
      { page: 6, cut: "mid-body" },
    ]);
    const found = await page.evaluate(() => window.ids({ perPage: 25 }));
    assert.equal(new Set(found).size, found.length);
    const now = await listed();
    assert.deepEqual(
      before.filter((id) => now.includes(id) && !found.includes(id)),
      [],
    );
    // The browser's own console error for a body that breaks off.
    page.complaints = page.complaints.filter(
      (text) => !/ERR_(CONTENT_LENGTH|INCOMPLETE|CONNECTION)/.test(text),
    );
  });

  test("break and abort cancel what is under way", async () => {
    await open();
    for (const way of ["break", "abort"]) {
      await emulator.control("DELETE", "log");
      await emulator.control(
        "POST",
        "faults",
        [2, 3, 4, 5].map((number) => ({ page: number, stall: "before-headers" })),
      );
      await page.evaluate(() => {
        window.controller = new AbortController();
        window.iterator = window.client.iterateManagedRunners({
          perPage: 50,
          signal: window.controller.signal,
        });
        return window.iterator.next().then(({ value }) => value);
      });
      await poll(async () => (await stats()).inFlight === 4);
      const end = await page.evaluate(async (how) => {
        if (how === "break") return (await window.iterator.return()).done;
        window.controller.abort("enough");
        return window.iterator.next().catch((reason) => reason);
      }, way);
      assert.equal(end, way === "break" ? true : "enough");
      await poll(async () => (await stats()).inFlight === 0);
      assert.equal((await stats()).aborted, 4);
    }
  });

  test("a checkpoint of the page goes on in another page", async () => {
    await open();
    const [found, checkpoint] = await page.evaluate(async () => {
      const ids = [];
      const iterator = window.client.iterateManagedRunners({ perPage: 50 });
      for await (const { id } of iterator) if (ids.push(id) === 70) break;
      return [ids, iterator.checkpoint];
    });
    await page.reload();
    const rest = await page.evaluate(async (resumeFrom) => {
      const { ComfyControl } = await import("/pkg/index.js");
      const client = new ComfyControl({ token: "cfc_demo", baseUrl: location.origin, rateLimit: false });
      return (await client.collectManagedRunners({ perPage: 50, resumeFrom })).runners.map(({ id }) => id);
    }, checkpoint);
    assert.deepEqual([...found, ...rest], await listed());
  });

  test("a watch tells changes, waits while the page is hidden, and keeps objects", async () => {
    await page.clock.install();
    await open();
    await page.evaluate(() => {
      window.hide = (hidden) => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      };
      window.items = [];
      window.watch = window.client.watchManagedRunners({ interval: 1000 });
      window.over = (async () => {
        for await (const item of window.watch) window.items.push(item);
      })();
    });
    const items = () =>
      page.evaluate(() =>
        window.items.map(({ runners, added, removed, changed }) => [
          runners.length,
          added.length,
          removed.length,
          changed.map(({ fields }) => fields.join()),
        ]),
      );
    await poll(async () => (await items()).length === 1);
    assert.deepEqual(await items(), [[250, 0, 0, []]]);
    await page.evaluate(() => window.hide(true));
    await emulator.control("POST", "runners", {
      remove: [0],
      add: 2,
      change: [{ runner: 5, set: { name: "renamed" } }],
    });
    await emulator.control("DELETE", "log");
    await page.clock.runFor(60_000);
    assert.equal((await stats()).requests, 0);
    await page.evaluate(() => window.hide(false));
    await poll(async () => (await items()).length === 2);
    const [, [length, added, removed, [fields]]] = await items();
    assert.deepEqual([length, added, removed], [251, 2, 1]);
    assert.match(fields, /^name/);
    const same = await page.evaluate(() => {
      const [first, second] = window.items;
      const known = new Set(first.runners);
      return second.runners.filter((runner) => known.has(runner)).length;
    });
    assert.equal(same, 248);
    assert.equal(
      await page.evaluate(async () => (await window.watch.return(), await window.over)),
      undefined,
    );
    assert.equal((await stats()).maxInFlight, 1);
  });
});
