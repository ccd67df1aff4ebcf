// Small dashboards of the code in docs/dashboards.md, one for each framework, with comfycontrol-runners/query and
// comfycontrol-runners/store. Every one shows the same, and makes the same requests: not one more.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { HERE, ROOT, TOKEN, bin, emulator, open, run, serve, version } from "./kit.mjs";

/** What the parts of a dashboard ask for when it opens; several parts share the first and the last. */
const NEWEST = "page=1&per_page=10";
const SECOND = "page=2&per_page=15";
const ENDLESS = "page=1&per_page=20";
const WHOLE_LIST = [1, 2, 3].map((page) => `page=${page}&per_page=100`);

/** Writes the blocks of the guide that are for a framework into a folder of its project. */
function writeGuide(framework, folder) {
  const document = readFileSync(join(ROOT, "docs/dashboards.md"), "utf8");
  const place = join(HERE, folder, "src/guide");
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  let written = 0;
  for (const [, path, text] of document.matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```$/gm)) {
    const [first, file = first] = path.split("/");
    if (first !== file && first !== framework) continue;
    writeFileSync(join(place, file), text);
    written += 1;
  }
  assert(written > 1, `docs/dashboards.md has blocks for ${framework}`);
}

/** The texts of the elements that `selector` finds. */
const texts = (page, selector) =>
  page.evaluate(
    (selector) => Array.from(document.querySelectorAll(selector), (item) => item.textContent.trim()),
    selector,
  );

/** Waits until an element has a text. */
async function says(page, selector, text) {
  const has = (selector, text) => document.querySelector(selector)?.textContent.trim() === text;
  await page.waitForFunction(has, { timeout: 30_000 }, selector, text).catch(async () => {
    assert.deepEqual(await texts(page, selector), [text]);
  });
}

/** Waits until there are so many. */
async function counts(page, selector, number) {
  const has = (selector, number) => document.querySelectorAll(selector).length === number;
  await page.waitForFunction(has, { timeout: 30_000 }, selector, number).catch(async () => {
    assert.equal((await texts(page, selector)).length, number, selector);
  });
}

/** Polls until `check()` is true. */
async function until(check) {
  const end = Date.now() + 30_000;
  while (!(await check())) {
    assert(Date.now() < end, `in vain: ${check}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Opens a dashboard, and does all that can be done there.
 *
 * @param {string} url
 * @param {Awaited<ReturnType<typeof emulator>>} api its own, since requests are counted
 * @param {string[]} expected what it asks for when it opens, the server that renders it included
 * @param {{ hasSecond?: boolean, keepsList?: boolean }} has whether it shows the page that React suspends for, and
 * keeps the store's list for the next visit
 */
async function use(url, api, expected, { hasSecond = false, keepsList = true }) {
  const asked = async () => (await api.log()).map(({ query }) => query).sort();
  const runners = (await api.tell("runners", undefined, "GET")).filter(({ status }) => status !== "disabled");
  const names = (from, to) => runners.slice(from, to).map(({ name }) => name);
  const { page, complaints, close } = await open(url);
  try {
    for (const list of ["#one", "#other"]) await counts(page, `${list} li`, 10);
    await counts(page, "#endless li", 20);
    for (const part of ["#watched p", "#watched-too p"]) await says(page, part, "250 ready");
    if (hasSecond) await counts(page, "#second li", 15);
    assert.deepEqual(await texts(page, "#one li"), names(0, 10));
    assert.deepEqual(await texts(page, "#other li"), names(0, 10));
    assert.deepEqual(await texts(page, "#endless li"), names(0, 20));
    if (hasSecond) assert.deepEqual(await texts(page, "#second li"), names(15, 30));
    assert.deepEqual(await asked(), [...expected].sort(), "requests when it opens");

    // One part goes on, the other stays.
    await page.click("#one button");
    await says(page, "#one li", names(10, 11)[0]);
    await counts(page, "#one li", 10);
    assert.deepEqual(await texts(page, "#one li"), names(10, 20));
    assert.deepEqual(await texts(page, "#other li"), names(0, 10));

    // Two runners push two others onto the next page.
    await api.tell("runners", { add: [{ name: "new-1" }, { name: "new-2" }] });
    await page.click("#endless button");
    await counts(page, "#endless li", 38);
    assert.deepEqual(await texts(page, "#endless li"), names(0, 38));
    await page.click("#watched button");
    for (const part of ["#watched p", "#watched-too p"]) await says(page, part, "252 ready");
    const later = [...expected, "page=2&per_page=10", "page=2&per_page=20", ...WHOLE_LIST].sort();
    assert.deepEqual(await asked(), later, "requests after one page more of each kind, and one more reading");

    // Nobody looks any more: what is under way is cancelled, and nothing follows.
    await api.tell("faults", { page: 1, stall: "before-headers" });
    await page.click("#watched button");
    await until(async () => (await api.log()).length > later.length);
    await page.click("#leave");
    await says(page, "#gone", "gone");
    while ((await api.log()).at(-1).outcome === "open")
      await new Promise((resolve) => setTimeout(resolve, 20));
    const { outcome } = (await api.log()).at(-1);
    assert.deepEqual([outcome, (await asked()).length, complaints], ["aborted", later.length + 1, []]);
    if (!keepsList) return;

    // The next visit while the API is down, and one without permission.
    await api.tell("faults", { status: 503, times: 1000 });
    await page.reload();
    await says(page, "#watched p", "252 stale");
    await api.tell("faults", undefined, "DELETE");
    await api.tell("faults", { status: 403, times: 1000 });
    assert.equal(await page.evaluate(() => localStorage.length), 1);
    await page.reload();
    await says(page, "#watched p", "0 error");
    assert.equal(await page.evaluate(() => localStorage.length), 0);
  } finally {
    await close();
  }
}

/** Opens a dashboard with an API of its own. `pages` has what a server renders. */
async function opened(root, expected, { pages, ...has } = {}) {
  const api = await emulator("--no-limit", "--token", TOKEN);
  const url = await serve(root, undefined, { backend: api.url, pages: pages?.(api) });
  await use(`${url}/`, api, expected, has);
  api.stop();
}

/** A framework's dashboard, which the browser renders. */
function dashboard(
  name,
  framework,
  tool,
  { root = "dist", build = (folder) => ["node", [bin(folder, "vite"), "build"]] } = {},
) {
  const folder = `more/dashboard-${framework}`;
  const check = async () => {
    writeGuide(framework, folder);
    await run(folder, ...build(folder), { env: { NODE_ENV: undefined } });
    await opened(join(folder, root), [NEWEST, ENDLESS, ...WHOLE_LIST]);
  };
  return { where: "dashboard", name, run: check, version: () => version(folder, tool) };
}

const REACT = "dashboard-react";

const react = {
  where: "dashboard",
  name: "React 19: StrictMode, Suspense; rendered on the server and hydrated",
  fast: true,
  run: async () => {
    writeGuide("react", REACT);
    await run(REACT, "npm", ["run", "--silent", "build"]);
    const all = [NEWEST, SECOND, ENDLESS, ...WHOLE_LIST];
    await opened(REACT, all, { hasSecond: true });

    const { render } = await import(pathToFileURL(join(HERE, REACT, "dist/server.js")).href);
    const document = async (options) => {
      const { html, state } = await render(options);
      const text = JSON.stringify(state).replaceAll("<", "\\u003c");
      return `<!doctype html>
        <title>Runners</title>
        <div id="root">${html}</div>
        <script type="application/json" id="state">${text}</script>
        <script type="module" src="/dist/hydrate.js"></script>`;
    };
    const pages = (api) => ({ "/": () => document({ baseUrl: api.url, token: TOKEN }) });
    // The page reads nothing again that the server has read, but the store's list: that is an older one.
    await opened(REACT, [...all, ...WHOLE_LIST], { hasSecond: true, keepsList: false, pages });
  },
  version: () => version(REACT, "react"),
};

export const dashboards = [
  react,
  dashboard("Vue 3", "vue", "vue"),
  dashboard("Svelte 5", "svelte", "svelte"),
  dashboard("Solid", "solid", "solid-js"),
  dashboard("Angular, without zone.js", "angular", "@angular/core", {
    root: "dist/browser",
    build: (folder) => ["node", [bin(folder, "@angular/cli", "ng"), "build"]],
  }),
];
