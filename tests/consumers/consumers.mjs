// All consumers: where each runs, whether it is one of the fast ones, and its expected output.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";

import {
  HERE,
  TOKEN,
  answers,
  api,
  listed,
  run,
  versionOf,
  serve,
  shows,
  start,
  version,
  wrangler,
} from "./kit.mjs";
import { dashboards } from "./dashboards.mjs";
import { environments } from "./environments.mjs";
import { frameworks } from "./frameworks.mjs";
import { places } from "./places.mjs";
import { visitors } from "./visitors.mjs";
import { webkit } from "./webkit.mjs";

/** A bundled page in Chromium, with the policy. */
function page(name, folder, tool, { root = "", fast, script = "build" } = {}) {
  const build = async () => {
    await run(folder, "npm", ["run", "--silent", script]);
    await shows(`${await serve(join(folder, root))}/`);
  };
  return { where: "bundler", name, fast, run: build, version: () => version(folder, tool) };
}

/** A page that is served without a bundler. */
function plain(name, file, { fast, kind = "chrome" } = {}) {
  const program =
    kind === "chrome"
      ? (process.env.CHROMIUM ?? "/usr/bin/chromium")
      : (process.env.FIREFOX ?? "/usr/bin/firefox-esr");
  const where = kind === "chrome" ? "Chromium" : "Firefox";
  const open = async () => shows(`${await serve("browser")}/${file}`, kind);
  return { where, name, fast, more: false, run: open, version: () => versionOf(program, "--version") };
}

/** The command: in a pipe it prints a line a runner, which begins with its name. */
const LIST = ["../node_modules/comfycontrol-runners/dist/cli.js", "list"];

const named = (lines) => listed(lines.replaceAll(/\t.*/g, ""));

/** ES modules, CommonJS, and both at once in a Node. */
function node(release, program, fast) {
  const check = async () => {
    listed(await run("node", program, ["list.mjs"]));
    listed(await run("node", program, ["list.cjs"]));
    listed(await run("node", program, ["slim.mjs"]));
    listed(await run("node", program, ["slim.cjs"]));
    const both = await run("node", program, ["both.mjs"], { errors: true });
    listed(both.stdout);
    assert.equal(both.stderr.trim(), "38 38", "one rate limit for import and require, and no warning");
    // The emulator in memory has the same runners as the one that serves the port.
    listed(await run("node", program, ["emulated.mjs"]));
    listed(await run("node", program, ["emulated.cjs"]));
    named(await run("node", program, LIST));
  };
  return {
    where: `Node ${release}`,
    name: "ESM, CommonJS, both in one process, ./slim, ./testing, the command",
    fast,
    run: check,
    version: () => versionOf(program, "--version"),
  };
}

/** A test runner with its own test. */
function tests(name, folder, tool) {
  const check = () => run(folder, "npm", ["test", "--silent"]);
  return { where: "test runner", name, run: check, version: () => version(folder, tool) };
}

// Run one after another, because both bundlers build in one folder.
let turn = Promise.resolve();

/** Next.js: a client component, a server component, a route handler, and one of the edge runtime. */
function next(bundler, flag) {
  const check = async () => {
    const env = { BACKEND: await serve("more/next"), NODE_ENV: undefined };
    const all = async (url) => {
      await shows(`${url}/client`);
      await shows(`${url}/server`);
      await answers(`${url}/route`);
      await answers(`${url}/edge`);
    };
    await run("more/next", "npx", ["next", "build", flag], { env });
    const server = await start(
      "more/next",
      "npx",
      ["next", "start", "--port", "0", "--hostname", "127.0.0.1"],
      /Local:\s+(http\S+)/,
      env,
    );
    await all(server.match[1]);
    server.stop();
  };
  const name = `Next.js with ${bundler}: client component, server component, route handler, edge route`;
  return {
    where: "framework",
    name,
    run: () => (turn = turn.then(check, check)),
    version: () => version("more/next", "next"),
  };
}

/** Releases of Node.js from npm, if there are any for this machine. */
const releases = [20, 22, 24, 26]
  .map((release) => [
    release,
    join(HERE, release === 24 ? "" : "more", `node_modules/node-${release}/bin/node`),
  ])
  .filter(([, program]) => existsSync(program));

export const consumers = [
  // The full run uses all releases, or the current Node if they cannot be installed.
  { ...node("here", process.execPath, true), full: releases.length === 0 },
  {
    where: "Bun",
    name: "ESM, ./testing, the command",
    fast: true,
    run: async () => {
      listed(await run("bun", "bun", ["list.js"]));
      listed(await run("bun", "bun", ["emulated.js"]));
      named(await run("bun", "bun", LIST));
    },
    version: () => version("bun", "bun"),
  },
  {
    where: "Deno",
    name: "ESM from node_modules, ./testing, the command",
    fast: true,
    run: async () => {
      listed(await run("deno", "npm", ["start", "--silent"]));
      listed(await run("deno", "deno", ["run", "--allow-env", "--allow-net", "emulated.js"]));
      named(await run("deno", "deno", ["run", "--allow-env", "--allow-net", "--allow-read", ...LIST]));
    },
    version: () => version("deno", "deno"),
  },
  {
    where: "Cloudflare workerd",
    name: "wrangler dev: the package, and ./slim with ./core.wasm",
    fast: true,
    run: async () => {
      const worker = await wrangler("workerd", [], {
        COMFYCONTROL_TOKEN: TOKEN,
        COMFYCONTROL_BASE_URL: api.url,
      });
      await answers(worker.url);
      await answers(`${worker.url}/slim`);
      worker.stop();
    },
    version: () => version("workerd", "workerd"),
  },
  ...visitors,
  plain("a page's module", "index.html", { fast: true }),
  plain("dedicated worker", "dedicated.html"),
  plain("shared worker", "shared.html"),
  plain("service worker", "service.html"),
  plain("./slim, compiled while it arrives", "slim.html"),
  plain("./testing", "emulated.html"),
  page("Vite, build", "vite", "vite", { root: "dist", fast: true }),
  page("webpack", "webpack", "webpack", { fast: true }),
  page("esbuild", "esbuild", "esbuild", { fast: true }),
  {
    where: "bundler",
    name: "Vite, development server with its optimizer",
    more: false,
    run: async () => {
      const backend = await serve("vite");
      const server = await start(
        "vite",
        "vite",
        ["--port", "0", "--host", "127.0.0.1"],
        /Local:\s+(http\S+)/,
        { BACKEND: backend },
      );
      await shows(server.match[1]);
      server.stop();
    },
    version: () => version("vite", "vite"),
  },
  {
    where: "bundler",
    name: "Vite, rendering on the server: external, bundled, and in development",
    run: async () => {
      const list = `<ul>${api.names.map((name) => `<li>${name}</li>`).join("")}</ul>`;
      for (const env of [{}, { BUNDLED: "1" }]) {
        await run("more/vite-ssr", "npm", ["run", "--silent", "build"], { env });
        assert.equal((await run("more/vite-ssr", "node", ["print.js"])).trim(), list);
      }
      assert.equal((await run("more/vite-ssr", "node", ["server.js"])).trim(), list);
    },
    version: () => version("more/vite-ssr", "vite"),
  },
  page("Rollup", "more/rollup", "rollup"),
  page("Rolldown", "more/rolldown", "rolldown"),
  page("Rspack", "more/rspack", "@rspack/core"),
  page("Parcel", "more/parcel", "parcel", { root: "dist" }),
  next("Turbopack", "--turbopack"),
  next("webpack", "--webpack"),
  {
    where: "edge-light",
    name: "edge-runtime, with code generation off",
    run: async () => listed(await run("more/edge-runtime", "node", ["serve.mjs"])),
    version: () => version("more/edge-runtime", "edge-runtime"),
  },
  tests("Vitest", "more/vitest", "vitest"),
  tests("Jest, CommonJS", "more/jest-cjs", "jest"),
  tests("Jest, ES modules", "more/jest-esm", "jest"),
  ...dashboards,
  ...frameworks,
  ...environments,
  ...places,
  ...webkit,
  ...releases.map(([release, program]) => node(release, program)),
  plain("a page's module", "index.html", { kind: "firefox" }),
  plain("dedicated worker", "dedicated.html", { kind: "firefox" }),
  plain("shared worker", "shared.html", { kind: "firefox" }),
  plain("service worker", "service.html", { kind: "firefox" }),
  plain("./slim, compiled while it arrives", "slim.html", { kind: "firefox" }),
  plain("./testing", "emulated.html", { kind: "firefox" }),
];
