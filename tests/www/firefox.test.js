// The main paths in a stock Firefox.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, test } from "node:test";

import puppeteer from "puppeteer-core";

import { poll, startEmulator } from "./harness.js";

const FIREFOX = process.env.FIREFOX ?? "/usr/bin/firefox-esr";
const missing =
  !existsSync(FIREFOX) &&
  `there is no ${FIREFOX}: install it with \`apt-get install firefox-esr\`, or name it in FIREFOX`;
// If FIREFOX is set, a missing program is a failure.
if (missing && process.env.FIREFOX) throw new Error(missing);

describe("in Firefox", { skip: missing }, () => {
  let emulator, browser, page, complaints;

  before(async () => {
    [emulator, browser] = await Promise.all([
      startEmulator("--no-limit"),
      puppeteer.launch({
        browser: "firefox",
        executablePath: FIREFOX,
        headless: true,
        extraPrefsFirefox: {
          "app.update.enabled": false,
          "datareporting.policy.dataSubmissionEnabled": false,
        },
      }),
    ]);
    page = await browser.newPage();
    await page.setViewport({ width: 1280, height: 900 });
    complaints = [];
    page.on(
      "console",
      (message) => ["error", "warn"].includes(message.type()) && complaints.push(message.text()),
    );
    page.on("pageerror", (error) => complaints.push(String(error)));
  });
  after(() => Promise.all([emulator?.stop(), browser?.close()]));

  const text = (selector) => page.$eval(selector, (element) => element.textContent);
  const shows = (selector, expected) =>
    poll(
      async () => expected.test(await text(selector)),
      async () => `${selector}: expected ${expected}, found “${await text(selector)}”`,
    );

  test("connects, turns pages, filters and sorts", async () => {
    await page.goto(`${emulator.url}/?perPage=25`);
    await page.type("#token", "cfc_demo");
    await page.keyboard.press("Enter");
    await shows("#status h2", /^Up to date$/);
    assert.equal((await page.$$("#runners tbody tr")).length, 25);
    await page.click('#pager [data-part="next"]');
    await shows("#rows-summary", /^26–50 of 250 runners$/);
    await page.type("#filter-name", "render");
    await shows("#rows-summary", /^\d+ of the 25 on this page match$/);
    await page.click("#clear-filters");
    await page.click("#runners thead th:first-child button");
    assert.equal(
      await page.$eval("#runners thead th:first-child", (head) => head.getAttribute("aria-sort")),
      "ascending",
    );
    assert.equal(new URL(page.url()).search, "?page=2&perPage=25&sort=name");
  });

  test("says what went wrong, keeps the list, and goes on", async () => {
    await emulator.control("PATCH", "settings", { token: "cfc_new", expiredToken: "cfc_demo" });
    await page.click('#status [data-part="action"]');
    await shows("#status h2", /^The token was refused$/);
    assert.equal((await page.$$("#runners tbody tr")).length, 25);
    await page.type("#new-token", "cfc_new");
    await page.keyboard.press("Enter");
    await shows("#status h2", /^Up to date$/);
  });

  test("shows sample data", async () => {
    await page.goto(`${emulator.url}/?sample`);
    await shows("#status h2", /^Up to date$/);
    assert.equal((await page.$$("#runners tbody tr")).length, 50);
  });

  test("has nothing to complain about", () => assert.deepEqual(complaints, []));
});
