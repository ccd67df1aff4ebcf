// `tabsLedger` in real Chromium. Each tab is a separate process, and the emulator counts the requests.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, suite, test } from "node:test";

import { ledgerConformance } from "../../js/testing/ledger-conformance.js";
import { poll, startChromium, startEmulator } from "../www/harness.js";
import { hold, hurry, ledgerStates, openTab, release } from "./support/pages.mjs";

let emulator, browser, context;
before(async () => {
  [emulator, browser] = await Promise.all([startEmulator(), startChromium()]);
});
after(() => Promise.all([emulator?.stop(), browser?.close()]));
beforeEach(async () => {
  await emulator.control("POST", "reset", {});
  context = await browser.newContext();
});
afterEach(() => context.close());

/** Sets the server's limit, and returns the client options for it. */
async function limit(requests, windowMs) {
  await emulator.control("PATCH", "settings", { limit: { requests, windowMs } });
  return { requests, windowMs };
}
const stats = async () => (await emulator.control("GET", "state")).stats;
const openTabs = (count, script) =>
  Promise.all(Array.from({ length: count }, () => openTab(context, emulator.url, script)));
const work = (page, options) => page.evaluate((options) => window.work(options), options);
const allSucceed = (ended, calls) => assert.deepEqual(ended, { succeeded: calls, codes: [] });

/** Asserts that no request got a 429, and that no window of the server held more requests than allowed. */
async function assertWithin({ requests }) {
  const { refused, maxStartsInWindow } = await stats();
  assert.equal(refused, 0);
  assert.ok(maxStartsInWindow <= requests, `${maxStartsInWindow} in one window`);
}

test("passes the conformance suite", async (t) => {
  const page = await openTab(context, emulator.url);
  for (const { name } of ledgerConformance()) {
    const run = async (name) => {
      const [{ tabsLedger }, { ledgerConformance }] = await Promise.all([
        import("/pkg/tabs.js"),
        import("/pkg/testing.js"),
      ]);
      const { run } = ledgerConformance({ windowMs: 250 }).find((each) => each.name === name);
      await run(async () => {
        const ledger = tabsLedger();
        // A busy computer opens the storage slowly. Until then, every turn says to ask again.
        await ledger.abandon("any", "id");
        return ledger;
      });
    };
    await t.test(name, () => page.evaluate(run, name));
  }
});

test("five tabs share the limit: all calls succeed without a 429, in little more than the shortest possible time", async () => {
  const pace = await limit(20, 500);
  const tabs = await openTabs(5);
  const started = performance.now();
  for (const ended of await Promise.all(tabs.map((page) => work(page, { calls: 40, ...pace }))))
    allSucceed(ended, 40);
  const time = performance.now() - started;
  await assertWithin(pace);
  for (const page of tabs) assert.deepEqual(await ledgerStates(page), [], "the ledger always answered");
  // 200 calls, 20 per window.
  const least = (200 / 20 - 1) * 500;
  assert.ok(time < 2 * least, `${Math.round(time)} ms, where the limit allows ${least}`);
});

test("the slots of a closed tab come free", async () => {
  const pace = await limit(4, 500);
  const [closing, staying] = await openTabs(2);
  await emulator.control("POST", "faults", { stall: "before-headers", times: 4 });
  // Takes all slots, and further calls wait.
  closing.evaluate((options) => void window.work(options), { calls: 12, timeout: 1_000, ...pace });
  await poll(async () => (await stats()).inFlight === 4);
  const waiting = work(staying, { calls: 8, timeout: 1_000, ...pace });
  await closing.close();
  allSucceed(await waiting, 8);
  await assertWithin(pace);
});

test("a 429 in one tab pauses all tabs", async () => {
  const pace = await limit(20, 500);
  const [one, other] = await openTabs(2);
  allSucceed(await work(other, { calls: 1, ...pace }), 1);
  await emulator.control("POST", "faults", { cooldown: 1_500, retryAfter: 2 });
  const first = work(one, { calls: 1, maxRetries: 1, ...pace });
  await poll(async () => (await stats()).faults === 1);
  await poll(() => one.evaluate(() => window.events.some(({ type }) => type === "cooldown")));
  allSucceed(await work(other, { calls: 3, ...pace }), 3);
  allSucceed(await first, 1);
  assert.equal((await stats()).refused, 0, "nobody asked in the cooldown");
  const waits = await other.evaluate(() => window.events.filter(({ type }) => type === "wait"));
  assert.equal(waits[0].reason, "cooldown");
});

test("if a tab blocks the storage briefly, the others wait", async () => {
  const pace = await limit(8, 500);
  const [holding, other] = await openTabs(2);
  allSucceed(await work(other, { calls: 1, ...pace }), 1);
  await hold(holding);
  const working = work(other, { calls: 2, ...pace });
  await poll(() => other.evaluate(() => window.events.some(({ type }) => type === "wait")));
  assert.equal((await stats()).requests, 1);
  await release(holding);
  allSucceed(await working, 2);
  assert.deepEqual(await ledgerStates(other), []);
});

test("if a tab blocks the storage for long, the others keep to their shares until it is free", async () => {
  await limit(8, 500);
  const pace = { requests: 8, windowMs: 2_500 };
  const tabs = await openTabs(3, hurry);
  for (const page of tabs) allSucceed(await work(page, { calls: 1, ...pace }), 1);
  const [holding, ...others] = tabs;
  await hold(holding);
  const working = Promise.all(others.map((page) => work(page, { calls: 8, ...pace })));
  for (const page of others)
    await poll(async () => (await ledgerStates(page))[0] === "lost", undefined, 20_000);
  await poll(async () => (await stats()).requests > 6);
  await release(holding);
  for (const ended of await working) allSucceed(ended, 8);
  await assertWithin(pace);
});

test("a new tab whose clock is an hour behind frees no slot", async () => {
  const pace = await limit(10, 500);
  const tabs = await openTabs(2);
  const working = tabs.map((page) => work(page, { calls: 20, ...pace }));
  await poll(async () => (await stats()).requests >= 10);
  const later = await openTab(context, emulator.url, () => {
    const { now } = Date;
    Date.now = () => now() - 3_600_000;
  });
  for (const ended of await Promise.all([...working, work(later, { calls: 20, ...pace })]))
    allSucceed(ended, 20);
  await assertWithin(pace);
});

test("setting the clock forward and back by an hour while tabs work frees no slot", async () => {
  const pace = await limit(10, 500);
  const tabs = await openTabs(3, () => {
    const { now } = Date;
    // Moves the clock every 300 ms.
    Date.now = () => now() + (window.isSetting ? 3_600_000 * (Math.floor(now() / 300) % 3) : 0);
  });
  for (const page of tabs) allSucceed(await work(page, { calls: 1, ...pace }), 1);
  for (const page of tabs) await page.evaluate(() => (window.isSetting = true));
  const all = await Promise.all(tabs.map((page) => work(page, { calls: 20, ...pace })));
  for (const ended of all) allSucceed(ended, 20);
  await assertWithin(pace);
});

suite("where a page can store nothing", () => {
  const noStorage = () => {
    Object.defineProperty(window, "indexedDB", { value: undefined });
  };

  test("each tab keeps to its share of the limit", async () => {
    const pace = await limit(12, 500);
    const tabs = await openTabs(3, noStorage);
    const ended = await Promise.all(tabs.map((page) => work(page, { calls: 12, ...pace })));
    for (const each of ended) allSucceed(each, 12);
    await assertWithin(pace);
    for (const page of tabs) assert.deepEqual(await ledgerStates(page), []);
  });

  test("a tab whose page may not use the storage keeps to its share", async () => {
    const pace = await limit(12, 500);
    const [page] = await openTabs(1, () => {
      IDBFactory.prototype.open = () => {
        throw new DOMException("Access is denied for this document.", "SecurityError");
      };
    });
    allSucceed(await work(page, { calls: 12, ...pace }), 12);
    assert.deepEqual(await ledgerStates(page), []);
  });

  test("a new tab waits until the others know of it", async () => {
    const pace = await limit(12, 500);
    const [first] = await openTabs(1, noStorage);
    const working = work(first, { calls: 48, ...pace });
    await poll(async () => (await stats()).requests > 12);
    const [second] = await openTabs(1, noStorage);
    allSucceed(await work(second, { calls: 12, ...pace }), 12);
    allSucceed(await working, 48);
    await assertWithin(pace);
  });

  test("a cooldown reaches the other tabs", async () => {
    const pace = await limit(12, 500);
    const [one, other] = await openTabs(2, noStorage);
    allSucceed(await work(other, { calls: 1, ...pace }), 1);
    await emulator.control("POST", "faults", { cooldown: 1_500, retryAfter: 2 });
    const first = work(one, { calls: 1, maxRetries: 1, ...pace });
    await poll(() => one.evaluate(() => window.events.some(({ type }) => type === "cooldown")));
    allSucceed(await work(other, { calls: 2, ...pace }), 2);
    allSucceed(await first, 1);
    assert.equal((await stats()).refused, 0);
  });

  test("without a BroadcastChannel, the client keeps to its default share", async () => {
    const pace = await limit(16, 300);
    const [page] = await openTabs(1, () => {
      Object.defineProperty(window, "indexedDB", { value: undefined });
      Object.defineProperty(window, "BroadcastChannel", { value: undefined });
    });
    page.evaluate((options) => void window.work(options), { calls: 4, ...pace });
    await poll(async () => (await ledgerStates(page)).length > 0);
    const event = await page.evaluate(() => window.events.find(({ type }) => type === "ledger"));
    assert.equal(event.state, "lost");
    assert.equal(event.requests, 2, "an eighth");
  });
});

test("if a script clears the storage, all tabs pause for one window", async () => {
  const pace = await limit(10, 2_000);
  const [one, other] = await openTabs(2);
  allSucceed(await work(one, { calls: 1, ...pace }), 1);
  allSucceed(await work(other, { calls: 9, ...pace }), 9);
  await one.evaluate(
    () =>
      new Promise((resolve) => {
        indexedDB.deleteDatabase("comfycontrol-runners/default").onsuccess = resolve;
      }),
  );
  const all = await Promise.all([one, other].map((page) => work(page, { calls: 5, ...pace })));
  for (const ended of all) allSucceed(ended, 5);
  await assertWithin(pace);
  for (const page of [one, other]) assert.deepEqual(await ledgerStates(page), []);
});

test("a tab that cannot open the storage once asks again", async () => {
  const pace = await limit(10, 300);
  const [page] = await openTabs(1, () => {
    const { open } = IDBFactory.prototype;
    let opened = 0;
    IDBFactory.prototype.open = function (...args) {
      if ((opened += 1) > 1) return open.apply(this, args);
      throw new DOMException("Internal error opening backing store.", "UnknownError");
    };
  });
  allSucceed(await work(page, { calls: 1, ...pace }), 1);
  assert.deepEqual(await ledgerStates(page), ["lost", "back"]);
  allSucceed(await work(page, { calls: 2, ...pace }), 2);
  const databases = await page.evaluate(() => indexedDB.databases());
  assert.deepEqual(
    databases.map(({ name }) => name),
    ["comfycontrol-runners/default"],
  );
});

test("pages with different names do not share a limit", async () => {
  const pace = await limit(2, 5_000);
  const [one, other] = await openTabs(2);
  await emulator.control("PATCH", "settings", { limit: null });
  allSucceed(await work(one, { calls: 2, ledger: { name: "one" }, ...pace }), 2);
  const started = performance.now();
  allSucceed(await work(other, { calls: 2, ledger: { name: "other" }, ...pace }), 2);
  assert.ok(performance.now() - started < 4_000);
});
