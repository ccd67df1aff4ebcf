// Every consumer: where it runs, whether it belongs to the fast ones, and what must come out.

import assert from "node:assert/strict";
import { join } from "node:path";

import { TOKEN, answers, api, listed, run, says, serve, shows, start, version } from "./kit.mjs";

/** A bundled page in Chromium, under the policy. */
function page(name, folder, tool, { root = "", fast, script = "build" } = {}) {
  const build = async () => {
    await run(folder, "npm", ["run", "--silent", script]);
    await shows(`${await serve(join(folder, root))}/`);
  };
  return { where: "bundler", name, fast, run: build, version: () => version(folder, tool) };
}

/** A page that is served as it is. */
function plain(name, file, { fast, kind = "chrome" } = {}) {
  const program = kind === "chrome" ? (process.env.CHROMIUM ?? "/usr/bin/chromium") : (process.env.FIREFOX ?? "/usr/bin/firefox-esr");
  const where = kind === "chrome" ? "Chromium" : "Firefox";
  const open = async () => shows(`${await serve("browser")}/${file}`, kind);
  return { where, name, fast, more: false, run: open, version: () => says(program, "--version") };
}

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
  };
  return { where: `Node ${release}`, name: "ESM, CommonJS, both in one process, ./slim", fast, run: check, version: () => says(program, "--version") };
}

export const consumers = [
  node("here", process.execPath, true),
  {
    where: "Bun",
    name: "ESM",
    fast: true,
    run: async () => listed(await run("bun", "bun", ["list.js"])),
    version: () => version("bun", "bun"),
  },
  {
    where: "Deno",
    name: "ESM from node_modules",
    fast: true,
    run: async () => listed(await run("deno", "npm", ["start", "--silent"])),
    version: () => version("deno", "deno"),
  },
  {
    where: "Cloudflare workerd",
    name: "wrangler dev",
    fast: true,
    run: async () => {
      const variables = ["--var", `COMFYCONTROL_TOKEN:${TOKEN}`, "--var", `COMFYCONTROL_BASE_URL:${api.url}`];
      const worker = await start("workerd", "wrangler", ["dev", "--port", "0", "--ip", "127.0.0.1", ...variables], /Ready on (http\S+)/);
      await answers(worker.match[1]);
      worker.stop();
    },
    version: () => version("workerd", "workerd"),
  },
  plain("a page's module", "index.html", { fast: true }),
  plain("dedicated worker", "dedicated.html"),
  plain("shared worker", "shared.html"),
  plain("service worker", "service.html"),
  plain("./slim, compiled while it arrives", "slim.html"),
  page("Vite, build", "vite", "vite", { root: "dist", fast: true }),
  page("webpack", "webpack", "webpack", { fast: true }),
  page("esbuild", "esbuild", "esbuild", { fast: true }),
];
