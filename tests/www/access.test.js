// Accessibility at every size: axe in every state and both themes, no animation for those who do not want it, no
// horizontal overflow, everything by keyboard. The sample server brings the page into each state.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, afterEach, before, test } from "node:test";

import {
  AXE,
  bodyRows,
  connect,
  hasText,
  openPage,
  startChromium,
  startEmulator,
  statusTitle,
} from "./harness.js";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

let emulator, browser, page, axe;

before(async () => {
  [emulator, browser, axe] = await Promise.all([
    startEmulator("--no-limit"),
    startChromium(),
    readFile(AXE, "utf8"),
  ]);
});
after(() => Promise.all([emulator?.stop(), browser?.close()]));
afterEach(async () => {
  await page?.context().close();
  assert.deepEqual(page?.complaints, [], "a clean console");
});

async function openSample(options = {}) {
  // As high as its rows are: a row half-way under the pager counts as covered.
  page = await openPage(browser, {
    viewport: { width: 1280, height: 1500 },
    reducedMotion: "reduce",
    ...options,
  });
  await page.goto(`${emulator.url}/?sample&perPage=10`);
  await hasText(statusTitle(page), "Up to date");
}

/** What axe finds in both themes. */
async function findings() {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe);
  const found = [];
  // The other theme differs in colour only.
  for (const [colorScheme, runOnly] of [
    ["light", TAGS],
    ["dark", { type: "rule", values: ["color-contrast"] }],
  ]) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await page.evaluate(
      (runOnly) => axe.run(document, { runOnly, resultTypes: ["violations"] }),
      runOnly,
    );
    for (const { id, nodes } of violations)
      found.push(
        ...nodes.map(({ target, failureSummary }) => `${colorScheme} ${id} ${target}: ${failureSummary}`),
      );
  }
  return found;
}

async function answer(kind) {
  await page.getByLabel("Sample answers").selectOption(kind);
}

test("axe finds nothing in the form, the list, a chart's numbers and a runner's details", async () => {
  page = await openPage(browser, { viewport: { width: 1280, height: 1500 }, reducedMotion: "reduce" });
  await page.goto(`${emulator.url}/?perPage=10`);
  await page.getByRole("button", { name: "Try it with sample data" }).waitFor();
  assert.deepEqual(await findings(), [], "the form");
  await page.getByRole("button", { name: "Try it with sample data" }).click();
  await hasText(statusTitle(page), "Up to date");
  await page.getByText("Numbers").nth(1).click();
  const tag = page.getByLabel("Could take a workflow that requires");
  await tag.fill("gpu:a100");
  await tag.press("Enter");
  assert.deepEqual(await findings(), [], "the filtered list");
  await page.locator(".name-button").first().click();
  assert.deepEqual(await findings(), [], "the details");
});

test("axe finds nothing in any state of failure", async () => {
  await openSample();
  for (const [kind, title] of [
    ["403 free tier", "This account has no managed runners"],
    ["429 too many requests", "Too many requests from this address"],
    ["a web page", "The answer could not be read"],
    ["401 token expired", "The token was refused"],
  ]) {
    await answer(kind);
    await hasText(statusTitle(page), title);
    assert.deepEqual(await findings(), [], kind);
  }
  assert.ok(await page.getByRole("dialog", { name: "Enter a token" }).isVisible());
});

test("axe finds nothing while a server fails, without a connection, offline and while watching", async () => {
  await openSample();
  for (const [kind, title] of [
    ["503 unavailable", "The server has a problem"],
    ["no connection", /No answer/],
  ]) {
    await answer(kind);
    await hasText(statusTitle(page), title);
    assert.deepEqual(await findings(), [], kind);
  }
  await page.context().close();
  page = await openPage(browser, {
    viewport: { width: 1280, height: 1500 },
    reducedMotion: "reduce",
    expected: /ERR_INTERNET_DISCONNECTED/,
  });
  await connect(page, emulator.url, { search: "?perPage=10" });
  await hasText(statusTitle(page), "Up to date");
  await page.evaluate(axe);
  await page.context().setOffline(true);
  await hasText(statusTitle(page), "You are offline");
  assert.deepEqual(await findings(), [], "offline");
  await page.context().setOffline(false);
  await hasText(statusTitle(page), "Up to date");
  await page.getByRole("switch", { name: "Watch" }).click();
  await hasText(statusTitle(page), "Watching");
  assert.deepEqual(await findings(), [], "watching");
});

test("axe finds nothing on a phone, with the list and while it loads", async () => {
  page = await openPage(browser, { viewport: { width: 360, height: 3000 }, reducedMotion: "reduce" });
  await connect(page, emulator.url, { remember: true, search: "?perPage=10" });
  await hasText(statusTitle(page), "Up to date");
  assert.deepEqual(await findings(), [], "the list");
  await emulator.control("POST", "faults", { stall: "before-headers" });
  await page.reload();
  await page.locator(".skeleton").first().waitFor();
  assert.deepEqual(await findings(), [], "while loading");
});

test("nothing sticks out sideways from 360 to 2560 pixels", async () => {
  await openSample();
  for (const width of [360, 414, 640, 768, 1024, 1100, 1366, 1600, 1920, 2560]) {
    await page.setViewportSize({ width, height: 900 });
    const [page_, view] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(page_ <= view, `${width}: the page is ${page_} wide`);
    const small = await page.evaluate(() =>
      [...document.querySelectorAll("button, a[href], select, input, summary")]
        .filter((each) => each.checkVisibility() && !each.closest(".hidden, .skip, thead"))
        .map((each) => [each, each.getBoundingClientRect()])
        .filter(
          ([each, { width, height }]) => (width < 24 || height < 24) && !each.matches("input[type=checkbox]"),
        )
        .map(([each, { width, height }]) => `${each.outerHTML.slice(0, 80)} ${width}×${height}`),
    );
    assert.deepEqual(small, [], `${width}: everything can be hit (24 × 24 at least)`);
  }
});

test("nothing shifts while the list loads, pages turn and a request fails", async () => {
  for (const viewport of [
    { width: 360, height: 780 },
    { width: 1280, height: 900 },
    { width: 1920, height: 1080 },
  ]) {
    page = await openPage(browser, { viewport });
    await page.addInitScript(() => {
      window.shifts = [];
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          const sources = entry.sources.map(
            ({ node }) => node?.className || node?.parentElement?.className || node?.textContent,
          );
          const where = entry.sources.map(
            ({ previousRect: a, currentRect: b }) => `${a.x},${a.y} → ${b.x},${b.y}`,
          );
          // The status text may move by half a line within its box, which stays as it is.
          if (sources.every((source) => source.startsWith("status-")) && entry.value < 0.001) continue;
          window.shifts.push(`${entry.value.toFixed(4)} ${sources} ${where}`);
        }
      }).observe({ type: "layout-shift", buffered: true });
    });
    await page.goto(`${emulator.url}/?sample`);
    await hasText(statusTitle(page), "Up to date");
    // Not by a click: layout shifts within half a second after a click do not count.
    await page.evaluate(() => document.querySelector('#pager [data-part="next"]').click());
    await hasText(page.locator("#rows-summary"), /^51–100/);
    await page.evaluate(() => {
      const answers = document.querySelector('[data-part="answers"]');
      answers.value = "a web page";
      answers.dispatchEvent(new Event("change"));
    });
    await hasText(statusTitle(page), "The answer could not be read");
    const shifts = await page.evaluate(
      () =>
        new Promise((resolve) =>
          requestAnimationFrame(() => requestAnimationFrame(() => resolve(window.shifts))),
        ),
    );
    assert.deepEqual(shifts, [], `${viewport.width} pixels`);
    await page.context().close();
  }
});

test("nothing is animated for those who do not want it", async () => {
  page = await openPage(browser, { reducedMotion: "reduce" });
  const moving = () =>
    page.evaluate(() => document.getAnimations().map((animation) => animation.effect.target.className));
  await connect(page, emulator.url, { remember: true });
  await hasText(statusTitle(page), "Up to date");
  assert.deepEqual(await moving(), [], "the list");
  await emulator.control("POST", "faults", { stall: "before-headers" });
  await page.reload();
  await page.locator(".skeleton").first().waitFor();
  assert.deepEqual(await moving(), [], "while loading");
});

test("everything can be reached by keyboard, and what has the focus is in sight", async () => {
  await openSample({ viewport: { width: 1280, height: 700 } });
  await page.evaluate(() => document.querySelector(".skip").focus());
  const reached = new Set(["skip"]);
  for (let step = 0; step < 60; step += 1) {
    await page.keyboard.press("Tab");
    const focus = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === document.body) return undefined;
      const { left, top, width, height } = element.getBoundingClientRect();
      const hit = document.elementFromPoint(left + width / 2, top + height / 2);
      const name = element.id || element.dataset.part || element.className || element.textContent;
      return { name, seen: element.contains(hit) || (hit?.contains(element) ?? false) };
    });
    if (!focus) break;
    assert.ok(focus.seen, `${focus.name} is covered`);
    reached.add(focus.name);
  }
  for (const name of [
    "skip",
    "switch",
    "answers",
    "disconnect",
    "action",
    "filter-name",
    "filter-type",
    "filter-status",
    "filter-tag",
    "button",
    "name-button",
    "copy",
    "next",
    "last",
    "size",
  ]) {
    assert.ok(reached.has(name), `${name} is reached; reached were ${[...reached].join(", ")}`);
  }
});

test("large text and 400 % zoom keep everything", async () => {
  // 1280 pixels at 400 % are 320 pixels wide (WCAG 1.4.10).
  await openSample({ viewport: { width: 320, height: 640 } });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  await page.setViewportSize({ width: 640, height: 900 });
  await page.evaluate(() => document.documentElement.style.setProperty("font-size", "200%"));
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  assert.equal(await bodyRows(page).first().locator(".name").isVisible(), true);
});
