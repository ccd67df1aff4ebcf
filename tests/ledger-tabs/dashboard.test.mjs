// Five tabs of the dashboard watch 4,000 runners: 200 requests where the limit is 40. The windows are a tenth of the
// documented ones.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { connect, poll, startChromium, startEmulator, statusTitle } from "../www/harness.js";

const WINDOW = 1_000;
const RUNNERS = 4_000;

let emulator, browser;
before(async () => {
  const limit = ["--limit", "40", "--window-ms", String(WINDOW)];
  [emulator, browser] = await Promise.all([
    startEmulator("--runners", String(RUNNERS), ...limit),
    startChromium(),
  ]);
});
after(() => Promise.all([emulator?.stop(), browser?.close()]));

test("five tabs watch the whole list without a 429, and the slots of a closed tab come free", async () => {
  const context = await browser.newContext();
  await context.route("**/config.js", async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace("windowMs: 10_000", `windowMs: ${WINDOW}`);
    await route.fulfill({ response, body });
  });
  const stats = async () => (await emulator.control("GET", "state")).stats;
  const watch = async (page) => {
    await connect(page, emulator.url);
    await page.getByRole("switch", { name: "Watch" }).click();
  };
  /** Long enough for a busy computer. */
  const isComplete = (page) =>
    poll(async () => (await statusTitle(page).textContent()) === "Watching", undefined, 60_000);
  const pages = await Promise.all(Array.from({ length: 5 }, () => context.newPage()));

  await Promise.all(pages.map(watch));
  // Closes one tab in the middle of its list, with requests under way.
  await poll(async () => (await stats()).requests > 60);
  await pages.pop().close();
  await Promise.all(pages.map(isComplete));
  for (const page of pages) assert.equal(await page.locator(".charts-total").textContent(), "4,000");

  const { requests, refused, maxStartsInWindow } = await stats();
  assert.ok(requests >= 4 * (RUNNERS / 100), `${requests} requests`);
  assert.equal(refused, 0);
  assert.ok(maxStartsInWindow <= 40, `${maxStartsInWindow} in one window`);

  // Once its slots are free, the whole limit is available: a new tab reads the list within two windows.
  const later = await context.newPage();
  await watch(later);
  await isComplete(later);
  assert.equal((await stats()).refused, 0);
  await context.close();
});
