// The page on a static host, in any folder, with the sample server.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, afterEach, before, test } from "node:test";

import { bodyRows, hasText, openPage, PACKAGE, pagerAt, startChromium, statusTitle } from "./harness.js";

const WWW = fileURLToPath(new URL("../../www/", import.meta.url));
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

let server, browser, page, url;
const asked = [];

before(async () => {
  browser = await startChromium();
  // A minimal static host: the page is in a folder, the package in `pkg` beside it.
  server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://host").pathname.replace(/^\/a\/folder\//, "");
    asked.push(request.url);
    const name = path === "" ? "index.html" : path;
    const file = name.startsWith("pkg/") ? join(PACKAGE, name.slice(4)) : join(WWW, name);
    const body = await readFile(file).catch(() => undefined);
    response.writeHead(body ? 200 : 404, {
      "Content-Type": TYPES[extname(name)] ?? "application/octet-stream",
    });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${server.address().port}/a/folder/`;
});
after(async () => {
  await browser?.close();
  server?.close();
});
afterEach(async () => {
  await page?.context().close();
  assert.deepEqual(page?.complaints, [], "a clean console");
});

test("sample data needs no server: the list, its pages, and the address to come back to", async () => {
  page = await openPage(browser);
  const outside = [];
  page.on("request", (request) => request.url().startsWith(url) || outside.push(request.url()));
  await page.goto(url);
  await page.getByRole("button", { name: "Try it with sample data" }).click();
  await hasText(statusTitle(page), "Up to date");
  assert.equal(await bodyRows(page).count(), 50);
  await page.getByRole("link", { name: "Last page" }).click();
  await hasText(pagerAt(page), "Page 5 of 5");
  assert.equal(new URL(page.url()).search, "?sample&page=5");
  await page.reload();
  await hasText(pagerAt(page), "Page 5 of 5");
  assert.deepEqual(outside, []);
  assert.ok(
    asked.every((path) => path.startsWith("/a/folder/")),
    "every address is relative",
  );
});

test("the sample server fails on demand, and the page goes on", async () => {
  page = await openPage(browser);
  await page.goto(`${url}?sample`);
  await hasText(statusTitle(page), "Up to date");
  await page.getByLabel("Sample answers").selectOption("a web page");
  await hasText(statusTitle(page), "The answer could not be read");
  assert.equal(await bodyRows(page).count(), 50);
  await page.getByLabel("Sample answers").selectOption("as usual");
  await hasText(statusTitle(page), "Up to date");
});

test("the page brings a strict policy of its own, and takes no markup", async () => {
  page = await openPage(browser, { expected: /Content Security Policy|Trusted/ });
  await page.goto(url);
  const refused = await page.evaluate(() => {
    try {
      document.body.innerHTML = "<b>markup</b>";
      return "markup went in";
    } catch (error) {
      return error.name;
    }
  });
  assert.equal(refused, "TypeError");
});

test("only sample data loads the sample server", async () => {
  page = await openPage(browser);
  asked.length = 0;
  await page.goto(url);
  await page.getByRole("button", { name: "Try it with sample data" }).waitFor();
  const loaded = () => asked.some((path) => path.endsWith("/pkg/testing.js"));
  assert.equal(loaded(), false);
  await page.getByRole("button", { name: "Try it with sample data" }).click();
  await hasText(statusTitle(page), "Up to date");
  assert.equal(loaded(), true);
});

test("the sample server's runners change while time passes", async () => {
  page = await openPage(browser);
  await page.clock.install();
  await page.goto(`${url}?sample`);
  await page.clock.runFor(1000);
  await hasText(statusTitle(page), "Up to date");
  const names = () => bodyRows(page).getByRole("rowheader").allTextContents();
  const before = await names();
  await page.clock.runFor(30_000);
  await page.getByRole("link", { name: "Last page" }).click();
  await page.clock.runFor(1000);
  await page.getByRole("link", { name: "First page" }).click();
  await page.clock.runFor(1000);
  await hasText(pagerAt(page), /Page 1 of/);
  assert.notDeepEqual(await names(), before);
});
