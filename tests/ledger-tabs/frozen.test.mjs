// A tab that the browser freezes, as it does with hidden ones to save power. Playwright keeps pages visible, and a
// visible page is never frozen, so this drives Chromium with puppeteer.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { CHROMIUM_ARGUMENTS, poll, startEmulator } from "../www/harness.js";
import { hold, hurry, ledgerStates, prepare, release } from "./support/pages.mjs";

const { default: puppeteer } = await import(
  createRequire(new URL("../www/", import.meta.url)).resolve("puppeteer-core")
);
const PACE = { requests: 10, windowMs: 500 };

let emulator, browser;
before(async () => {
  browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: CHROMIUM_ARGUMENTS,
  });
});
after(() => browser?.close());
// The tests' clocks differ, so each needs a storage and a server of its own. The port makes it another origin.
beforeEach(async () => {
  const limit = ["--limit", String(PACE.requests), "--window-ms", String(PACE.windowMs)];
  emulator = await startEmulator(...limit);
});
afterEach(() => emulator?.stop());

async function openTab(script) {
  const page = await browser.newPage();
  if (script) await page.evaluateOnNewDocument(script);
  await page.evaluateOnNewDocument(prepare);
  await page.goto(`${emulator.url}/pkg/tabs.js`);
  return page;
}
// If a request is under way when its tab freezes, it times out when the tab wakes, and is retried.
const work = (page, calls, pace = PACE) =>
  page.evaluate((options) => window.work(options), { calls, maxRetries: 2, ...pace });
const stats = async () => (await emulator.control("GET", "state")).stats;
const freeze = async (page) => {
  await page.evaluate(() => {
    window.seen = [];
    for (const type of ["freeze", "resume"]) document.addEventListener(type, () => window.seen.push(type));
  });
  const session = await page.createCDPSession();
  await session.send("Page.setWebLifecycleState", { state: "frozen" });
  return async () => {
    await session.send("Page.setWebLifecycleState", { state: "active" });
    assert.deepEqual(await page.evaluate(() => window.seen), ["freeze", "resume"]);
  };
};
async function assertWithin({ requests }) {
  const { refused, maxStartsInWindow } = await stats();
  assert.equal(refused, 0);
  assert.ok(maxStartsInWindow <= requests, `${maxStartsInWindow} in one window`);
}

test("a frozen tab delays the others only briefly, and causes no 429 when it wakes", async () => {
  const freezing = await openTab();
  const frozen = work(freezing, 40);
  await poll(async () => (await stats()).requests > 10);
  // By then the first tab is hidden.
  const other = await openTab();
  const working = work(other, 30);
  await poll(async () => (await stats()).requests > 20);

  const wake = await freeze(freezing);
  assert.deepEqual(await working, { succeeded: 30, codes: [] });
  assert.ok((await stats()).requests < 70, "it made no request meanwhile");

  await wake();
  assert.deepEqual(await frozen, { succeeded: 40, codes: [] });
  await assertWithin(PACE);
});

test("a tab that was frozen in the middle of a change waits for the others when it wakes", async () => {
  const pace = { requests: PACE.requests, windowMs: 5 * PACE.windowMs };
  const freezing = await openTab(hurry);
  const other = await openTab(hurry);
  for (const page of [freezing, other]) await work(page, 1, pace);
  await hold(freezing);
  const frozen = work(freezing, 20, pace);
  // All of them wait for the storage. Otherwise the tab would ask for the first time after it wakes.
  await poll(() => freezing.evaluate(() => window.client.rateLimit.queued === 20));
  const wake = await freeze(freezing);

  const working = work(other, 30, pace);
  await poll(async () => (await ledgerStates(other))[0] === "lost", undefined, 20_000);
  const { requests } = await stats();
  await poll(async () => (await stats()).requests > requests + 3, undefined, 20_000);

  await release(freezing);
  await wake();
  assert.deepEqual(await frozen, { succeeded: 20, codes: [] });
  assert.deepEqual(await working, { succeeded: 30, codes: [] });
  await assertWithin(pace);
});
