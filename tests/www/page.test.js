// The page in Chromium, against the emulator: connecting, and the list a page at a time.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

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

/** A page that shows the list. */
async function open(search = "", options = {}) {
  page = await openPage(browser, options);
  await connect(page, emulator.url, { search });
  await hasText(statusTitle(page), "Up to date");
}

const summary = () => page.locator("#rows-summary");
const names = () => page.locator("#runners tbody .name").allTextContents();
const query = () => new URL(page.url()).search;

describe("connecting", () => {
  test("shows the first page of runners and the total", async () => {
    await open();
    assert.equal(await bodyRows(page).count(), 50);
    await hasText(page.locator(".charts-total"), "250");
    await hasText(pagerAt(page), "Page 1 of 5");
    await hasText(summary(), "1–50 of 250 runners");
  });

  test("stays with the form when the token is refused, and says why", async () => {
    page = await openPage(browser, { expected: reports(401) });
    await connect(page, emulator.url, { token: "cfc_wrong" });
    await hasText(page.locator(".connect-problem"), /The token was refused.*Invalid token/);
    const token = page.getByRole("textbox", { name: "Token" });
    assert.equal(await token.getAttribute("aria-invalid"), "true");
    assert.ok(await token.evaluate((input) => input === document.activeElement));
    await token.fill("cfc_demo");
    await page.keyboard.press("Enter");
    await hasText(statusTitle(page), "Up to date");
  });

  test("takes a base URL that is none, or not the API's, for what it is", async () => {
    page = await openPage(browser, { expected: reports(404) });
    await page.goto(emulator.url);
    const baseUrl = page.getByRole("textbox", { name: "Base URL" });
    await baseUrl.fill("nowhere:");
    await page.keyboard.press("Enter");
    await hasText(page.locator(".connect-problem"), /cannot be used.*baseUrl/);
    await baseUrl.fill(`${emulator.url}/wrong`);
    await page.keyboard.press("Enter");
    await hasText(page.locator(".connect-problem"), /The API is not at/);
    assert.equal(await baseUrl.getAttribute("aria-invalid"), "true");
  });

  test("works through a proxy on the page's own origin, without a token", async () => {
    page = await openPage(browser);
    await page.goto(emulator.url);
    await page.getByRole("textbox", { name: "Base URL" }).fill("/proxy");
    await page.keyboard.press("Enter");
    await hasText(statusTitle(page), "Up to date");
    assert.equal(await bodyRows(page).count(), 50);
  });

  test("the token is in no address, text, attribute or storage", async () => {
    await open();
    const where = await page.evaluate(() => ({
      address: location.href,
      page: document.documentElement.outerHTML,
      fields: [...document.querySelectorAll("input")].map(({ value }) => value).join("\n"),
      local: JSON.stringify({ ...localStorage }),
      session: JSON.stringify({ ...sessionStorage }),
      cookies: document.cookie,
    }));
    for (const [place, text] of Object.entries(where)) assert.ok(!text.includes("cfc_demo"), place);
    const log = await emulator.control("GET", "log");
    assert.ok(!JSON.stringify(log).includes("cfc_demo"));
    await page.reload();
    await page.getByRole("button", { name: "Connect", exact: true }).waitFor();
  });

  test("is kept for the tab when asked for, and forgotten when left", async () => {
    page = await openPage(browser);
    await connect(page, emulator.url, { remember: true, search: "?page=2" });
    await hasText(pagerAt(page), "Page 2 of 5");
    await page.reload();
    await hasText(statusTitle(page), "Up to date");
    await hasText(pagerAt(page), "Page 2 of 5");
    assert.equal(await page.evaluate(() => localStorage.length), 0);
    await page.getByRole("button", { name: "Disconnect" }).click();
    assert.equal(await page.evaluate(() => sessionStorage.length), 0);
    await page.getByRole("button", { name: "Connect", exact: true }).waitFor();
  });
});

describe("paging", () => {
  test("by the pager, by keyboard, and back through the history", async () => {
    await open();
    const next = page.getByRole("link", { name: "Next page" });
    await next.click();
    await hasText(summary(), "51–100 of 250 runners");
    assert.equal(query(), "?page=2");
    await next.press("Enter");
    await hasText(summary(), "101–150 of 250 runners");
    assert.ok(await next.evaluate((link) => link === document.activeElement), "the focus stays");
    await page.getByRole("link", { name: "Last page" }).click();
    await hasText(pagerAt(page), "Page 5 of 5");
    await hasText(summary(), "201–250 of 250 runners");
    assert.equal(await next.getAttribute("aria-disabled"), "true");
    await page.goBack();
    await hasText(summary(), "101–150 of 250 runners");
    await page.getByRole("link", { name: "First page" }).click();
    await hasText(summary(), "1–50 of 250 runners");
    assert.equal(query(), "");
  });

  test("begins where the address says", async () => {
    await open("?page=3&perPage=25");
    await hasText(summary(), "51–75 of 250 runners");
    await page.getByRole("combobox", { name: /^Rows/ }).selectOption("100");
    await hasText(summary(), "1–100 of 250 runners");
    assert.equal(query(), "?perPage=100");
  });

  test("past the end says so, and leads back", async () => {
    await open("?page=99");
    await hasText(page.locator(".runners-empty p"), /past the end/);
    await page.getByRole("button", { name: "Go to the first page" }).click();
    await hasText(summary(), "1–50 of 250 runners");
  });

  test("an account without runners is no error", async () => {
    await emulator.control("POST", "reset", { runners: 0 });
    await open();
    await hasText(page.locator(".runners-empty p"), "This account has no active runners.");
    await hasText(pagerAt(page), "Page 1 of 1");
  });

  test("only the latest of many clicks counts", async () => {
    await open();
    await emulator.control("POST", "faults", [{ page: 2, latency: 400 }]);
    const next = page.getByRole("link", { name: "Next page" });
    await next.click();
    await next.click();
    await hasText(summary(), "101–150 of 250 runners");
    await poll(async () => (await emulator.control("GET", "state")).stats.aborted >= 1);
    await hasText(summary(), "101–150 of 250 runners");
  });
});

describe("looking", () => {
  test("filters by name and type, and clears", async () => {
    await open();
    await page.getByLabel("Name", { exact: true }).fill("RENDER-eu");
    await poll(async () => (await names()).every((name) => name.startsWith("render-eu")));
    await hasText(summary(), /^\d of the 50 on this page match$/);
    await page.getByLabel("Type", { exact: true }).selectOption("plus");
    await page.getByRole("button", { name: "Clear the filters" }).first().click();
    await hasText(summary(), "1–50 of 250 runners");
    assert.equal(
      await page.getByLabel("Name", { exact: true }).evaluate((input) => input === document.activeElement),
      true,
    );
  });

  test("finds the runners that could take a workflow", async () => {
    await open();
    const tag = page.getByLabel("Could take a workflow that requires");
    await tag.fill("gpu:a100");
    await tag.press("Enter");
    const tagsOfRows = () =>
      page
        .locator("#runners tbody tr")
        .evaluateAll((rows) =>
          rows.map((row) => [...row.querySelectorAll(".tag")].map((tag) => tag.textContent)),
        );
    await poll(async () =>
      (await tagsOfRows()).every((tags) => tags.length === 0 || tags.includes("gpu:a100")),
    );
    assert.ok(
      (await tagsOfRows()).some((tags) => tags.length === 0),
      "a runner without tags takes any workflow",
    );
    assert.equal(query(), "?tag=gpu%3Aa100");
    await tag.press("Backspace");
    await hasText(summary(), "1–50 of 250 runners");
    await page.locator("#runners tbody .tag").first().click();
    await page.getByRole("button", { name: /, take off$/ }).click();
    await hasText(summary(), "1–50 of 250 runners");
  });

  test("sorts by any column", async () => {
    await open();
    for (const column of ["Name", "Type", "Status", "Tags", "Updated", "Id", "Created"]) {
      const heading = page.getByRole("columnheader", { name: column });
      await heading.getByRole("button").click();
      const order = await heading.getAttribute("aria-sort");
      assert.equal(order, ["Updated", "Created"].includes(column) ? "descending" : "ascending");
    }
    await page.getByRole("columnheader", { name: "Name" }).getByRole("button").click();
    const sorted = [...(await names())].sort(
      new Intl.Collator("en", { numeric: true, sensitivity: "base" }).compare,
    );
    assert.deepEqual(await names(), sorted);
  });

  test("shows a runner in full, and goes back to where one was", async () => {
    await open();
    const first = page.locator("#runners tbody .name-button").first();
    await first.press("Enter");
    const dialog = page.getByRole("dialog");
    await hasText(dialog.locator("h2"), await first.textContent());
    assert.match(await dialog.locator("dd").first().textContent(), /^[0-9a-f-]{36}$/);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await poll(() => first.evaluate((button) => button === document.activeElement));
  });

  test("copies an id", async () => {
    page = await openPage(browser, { permissions: ["clipboard-read", "clipboard-write"] });
    await connect(page, emulator.url);
    const row = bodyRows(page).nth(2);
    await row.getByRole("button", { name: /^Copy id/ }).click();
    const id = await row.locator("code").textContent();
    await poll(async () => (await page.evaluate(() => navigator.clipboard.readText())) === id);
    await hasText(page.locator("#announcer"), "Id copied.");
  });

  test("the exact time is there on hover", async () => {
    await open();
    const time = page.locator("#runners tbody time").first();
    assert.match(await time.getAttribute("title"), /^\d+ Jan 2024,? \d\d:\d\d:\d\d/);
    assert.match(await time.textContent(), /ago|last year/);
  });

  test("each chart says in words what it shows", async () => {
    await open();
    const images = page.locator("#charts svg[role=img]");
    assert.equal(await images.count(), 3);
    assert.match(
      await images.nth(0).getAttribute("aria-label"),
      /^By type\. (pro|plus): \d+, (pro|plus): \d+\.$/,
    );
    assert.match(await images.nth(1).getAttribute("aria-label"), /^By GPU tag\. .*no GPU tag: \d+\.$/);
    assert.match(await images.nth(2).getAttribute("aria-label"), /^Created\. From .* to .*; most at/);
    await page.getByText("Numbers").first().click();
    const cells = await page.locator(".chart-numbers[open] td").allTextContents();
    assert.equal(
      cells.map(Number).reduce((sum, each) => sum + each),
      50,
    );
  });
});

describe("names of every kind", () => {
  const MARKUP = "<img src=x onerror=alert(1)>";
  const LONG =
    `${"A\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308".repeat(600)}${"אבגד ".repeat(1000)}`.slice(
      0,
      10_000,
    );

  test("are text, and stay in their place", async () => {
    await emulator.control("POST", "runners", {
      change: [
        {
          runner: 0,
          set: { name: MARKUP, tags: [MARKUP, "x".repeat(500)], runner_type: MARKUP, status: MARKUP },
        },
        { runner: 1, set: { name: LONG } },
        { runner: 2, set: { name: "", tags: [] } },
        { runner: 3, set: { name: "\u202Eevil\u202D \u0000 end" } },
      ],
    });
    for (const width of [360, 1280]) {
      page = await openPage(browser, { viewport: { width, height: 900 } });
      const dialogs = [];
      page.on("dialog", (dialog) => (dialogs.push(dialog.message()), dialog.dismiss()));
      await connect(page, emulator.url);
      await hasText(statusTitle(page), "Up to date");
      assert.equal((await names())[0], MARKUP);
      assert.equal(await page.locator("#fleet img").count(), 0);
      assert.equal(
        await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
        true,
        `${width}: no sideways scrolling`,
      );
      const heights = await bodyRows(page).evaluateAll((rows) =>
        rows.slice(0, 4).map((row) => row.offsetHeight),
      );
      assert.ok(
        heights.every((height) => height < 260),
        `rows of ${heights} pixels`,
      );
      await bodyRows(page).nth(1).locator(".name-button").click();
      assert.equal((await page.locator("#details h2").textContent()).length, 10_000);
      await page.keyboard.press("Escape");
      await hasText(bodyRows(page).nth(2).locator(".name"), "(no name)");
      assert.deepEqual(dialogs, []);
      if (width === 360) (await page.context().close(), assert.deepEqual(page.complaints, []));
    }
  });
});
