// The same-origin proxy: it serves the page, adds the token, and passes on two paths only.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";

import {
  bodyRows,
  hasText,
  openPage,
  PACKAGE,
  startChromium,
  startEmulator,
  statusTitle,
} from "./harness.js";

const PROXY = fileURLToPath(new URL("../../www/proxy.mjs", import.meta.url));

let emulator, proxy, url;

before(async () => {
  emulator = await startEmulator("--no-limit");
  const env = {
    ...process.env,
    COMFYCONTROL_TOKEN: "cfc_demo",
    COMFYCONTROL_BASE_URL: emulator.url,
    COMFYCONTROL_PACKAGE: PACKAGE,
    PORT: "0",
  };
  proxy = spawn(process.execPath, [PROXY], { env, stdio: ["ignore", "pipe", "inherit"] });
  url = await new Promise((resolve, reject) => {
    proxy.on("exit", (code) => reject(new Error(`The proxy ended with code ${code}.`)));
    proxy.stdout.on("data", (data) => resolve(/listening on (\S+)/.exec(data)[1]));
  });
});
after(async () => {
  proxy?.removeAllListeners("exit").kill();
  await emulator?.stop();
});

test("the page lists runners through it, and never holds the token", async () => {
  const browser = await startChromium();
  try {
    const page = await openPage(browser);
    await page.goto(url);
    await page.getByRole("textbox", { name: "Base URL" }).fill("/api");
    await page.keyboard.press("Enter");
    await hasText(statusTitle(page), "Up to date");
    assert.equal(await bodyRows(page).count(), 50);
    assert.deepEqual(page.complaints, []);
  } finally {
    await browser.close();
  }
});

test("an answer comes through with its status, its type and when to try again", async () => {
  await emulator.control("POST", "faults", { status: 503, retryAfter: 7, message: "later" });
  const answer = await fetch(`${url}/api/v1/managed-runner?page=2&per_page=3`);
  assert.equal(answer.status, 503);
  assert.equal(answer.headers.get("retry-after"), "7");
  assert.deepEqual(await answer.json(), { status: 503, message: "later" });
  const { runners } = await (await fetch(`${url}/api/v1/managed-runner?page=2&per_page=3`)).json();
  assert.equal(runners.length, 3);
  assert.equal(
    (await (await fetch(`${url}/api/v1/managed-runner/${runners[0].id}`)).json()).id,
    runners[0].id,
  );
});

test("nothing else is passed on or served", async () => {
  for (const path of [
    "/api/v1/user",
    "/api/__control/state",
    "/api/v1/managed-runner/../user",
    "/api//evil",
    "/../Cargo.toml",
    "/%2e%2e/Cargo.toml",
    "/..%2fCargo.toml",
    "/proxy.mjs",
    "/nothing.js",
    "/pkg/../../Cargo.toml",
    "/%",
  ]) {
    const answer = await fetch(url + path);
    assert.ok([404, 502].includes(answer.status), `${path}: ${answer.status}`);
  }
  assert.equal((await fetch(`${url}/api/v1/managed-runner`, { method: "POST" })).status, 405);
});

test("it does not start without a token, and says why", async () => {
  const { COMFYCONTROL_TOKEN, ...env } = process.env;
  const child = spawn(process.execPath, [PROXY], { env, stdio: ["ignore", "ignore", "pipe"] });
  let printed = "";
  child.stderr.on("data", (data) => (printed += data));
  assert.equal(await new Promise((resolve) => child.on("close", resolve)), 1);
  assert.match(printed, /COMFYCONTROL_TOKEN is not set/);
});
