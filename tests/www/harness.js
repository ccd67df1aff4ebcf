// Starts the emulator and the browsers, and controls the emulator.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const EMULATOR = process.env.EMULATOR ?? `${ROOT}target/debug/comfycontrol-emulator`;
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
export const PACKAGE = process.env.PACKAGE ?? `${ROOT}pkg/dist`;

export const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

export const CHROMIUM_ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/** The emulator on a free port, with the page and the package: `{ url, control, stop }`. */
export async function startEmulator(...options) {
  need(EMULATOR, "build it with `cargo build -p comfycontrol-emulator`, or name it in EMULATOR");
  const folders = ["--www", `${ROOT}www`, "--pkg", PACKAGE];
  const child = spawn(EMULATOR, ["--port", "0", "--exit-with-stdin", ...folders, ...options], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const url = await new Promise((resolve, reject) => {
    let printed = "";
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`The emulator ended with code ${code}.`)));
    child.stdout.on("data", (data) => {
      printed += data;
      const match = /listening on (\S+)/.exec(printed);
      if (match) resolve(match[1]);
    });
  });
  return {
    url,
    /** Calls the control interface: `control("POST", "faults", [...])`. */
    async control(method, path, body) {
      const response = await fetch(`${url}/__control/${path}`, {
        method,
        ...(body !== undefined && {
          body: JSON.stringify(body),
          headers: { "Content-Type": "application/json" },
        }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return text && JSON.parse(text);
    },
    stop() {
      child.removeAllListeners("exit");
      child.stdin.end();
      return new Promise((resolve) => child.once("exit", resolve));
    },
  };
}

export function startChromium() {
  need(CHROMIUM, "install it with `apt-get install chromium`, or name it in CHROMIUM");
  return chromium.launch({ executablePath: CHROMIUM, headless: true, args: CHROMIUM_ARGUMENTS });
}

/**
 * A page in a new context. `page.complaints` collects what a clean run must not have: console errors,
 * exceptions, violations of the content security policy. `expected` lists console errors that belong
 * to the case: the browser reports each answer above 399.
 */
export async function openPage(browser, { expected, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(8000);
  page.complaints = [];
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    if (!expected?.test(message.text())) page.complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => page.complaints.push(`exception: ${error.stack ?? error}`));
  return page;
}

/** The browser's own console error for an answer with this status. */
export const reports = (...statuses) => new RegExp(`status of (${statuses.join("|")})`);

/** Connects with the form, to the suggested base URL. */
export async function connect(page, url, { token = "cfc_demo", search = "", remember = false } = {}) {
  await page.goto(`${url}/${search}`);
  await page.getByRole("textbox", { name: "Token" }).fill(token);
  if (remember) await page.getByRole("checkbox", { name: "Keep the connection" }).check();
  await page.getByRole("button", { name: "Connect", exact: true }).click();
}

export const bodyRows = (page) => page.locator("#runners tbody tr:not(.skeleton)");
export const statusTitle = (page) => page.locator("#status h2");
export const statusAge = (page) => page.locator("#status .status-age");
export const statusDetail = (page) => page.locator("#status .status-detail");
export const pagerAt = (page) => page.locator("#pager .pager-at");

/** Waits until `locator` has this text (a string: in full; a pattern: anywhere). */
export async function hasText(locator, expected) {
  await poll(
    async () => {
      const text = await locator.textContent();
      return typeof expected === "string" ? text === expected : expected.test(text);
    },
    async () => `expected ${expected}, found “${await locator.textContent()}”`,
  );
}

/** Waits until `check()` is true. */
export async function poll(check, otherwise = () => String(check), limit = 8000) {
  const end = Date.now() + limit;
  for (;;) {
    if (await check()) return;
    if (Date.now() > end) throw new Error(`Not within ${limit} ms: ${await otherwise()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

function need(path, remedy) {
  if (!existsSync(path)) throw new Error(`There is no ${path}: ${remedy}.`);
}
