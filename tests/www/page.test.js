// The page in Chromium, against the emulator: connecting, and the list a page at a time.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { bodyRows, connect, hasText, openPage, pagerAt, reports, startChromium, startEmulator, statusTitle } from "./harness.js";

describe("the page", () => {
  let emulator, browser, page;

  before(async () => {
    [emulator, browser] = await Promise.all([startEmulator("--no-limit"), startChromium()]);
  });
  after(() => Promise.all([emulator?.stop(), browser?.close()]));
  beforeEach(() => emulator.control("POST", "reset", {}));
  afterEach(() => page?.context().close());

  test("shows the first page of runners and the total", async () => {
    page = await openPage(browser);
    await connect(page, emulator.url);
    await hasText(statusTitle(page), "Up to date");
    assert.equal(await bodyRows(page).count(), 50);
    await hasText(page.locator(".charts-total"), "250");
    await hasText(pagerAt(page), "Page 1 of 5");
    await hasText(page.locator("#rows-summary"), "1–50 of 250 runners");
    assert.deepEqual(page.complaints, []);
  });

  test("stays with the form when the token is refused, and says why", async () => {
    page = await openPage(browser, { expected: reports(401) });
    await connect(page, emulator.url, { token: "cfc_wrong" });
    await hasText(page.locator(".connect-problem"), /The token was refused.*Invalid token/);
    assert.equal(await page.getByRole("textbox", { name: "Token" }).getAttribute("aria-invalid"), "true");
    await page.getByRole("textbox", { name: "Token" }).fill("cfc_demo");
    await page.keyboard.press("Enter");
    await hasText(statusTitle(page), "Up to date");
    assert.deepEqual(page.complaints, []);
  });
});
