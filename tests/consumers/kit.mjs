// Helpers for consumers: the API, a web server with a strict policy, browsers, and the packed package.

import assert from "node:assert/strict";
import { execFile, execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createServer, request } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import puppeteer from "puppeteer-core";

export const HERE = fileURLToPath(new URL("./", import.meta.url));
export const ROOT = join(HERE, "../..");
export const NAME = "comfycontrol-runners";
export const TOKEN = "cfc_demo";

/** The Content-Security-Policy that the package needs. */
export const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'wasm-unsafe-eval'";

const ends = [];

/** Ends everything that was started. */
export async function end() {
  for (const one of ends.splice(0).reverse()) await one();
}

/** Installs the tarball as npm does, once, and puts the result into every project. */
export function install(...folders) {
  const tarball = process.env.TARBALL;
  assert(tarball, "name the packed package in TARBALL, or run `cargo xtask test consumers`");
  const folder = mkdtempSync(join(tmpdir(), "consumers-"));
  execFileSync("npm", ["install", "--offline", "--no-audit", "--no-fund", "--prefix", folder, tarball], {
    shell: process.platform === "win32",
  });
  for (const project of folders) {
    const target = join(project, "node_modules", NAME);
    rmSync(target, { recursive: true, force: true });
    cpSync(join(folder, "node_modules", NAME), target, { recursive: true });
    // Remove caches of tools for an earlier package of the same version.
    const consumers = readdirSync(project, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    for (const { name: consumer } of consumers) {
      for (const cache of ["node_modules/.vite", ".next", ".parcel-cache", ".wrangler"])
        rmSync(join(project, consumer, cache), { recursive: true, force: true });
    }
  }
  rmSync(folder, { recursive: true });
}

/** The path of a Node.js 22 or later, which some tools need: this one, or one from npm. */
const modern = Number(process.versions.node.split(".")[0]) < 22 && join(HERE, "node_modules/node-24/bin");

/** A consumer's folder: here, or anywhere. */
const at = (folder) => resolve(HERE, folder);

/** The environment of a consumer: the API, and its tools. */
function environment(more) {
  const bins = ["node_modules/.bin", "more/node_modules/.bin"].map((bin) => join(HERE, bin));
  const path = [...(modern && existsSync(modern) ? [modern] : []), ...bins, process.env.PATH].join(delimiter);
  const quiet = {
    NO_COLOR: "1",
    CI: "1",
    WRANGLER_SEND_METRICS: "false",
    NEXT_TELEMETRY_DISABLED: "1",
    PARCEL_DISABLE_CACHE: "1",
    DENO_NO_UPDATE_CHECK: "1",
  };
  const { FORCE_COLOR, NODE_TEST_CONTEXT, NODE_OPTIONS, ...rest } = process.env;
  return {
    ...rest,
    ...quiet,
    COMFYCONTROL_BASE_URL: api.url,
    COMFYCONTROL_TOKEN: TOKEN,
    PATH: path,
    ...more,
  };
}

/** Runs a program to its end, and returns its output. */
export function run(folder, program, args = [], { env, errors } = {}) {
  return new Promise((resolve, reject) => {
    execFile(
      program,
      args,
      { cwd: at(folder), env: environment(env), maxBuffer: 1e8 },
      (error, stdout, stderr) => {
        if (error) reject(new Error(`${program} ${args.join(" ")} in ${folder}\n${stdout}\n${stderr}`));
        else resolve(errors ? { stdout, stderr } : stdout);
      },
    );
  });
}

/** Starts a server program, waits until `ready` matches its output, and returns the match. */
export function start(folder, program, args, ready, env) {
  const child = spawn(program, args, {
    cwd: at(folder),
    env: environment(env),
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  // Also ends the processes that it started.
  const stop = () => {
    try {
      process.kill(-child.pid);
    } catch {
      // It has ended already.
    }
  };
  ends.push(stop);
  process.once("exit", stop);
  return new Promise((resolve, reject) => {
    let printed = "";
    const hear = (data) => {
      const match = ready.exec((printed += data));
      if (match) resolve({ match, stop, printed: () => printed });
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`${program} ended with ${code}\n${printed}`)));
    setTimeout(() => reject(new Error(`${program} did not get ready\n${printed}`)), 120_000).unref();
  });
}

// Start them one after another, because two that start at once may take the same port.
let starting = Promise.resolve();

/** Starts a worker with `wrangler dev` and these options and variables. Returns its `url` and `stop()`. */
export function wrangler(folder, options = [], variables = {}) {
  const given = Object.entries(variables).flatMap(([name, value]) => ["--var", `${name}:${value}`]);
  const launch = () =>
    start(
      folder,
      "wrangler",
      ["dev", ...options, "--port", "0", "--inspector-port", "0", "--ip", "127.0.0.1", ...given],
      /Ready on (http\S+)/,
    );
  const started = starting.then(launch);
  starting = started.catch(() => {});
  return started.then(({ match, stop }) => ({ url: match[1], stop }));
}

/** The API, and the names on its first page of ten. */
export const api = { url: "", names: [] };

/** Starts another emulator. Returns its `url`, `state()`, `log()`, `tell(call, body)` and `stop()`. */
export async function emulator(...options) {
  const program = process.env.EMULATOR;
  assert(program, "name the emulator's program in EMULATOR, or run `cargo xtask test consumers`");
  const { match, stop } = await start(".", program, ["--port", "0", ...options], /listening on (\S+)/);
  const ask = async (what) => (await fetch(`${match[1]}/__control/${what}`)).json();
  const tell = async (what, body, method = "POST") => {
    const response = await fetch(`${match[1]}/__control/${what}`, {
      method,
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
    const text = await response.text();
    assert(response.ok, text);
    return text && JSON.parse(text);
  };
  return { url: match[1], stop, tell, state: () => ask("state"), log: () => ask("log") };
}

export async function startApi() {
  Object.assign(api, await emulator("--no-limit", "--token", TOKEN));
  const page = await (
    await fetch(`${api.url}/v1/managed-runner?per_page=10`, { headers: { authorization: `Bearer ${TOKEN}` } })
  ).json();
  api.names = page.runners.map(({ name }) => name);
  assert.equal(api.names.length, 10);
}

/** Whether these lines are the first ten runners. */
export function listed(text) {
  assert.deepEqual(text.trim().split(/\r?\n/), api.names);
}

/** A free port, for programs that cannot choose one themselves. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
  ".css": "text/css",
};

/**
 * Serves a folder with the policy, and forwards `/api` to the API with a token. Files that are not in the folder come
 * from the consumers' folder, which has `node_modules`. `backend` replaces the shared API; `pages` has functions that
 * render a path.
 */
export async function serve(folder, policy = POLICY, { backend = api.url, pages = {} } = {}) {
  const server = createServer(async (incoming, outgoing) => {
    const path = new URL(incoming.url, "http://localhost").pathname;
    if (path.startsWith("/api/")) {
      const onward = request(backend + incoming.url.replace("/api/", "/proxy/"), {
        method: incoming.method,
        headers: { accept: "application/json" },
      });
      onward.on("response", (answer) => {
        outgoing.writeHead(answer.statusCode, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on("error", () => outgoing.headersSent || outgoing.writeHead(502).end());
      outgoing.on("close", () => onward.destroy());
      incoming.pipe(onward);
      return;
    }
    if (Object.hasOwn(pages, path)) {
      outgoing.setHeader("content-security-policy", policy);
      try {
        const html = await pages[path]();
        outgoing.writeHead(200, { "content-type": TYPES[".html"] }).end(html);
      } catch (error) {
        outgoing.writeHead(500).end(String(error?.stack ?? error));
      }
      return;
    }
    const file = [join(HERE, folder, path), join(HERE, path)]
      .map((file) => (file.endsWith("/") ? `${file}index.html` : file))
      .find((file) => existsSync(file));
    if (!file) return outgoing.writeHead(path === "/favicon.ico" ? 204 : 404).end();
    outgoing.writeHead(200, {
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      "content-security-policy": policy,
    });
    outgoing.end(readFileSync(file));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${server.address().port}`;
}

const CHROME = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--no-first-run",
];
export const chromium = () => process.env.CHROMIUM ?? "/usr/bin/chromium";
const browsers = {};

/** Chromium or Firefox, started once. */
export function browser(kind) {
  browsers[kind] ??= (async () => {
    const chrome = kind === "chrome";
    const executablePath = chrome ? chromium() : (process.env.FIREFOX ?? "/usr/bin/firefox-esr");
    const args = chrome ? CHROME : [];
    const launched = await puppeteer.launch({
      browser: kind,
      executablePath,
      args,
      headless: true,
      protocolTimeout: 120_000,
    });
    ends.push(() => launched.close());
    return launched;
  })();
  return browsers[kind];
}

/** The items that a page lists, once there is one. */
async function items(page) {
  await page
    .waitForFunction(() => document.querySelectorAll("li").length > 0, { timeout: 30_000 })
    .catch(() => {});
  return page.evaluate(() => Array.from(document.querySelectorAll("li"), (item) => item.textContent));
}

/** Starts Chromium with an extension. Returns the extension's `origin`, `look(url)`, which lists a page, and `close()`. */
export async function extended(folder) {
  const launched = await puppeteer.launch({
    executablePath: chromium(),
    args: CHROME,
    headless: true,
    pipe: true,
    enableExtensions: [folder],
  });
  const close = () => launched.close();
  ends.push(close);
  const worker = await launched.waitForTarget((target) => target.type() === "service_worker", {
    timeout: 30_000,
  });
  const look = async (url) => {
    const page = await launched.newPage();
    await page.goto(url);
    return items(page).finally(() => page.close());
  };
  return { origin: `chrome-extension://${new URL(worker.url()).host}`, look, close };
}

// Firefox can lose a page that opens while another one closes: there, open one at a time.
let firefoxIsFree = Promise.resolve();

/** Waits until no other test has a page in Firefox. Returns the function to call after closing the page. */
async function turnInFirefox() {
  const before = firefoxIsFree;
  let free;
  firefoxIsFree = new Promise((resolve) => (free = resolve));
  await before;
  return free;
}

/** Opens a new page, and returns it with its errors. */
export async function open(url, kind = "chrome") {
  const free = kind === "firefox" ? await turnInFirefox() : () => {};
  let context;
  const close = async () => context?.close().finally(free);
  try {
    context = await (await browser(kind)).createBrowserContext();
    const page = await context.newPage();
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(String(error.message ?? error)));
    page.on("console", (message) => {
      // Servers without an icon answer 404.
      if (["error", "warn"].includes(message.type()) && !message.location()?.url?.endsWith("/favicon.ico"))
        complaints.push(message.text());
    });
    await page.goto(url);
    return { page, complaints, close };
  } catch (error) {
    await close().catch(() => {});
    free();
    throw error;
  }
}

/** Opens a page, and checks that it lists the first ten runners without errors. */
export async function shows(url, kind, items = "li") {
  const { page, complaints, close } = await open(url, kind);
  try {
    await page
      .waitForFunction((items) => document.querySelectorAll(items).length >= 10, { timeout: 30_000 }, items)
      .catch(() => {});
    const found = await page.evaluate(
      (items) => Array.from(document.querySelectorAll(items), (item) => item.textContent),
      items,
    );
    const { pathname: path } = new URL(url);
    assert.deepEqual({ path, found, complaints }, { path, found: api.names, complaints: [] });
  } finally {
    await close();
  }
}

/** Checks that a server answers with the first ten runners as JSON. */
export async function answers(url) {
  const response = await fetch(url, { headers: { accept: "application/json" } });
  const text = await response.text();
  assert.equal(response.status, 200, text.slice(0, 2000));
  assert.deepEqual(
    JSON.parse(text).map(({ name }) => name),
    api.names,
  );
}

/** The folder that a tool is installed in. */
export function installed(folder, name) {
  const from = createRequire(join(HERE, folder, "package.json"));
  const path = from.resolve.paths(name).find((path) => existsSync(join(path, name, "package.json")));
  if (!path) throw new Error(`${name} is not installed in ${folder}`);
  return join(path, name);
}

const manifest = (folder, name) =>
  JSON.parse(readFileSync(join(installed(folder, name), "package.json"), "utf8"));

/** The installed version of a tool. */
export const version = (folder, name) => manifest(folder, name).version;

/** The file of a tool's command, to be run by the Node.js that `run` and `start` take. */
export function bin(folder, name, command = name) {
  const { bin } = manifest(folder, name);
  return join(installed(folder, name), typeof bin === "string" ? bin : bin[command]);
}

/** The version that a program prints. */
export function versionOf(program, ...args) {
  return /\d+(\.\d+)+/.exec(
    execFileSync(program, args, {
      env: environment(),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }),
  )[0];
}
