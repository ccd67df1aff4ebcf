// A same-origin proxy for the dashboard, which needs only Node. It serves this folder, and forwards
// `/api/...` to the API with the token, which only the proxy knows. In the page, the base URL is then
// `/api`, and the token stays empty.
//
//     COMFYCONTROL_TOKEN=cfc_... node proxy.mjs
//
// Anybody who can reach this port can use the account: put your own sign-in in front of it.

import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";

const {
  COMFYCONTROL_TOKEN,
  COMFYCONTROL_BASE_URL = "https://api.comfycontrol.app",
  PORT = "8080",
} = process.env;
const WWW = await realpath(fileURLToPath(new URL(".", import.meta.url)));
const PACKAGE = process.env.COMFYCONTROL_PACKAGE ?? join(WWW, "pkg");
const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};
// Only what the page needs: to read two paths.
const ALLOWED = /^\/v1\/managed-runner(\/[0-9a-f-]{36})?$/i;

if (!COMFYCONTROL_TOKEN) {
  console.error("COMFYCONTROL_TOKEN is not set: the proxy has no token to add.");
  process.exit(1);
}

const server = createServer(async (request, response) => {
  try {
    const url = new URL(request.url, "http://proxy");
    if (request.method !== "GET" && request.method !== "HEAD")
      return refuse(response, 405, "only GET is passed on");
    if (url.pathname.startsWith("/api/")) await passOn(url, response);
    else await serve(url.pathname, response);
  } catch (error) {
    if (response.headersSent) return response.destroy();
    refuse(response, 502, `the API cannot be reached (${error.cause?.code ?? error.name})`);
  }
});

async function passOn({ pathname, search }, response) {
  const path = pathname.slice("/api".length);
  if (!ALLOWED.test(path)) return refuse(response, 404, "not a path that is passed on");
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const answer = await fetch(COMFYCONTROL_BASE_URL.replace(/\/+$/, "") + path + search, {
    headers: { Accept: "application/json", Authorization: `Bearer ${COMFYCONTROL_TOKEN}` },
    redirect: "error",
    signal: gone.signal,
  });
  const headers = { "Cache-Control": "no-store" };
  // The client needs these headers to check the answer, and to know when to retry.
  for (const name of ["content-type", "retry-after"]) {
    if (answer.headers.has(name)) headers[name] = answer.headers.get(name);
  }
  response.writeHead(answer.status, headers);
  if (answer.body) await pipeline(answer.body, response);
  else response.end();
}

async function serve(path, response) {
  const [root, name] = path.startsWith("/pkg/") ? [PACKAGE, path.slice("/pkg".length)] : [WWW, path];
  const type = TYPES[extname(name === "/" ? "index.html" : name)];
  const file = await realpath(join(root, decodeURIComponent(name === "/" ? "index.html" : name))).catch(
    () => undefined,
  );
  const inside = file?.startsWith((await realpath(root).catch(() => root)) + sep);
  if (!inside || !type || !(await stat(file)).isFile()) return refuse(response, 404, "no such file");
  response.writeHead(200, {
    "Content-Type": type,
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy":
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  });
  await pipeline(createReadStream(file), response);
}

function refuse(response, status, message) {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify({ status, message }));
}

server.listen(Number(PORT), "127.0.0.1", () =>
  console.log(`listening on http://127.0.0.1:${server.address().port}`),
);
