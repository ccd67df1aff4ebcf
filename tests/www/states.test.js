// All failures, each with its own state. The last good list stays on screen.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import {
  bodyRows,
  connect,
  hasText,
  openPage,
  pagerAt,
  poll,
  reports,
  startChromium,
  startEmulator,
  statusAge,
  statusDetail,
  statusTitle,
} from "./harness.js";

let emulator, browser, page;

before(async () => {
  [emulator, browser] = await Promise.all([startEmulator("--no-limit"), startChromium()]);
});
after(() => Promise.all([emulator?.stop(), browser?.close()]));
beforeEach(() => emulator.control("POST", "reset", {}));
afterEach(async () => {
  await page?.context().close();
  assert.deepEqual(page?.complaints, [], "a clean console");
});

async function open({ expected, clock = false } = {}) {
  page = await openPage(browser, { expected });
  if (clock) await page.clock.install();
  await connect(page, emulator.url);
  await hasText(statusTitle(page), "Up to date");
}

const reload = () => page.getByRole("button", { name: "Reload" }).click();
const settings = (body) => emulator.control("PATCH", "settings", body);

async function listIsStillThere() {
  assert.equal(await bodyRows(page).count(), 50);
  await hasText(statusAge(page), /^The list is from .*(just now|ago)\.$/);
}

test("403 says which tiers have managed runners", async () => {
  await open({ expected: reports(403) });
  await settings({ tier: "free" });
  await reload();
  await hasText(statusTitle(page), "This account has no managed runners");
  await hasText(statusDetail(page), /require Pro or Plus tier.*Plus, Pro and Enterprise/);
  await listIsStillThere();
});

test("401 asks for the token again, and goes on with it", async () => {
  await open({ expected: reports(401) });
  await settings({ token: "cfc_new", expiredToken: "cfc_demo" });
  await page.getByRole("link", { name: "Next page" }).click();
  const dialog = page.getByRole("dialog", { name: "Enter a token" });
  await hasText(dialog.locator("p").first(), /Token has expired/);
  await listIsStillThere();
  await dialog.getByRole("button", { name: "Not now" }).click();
  await hasText(statusTitle(page), "The token was refused");
  await page.getByRole("button", { name: "Enter a token" }).click();
  await dialog.getByLabel("Token").fill("cfc_new");
  await page.keyboard.press("Enter");
  await hasText(statusTitle(page), "Up to date");
  await hasText(page.locator("#rows-summary"), "51–100 of 250 runners");
});

test("429 counts down, then tries again by itself", async () => {
  await open({ expected: reports(429), clock: true });
  // Longer than the client waits by itself.
  await emulator.control("POST", "cooldown", { ms: 90_000 });
  await settings({ retryAfter: "seconds" });
  await reload();
  await hasText(statusTitle(page), "Too many requests from this address");
  await hasText(statusDetail(page), /Trying again in (90|89|88) s\./);
  await page.clock.fastForward(30_000);
  await hasText(statusDetail(page), /Trying again in (60|59|58|57) s\./);
  await listIsStillThere();
  await emulator.control("POST", "cooldown", { ms: 0 });
  await page.clock.fastForward(61_000);
  await hasText(statusTitle(page), "Up to date");
});

test("a cooldown that the client waits out is shown while it lasts", async () => {
  await open({ expected: reports(429), clock: true });
  await settings({ retryAfter: "seconds" });
  await emulator.control("POST", "cooldown", { ms: 20_000 });
  await reload();
  await hasText(statusDetail(page), /Continuing in (20|19|18) s\./);
  await hasText(page.locator("#budget [data-part=label]"), "Cooldown");
  await hasText(page.locator("#budget .budget-number"), /^\d+ s$/);
  await emulator.control("POST", "cooldown", { ms: 0 });
  await page.clock.fastForward(21_000);
  await hasText(statusTitle(page), "Up to date");
  await hasText(page.locator("#budget .budget-number"), /^\d+ of 40$/);
});

test("503 is the server's problem, and can be tried again", async () => {
  await open({ expected: reports(503) });
  await emulator.control("POST", "faults", { status: 503, message: "down for maintenance", times: 3 });
  await reload();
  await hasText(statusTitle(page), "The server has a problem");
  await hasText(statusDetail(page), /answered 503: down for maintenance\./);
  await listIsStillThere();
  await page.getByRole("button", { name: "Try again" }).click();
  await hasText(statusTitle(page), "Up to date");
});

test("a pause that a 503 asks for is kept, and ends by itself", async () => {
  await open({ expected: reports(503), clock: true });
  await emulator.control("POST", "faults", { status: 503, retryAfter: 90 });
  await reload();
  await hasText(statusTitle(page), "The server has a problem");
  await page.getByRole("button", { name: "Try again" }).click();
  await hasText(statusTitle(page), "The server asked for a pause");
  await hasText(statusDetail(page), /Trying again in (90|89|88) s\./);
  await page.clock.fastForward(91_000);
  await hasText(statusTitle(page), "Up to date");
});

test("a broken answer is told from an empty list", async () => {
  await open();
  await emulator.control("POST", "faults", { html: true });
  await reload();
  await hasText(statusTitle(page), "The answer could not be read");
  await listIsStillThere();
  await emulator.control("POST", "faults", { body: '{"runners":[{"id":7}],"total":1}' });
  await page.getByRole("button", { name: "Try again" }).click();
  await hasText(statusDetail(page), /runners\[0\]/);
  await listIsStillThere();
});

test("no answer says what to check", async () => {
  await open({ expected: /ERR_/ });
  // A browser itself retries a request when a kept connection breaks.
  await emulator.control("POST", "faults", { cut: "before-headers", times: 50 });
  await reload();
  await hasText(statusTitle(page), /No answer from 127\.0\.0\.1/);
  await hasText(statusDetail(page), /same-origin proxy/);
  await listIsStillThere();
});

test("offline says so, and reads the list again when the network is back", async () => {
  await open({ expected: /ERR_INTERNET_DISCONNECTED/ });
  await page.context().setOffline(true);
  await hasText(statusTitle(page), "You are offline");
  await listIsStillThere();
  const before = (await emulator.control("GET", "state")).stats.listReads;
  await page.context().setOffline(false);
  await hasText(statusTitle(page), "Up to date");
  await poll(async () => (await emulator.control("GET", "state")).stats.listReads > before);
});

test("a failed page leaves the last good one, and its age grows", async () => {
  await open({ expected: reports(503), clock: true });
  await emulator.control("POST", "faults", { status: 503, retryAfter: 90, page: 2 });
  await page.getByRole("link", { name: "Next page" }).click();
  await hasText(statusTitle(page), "The server has a problem");
  await page.clock.fastForward(180_000);
  await hasText(statusAge(page), "The list is from 3 min ago.");
  await hasText(page.locator("#rows-summary"), "1–50 of 250 runners");
  await hasText(pagerAt(page), "Page 2 of 5");
  await page.getByRole("button", { name: "Try again" }).click();
  await hasText(page.locator("#rows-summary"), "51–100 of 250 runners");
});

test("the first load can fail, too, and be tried again from the form", async () => {
  page = await openPage(browser, { expected: reports(503) });
  await emulator.control("POST", "faults", { status: 503, times: 3 });
  await connect(page, emulator.url);
  await hasText(page.locator(".connect-problem"), /The server has a problem/);
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await hasText(statusTitle(page), "Up to date");
});

test("the budget goes down with each request", async () => {
  await open();
  const free = async () => Number((await page.locator(".budget-number").textContent()).split(" ")[0]);
  const before = await free();
  await reload();
  await poll(async () => (await free()) < before);
  assert.equal(await page.getByRole("meter").getAttribute("aria-valuemax"), "40");
});

test("problems are announced once, not at each second of a countdown", async () => {
  await open({ expected: reports(429), clock: true });
  await page.evaluate(() => {
    window.announced = [];
    const announcer = document.getElementById("announcer");
    new MutationObserver(() => window.announced.push(announcer.textContent)).observe(announcer, {
      childList: true,
      characterData: true,
      subtree: true,
    });
  });
  await emulator.control("POST", "cooldown", { ms: 90_000 });
  await settings({ retryAfter: "seconds" });
  await reload();
  await hasText(statusDetail(page), /Trying again in/);
  await page.clock.runFor(20_000);
  assert.deepEqual(await page.evaluate(() => window.announced), ["Too many requests from this address."]);
});
