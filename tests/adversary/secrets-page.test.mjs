// The dashboard in Chromium, with a token that somebody types and a server that gives it back: nowhere in the document, in
// any storage, in addresses or on the console. Where the person asks to keep the connection, it is in this tab's
// `sessionStorage`, and nowhere else, until they leave.

import assert from "node:assert/strict";
import { after, afterEach, before, suite, test } from "node:test";

import {
  bodyRows,
  connect,
  hasText,
  openPage,
  startChromium,
  startEmulator,
  statusTitle,
} from "../www/harness.js";
import { reveals, SECRET } from "./support/secrets.mjs";

let emulator, browser, page, received;
before(async () => {
  [emulator, browser] = await Promise.all([
    startEmulator("--no-limit", "--runners", "1000", "--token", SECRET),
    startChromium(),
  ]);
});
after(() => Promise.all([emulator?.stop(), browser?.close()]));

/** Opens the page, and records its console messages and requests. */
async function open(options) {
  await emulator.control("POST", "reset", {});
  page = await openPage(browser, { expected: /./ });
  received = [];
  page.on("console", async (message) => {
    received.push(message.text(), message.location().url);
    for (const handle of message.args())
      received.push(
        await handle.evaluate((value) => `${value} ${value?.stack} ${JSON.stringify(value)}`).catch(() => ""),
      );
  });
  page.on("pageerror", (error) => received.push(String(error), error.stack));
  page.on("request", (request) => received.push(request.url(), request.postData() ?? ""));
  page.on("dialog", (dialog) => received.push(dialog.message()));
  if (options) await connect(page, emulator.url, { token: SECRET, ...options });
}

/** Everything that the page shows and stores, by location. */
async function kept() {
  const places = await page.evaluate(async () => {
    const databases = [];
    for (const { name } of (await indexedDB.databases?.()) ?? []) {
      const database = await new Promise((resolve, reject) =>
        Object.assign(indexedDB.open(name), {
          onsuccess: ({ target }) => resolve(target.result),
          onerror: reject,
        }),
      );
      for (const store of database.objectStoreNames) {
        const rows = await new Promise(
          (resolve) =>
            (database.transaction(store).objectStore(store).getAll().onsuccess = ({ target }) =>
              resolve(target.result)),
        );
        databases.push(name, store, JSON.stringify(rows));
      }
    }
    const caches_ = [];
    for (const name of await caches.keys())
      for (const { url } of await (await caches.open(name)).keys()) caches_.push(name, url);
    const blank = document.body.appendChild(document.createElement("iframe"));
    const usual = new Set(Reflect.ownKeys(blank.contentWindow));
    blank.remove();
    const globals = Reflect.ownKeys(window)
      .filter((key) => !usual.has(key))
      .map((key) => `${String(key)} ${String(window[key])}`);
    return {
      document: document.documentElement.outerHTML,
      text: document.body.innerText,
      title: document.title,
      fields: [...document.querySelectorAll("input, textarea, select, output")]
        .map(({ value, defaultValue }) => `${value} ${defaultValue}`)
        .join("\n"),
      address: location.href,
      referrer: document.referrer,
      history: JSON.stringify(history.state),
      name: window.name,
      cookies: document.cookie,
      localStorage: JSON.stringify({ ...localStorage }),
      sessionStorage: JSON.stringify({ ...sessionStorage }),
      databases: databases.join("\n"),
      caches: caches_.join("\n"),
      timings: performance
        .getEntries()
        .map((entry) => JSON.stringify(entry))
        .join("\n"),
      globals: globals.join("\n"),
      selection: String(getSelection()),
    };
  });
  const cookies = await page.context().cookies();
  const stored = await page.context().storageState({ indexedDB: true });
  return {
    ...places,
    "all cookies": JSON.stringify(cookies),
    "what the browser keeps": JSON.stringify(stored),
    "console and requests": received.join("\n"),
  };
}

/** Checks that the token is nowhere in the page. */
async function keeps() {
  for (const [place, text] of Object.entries(await kept()))
    assert.deepEqual(reveals(text), [], `${place}: ${text.slice(0, 2000)}`);
}

afterEach(async () => {
  await page?.context().close();
  page = undefined;
});

const escaped = [...SECRET].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
/** What the server does, once connected, and the title that the page then shows. */
const ANSWERS = {
  "forbids it and repeats it": [{ status: 403, message: SECRET }, /no managed runners/],
  "has an error and repeats it": [
    { status: 501, message: `Authorization: Bearer ${SECRET}` },
    /The server has a problem/,
  ],
  "says that the path is wrong": [{ status: 404, message: `/v1?token=${SECRET}` }, /The API is not at/],
  "answers with a page of HTML that has it": [
    { body: `<!doctype html><title>${SECRET}</title>`, contentType: `text/html; x=${SECRET}` },
    /could not be read/,
  ],
  "answers with it instead of a number": [
    { body: JSON.stringify({ runners: [], total: SECRET }) },
    /could not be read/,
  ],
  "answers with it escaped": [{ body: `{"runners":[],"total":"${escaped}"}` }, /could not be read/],
  "answers with JSON that breaks in it": [{ body: `{"runners":[],"total":${SECRET}}` }, /could not be read/],
  "repeats it in a header": [{ headers: { "x-token": SECRET }, latency: 50 }, /Up to date/],
  "breaks off": [{ cut: "mid-body", times: 9 }, /No answer from|could not be read|A request failed/],
};

test("connected, and the server goes wrong in every way and repeats it", async () => {
  await open({});
  await hasText(statusTitle(page), "Up to date");
  await keeps();
  for (const [what, [fault, title]] of Object.entries(ANSWERS)) {
    await emulator.control("POST", "faults", fault);
    await page.getByRole("link", { name: "Next page" }).click();
    await hasText(statusTitle(page), title).catch((error) => assert.fail(`${what}: ${error.message}`));
    await keeps();
    assert.equal(await bodyRows(page).count(), 50, "the last good list stays");
    await emulator.control("DELETE", "faults");
    await page.getByRole("link", { name: "Next page" }).click();
    await hasText(statusTitle(page), "Up to date");
  }
});

suite("the form", () => {
  test("is empty again once it was of use, and asks anew after a reload", async () => {
    await open({});
    await hasText(statusTitle(page), "Up to date");
    await page.getByRole("link", { name: "Next page" }).click();
    await hasText(page.locator("#rows-summary"), /51–100 of/);
    await page.goBack();
    await keeps();
    await page.reload();
    await page.getByRole("button", { name: "Connect", exact: true }).waitFor();
    await keeps();
  });

  test("shows a token that was refused nowhere but in the field it was typed into", async () => {
    await open();
    await emulator.control("POST", "faults", { status: 401, message: `Invalid token ${SECRET}` });
    await connect(page, emulator.url, { token: SECRET });
    await hasText(page.locator(".connect-problem"), /token/i);
    await page.getByRole("textbox", { name: "Token" }).fill("");
    await keeps();
  });

  test("does not repeat a token that was typed into the wrong field", async () => {
    await open();
    await page.goto(emulator.url);
    const baseUrl = page.getByRole("textbox", { name: "Base URL" });
    await baseUrl.fill("cfc_Sup3rS3cret");
    await page.keyboard.press("Enter");
    await hasText(page.locator(".connect-problem"), /baseUrl/);
    await baseUrl.fill("");
    await keeps();
  });

  test("keeps the connection in sessionStorage alone where it was asked to, until one leaves", async () => {
    await open({ remember: true });
    await hasText(statusTitle(page), "Up to date");
    const { sessionStorage: session, ...rest } = await kept();
    assert.notDeepEqual(reveals(session), []);
    for (const [place, text] of Object.entries(rest)) assert.deepEqual(reveals(text), [], place);
    await page.reload();
    await hasText(statusTitle(page), "Up to date");
    await page.getByRole("button", { name: "Disconnect" }).click();
    await page.getByRole("button", { name: "Connect", exact: true }).waitFor();
    await keeps();
  });
});

test("loading all, and asking again for a token, leave no trace of it either", async () => {
  await open({});
  await hasText(statusTitle(page), "Up to date");
  await emulator.control("PATCH", "settings", { token: "cfc_new", expiredToken: SECRET });
  await emulator.control("POST", "faults", { status: 401, message: `Token ${SECRET} has expired` });
  await page.getByRole("button", { name: /Load all/ }).click();
  const dialog = page.getByRole("dialog", { name: "Enter a token" });
  await dialog.waitFor();
  await keeps();
  await dialog.getByLabel("Token").fill(SECRET);
  await page.keyboard.press("Enter");
  await hasText(dialog.locator("p").first(), /expired/);
  await dialog.getByLabel("Token").fill("cfc_new");
  await page.keyboard.press("Enter");
  await hasText(statusTitle(page), /Up to date|Watching|Loading/);
  await keeps();
});

closing();

/** Checks the test itself: it finds a token in each location. */
function closing() {
  test("the test would notice", async () => {
    await open();
    await page.goto(emulator.url);
    await page.evaluate((secret) => {
      localStorage.setItem("x", secret);
      sessionStorage.setItem("x", secret);
      document.cookie = `x=${secret.split(";")[0]}`;
      document.body.dataset.x = secret;
      document.querySelector("input").value = secret;
      history.replaceState({ secret }, "", `?x=${encodeURIComponent(secret)}`);
      window.leak = secret;
      window.name = secret;
      console.log(new Error(secret));
    }, SECRET);
    await page.evaluate(
      () =>
        new Promise(
          (resolve) =>
            (indexedDB.open("x").onupgradeneeded = ({ target }) =>
              (target.result.createObjectStore("y").add(localStorage.getItem("x"), 1).onsuccess = resolve)),
        ),
    );
    const places = await kept();
    for (const place of [
      "localStorage",
      "sessionStorage",
      "cookies",
      "document",
      "fields",
      "history",
      "address",
      "globals",
      "name",
      "databases",
      "all cookies",
      "what the browser keeps",
      "console and requests",
    ])
      assert.notDeepEqual(reveals(places[place]), [], place);
  });
}
