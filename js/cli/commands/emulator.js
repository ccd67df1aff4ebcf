import { FAILURE, INTERRUPTED } from "../exit-codes.js";

const LOOPBACK = "127.0.0.1";

/** `emulator`: the API of `comfycontrol-runners/testing` on a port of this machine, until Ctrl-C. */
export async function emulator({ options }, { stdout, status, signal }) {
  const testing = await importTesting();
  if (testing === undefined) {
    status.error("this version of the package has no testing entry, and so no emulator");
    return FAILURE;
  }
  const api = testing.createEmulator({ runners: options.runners ?? 250, tier: options.tier ?? "pro" });
  // Imported only here, so that no other command waits for it.
  const { createServer } = await import("node:http");
  const server = createServer((request, response) => answer(api, request, response, status));
  const port = await listen(server, options.port ?? 8787);
  const url = `http://${LOOPBACK}:${port}`;
  await stdout.write(`listening on ${url}\n`);
  const token = api.clientOptions?.token;
  if (token)
    status.note(`in another terminal: export COMFYCONTROL_BASE_URL=${url} COMFYCONTROL_TOKEN=${token}`);
  status.note("Ctrl-C ends it");
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  server.close();
  server.closeAllConnections();
  return INTERRUPTED;
}

/** The testing entry, or `undefined` where the package has none. */
async function importTesting() {
  try {
    return await import("comfycontrol-runners/testing");
  } catch (error) {
    if (error.code === "ERR_PACKAGE_PATH_NOT_EXPORTED" || error.code === "ERR_MODULE_NOT_FOUND")
      return undefined;
    throw error;
  }
}

function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once("error", (error) =>
      reject(
        error.code === "EADDRINUSE" ? new Error(`port ${port} is taken; --port 0 takes a free one`) : error,
      ),
    );
    server.listen(port, LOOPBACK, () => resolve(server.address().port));
  });
}

/**
 * Answers one HTTP request with the answer of `api.fetch`. If that rejects, as with a `cut`, closes the connection.
 *
 * @param {{ fetch(request: Request): Promise<Response> }} api
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 * @param {{ detail(text: string): void }} status
 */
export async function answer(api, request, response, status) {
  const [{ Readable }, { pipeline }] = await Promise.all([
    import("node:stream"),
    import("node:stream/promises"),
  ]);
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  try {
    const url = new URL(request.url, `http://${request.headers.host ?? LOOPBACK}`);
    const hasBody = request.method !== "GET" && request.method !== "HEAD";
    const answered = await api.fetch(
      new Request(url, {
        method: request.method,
        headers: Object.entries(request.headers).flatMap(([name, values]) =>
          [values].flat().map((value) => [name, value]),
        ),
        signal: gone.signal,
        ...(hasBody && { body: Readable.toWeb(request), duplex: "half" }),
      }),
    );
    status.detail(`${request.method} ${url.pathname}${url.search}: ${answered.status}`);
    response.writeHead(answered.status, Object.fromEntries(answered.headers));
    if (answered.body) await pipeline(Readable.fromWeb(answered.body), response);
    else response.end();
  } catch (error) {
    status.detail(`${request.method} ${request.url}: ${error.message}`);
    response.destroy();
  }
}
