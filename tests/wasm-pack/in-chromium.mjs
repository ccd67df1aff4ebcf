// Tests a build for the web, in a page of Chromium.

import { readFile } from "node:fs/promises";
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join } from "node:path";

import { ROOT, given } from "../supply/kit.mjs";

const { chromium } = createRequire(join(ROOT, "tests/www/package.json"))("playwright-core");

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/** Serves the repository's tests at `/tests/` and a folder at `/package/`, on a free port of this machine. */
async function serve(folder) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (pathname === "/")
      return response
        .setHeader("Content-Type", TYPES[".html"])
        .end("<!doctype html><title>a build for the web</title>");
    const path = pathname.startsWith("/package/")
      ? join(folder, pathname.slice("/package".length))
      : join(ROOT, pathname);
    try {
      response
        .setHeader("Content-Type", TYPES[extname(path)] ?? "application/octet-stream")
        .end(await readFile(path));
    } catch {
      response.writeHead(404).end();
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}

/**
 * What `in-node.mjs` gives, of a build for the web after its `init`.
 *
 * @param {string} folder - Where the build is.
 * @param {string} main - The name of its entry.
 * @param {[name: string, members: string[]][]} declared
 */
export async function askInChromium(folder, main, declared) {
  const server = await serve(folder);
  const browser = await chromium.launch({
    executablePath: given("CHROMIUM"),
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    return await page.evaluate(
      async ([main, declared]) => {
        const { ask } = await import("/tests/wasm-pack/list.mjs");
        const api = await import(`/package/${main}`);
        await api.default();
        return ask(api, declared);
      },
      [main, declared],
    );
  } finally {
    await browser.close();
    server.stop();
  }
}
