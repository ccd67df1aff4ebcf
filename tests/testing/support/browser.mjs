// Chromium, and a web server for its pages.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";

import { chromium } from "playwright-core";

const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"];
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript" };

/** The Content-Security-Policy that a page with the package needs. */
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' https:; worker-src 'self'";

export const startChromium = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGUMENTS });

/** Serves files from the first folder that has them. Returns `url` and `stop()`. */
export async function serve(...folders) {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://host").pathname;
    for (const folder of folders) {
      const body = await readFile(join(folder, path)).catch(() => undefined);
      if (!body) continue;
      response.writeHead(200, {
        "content-type": TYPES[extname(path)] ?? "text/plain",
        "content-security-policy": POLICY,
      });
      response.end(body);
      return;
    }
    response.writeHead(404);
    response.end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}
