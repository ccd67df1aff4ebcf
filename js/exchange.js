// One HTTP exchange through the caller's `fetch`.

import { runIn } from "./async-context.js";
import { wait } from "./wait.js";

const ignore = () => {};

/** Declared and documented in `src/web/exchange.rs`. */
export function exchange(context, fetch, url, authorization, added, maxBytes, timeout, signal) {
  return wait(timeout, signal, (end) => {
    const controller = new AbortController();
    const request = { isOver: false, stream: undefined };
    const headers = { ...added.headers, accept: "application/json" };
    if (authorization !== undefined) headers.authorization = authorization;
    const init = { ...added.options, headers, signal: controller.signal };
    runIn(context, () => run(fetch, url, init, maxBytes, request)).then(
      ({ ending, value }) => end(ending, value),
      (error) => {
        if (init.dispatcher && refusesDispatcher(error)) return end("unusable", foreignDispatcher(error));
        if (fetch === globalThis.fetch) removeEchoes(error, authorization?.replace("Bearer ", ""));
        end("failed", error);
      },
    );
    return () => {
      request.isOver = true;
      controller.abort();
      discard(request.stream);
    };
  });
}

async function run(fetch, url, init, maxBytes, request) {
  const given = await send(fetch, url, init, request);
  if (request.isOver) {
    discard(given?.body);
    return {};
  }
  const response = checked(given);
  if (response instanceof Error) return { ending: "unusable", value: response };
  request.stream = response.body;
  response.bytes = await readBody(response, maxBytes, request);
  return { ending: response.bytes ? "done" : "too_large", value: response };
}

async function send(fetch, url, init, request) {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (!refusesSignal(error) || request.isOver) throw error;
    const { signal, ...rest } = init;
    return await fetch(url, rest);
  }
}

/**
 * Whether a `fetch` of another realm (Node's under jsdom) refused the signal of this realm. Only the
 * message shows it.
 */
function refusesSignal(error) {
  try {
    return error.name === "TypeError" && /\bsignal\b.*\bAbortSignal\b/i.test(error.message);
  } catch {
    return false;
  }
}

/** Whether undici refused a dispatcher that another version of undici made. */
function refusesDispatcher(error) {
  try {
    return error.cause?.code === "UND_ERR_INVALID_ARG" || error.code === "UND_ERR_INVALID_ARG";
  } catch {
    return false;
  }
}

function foreignDispatcher(cause) {
  const message =
    "the dispatcher in `fetchOptions` is of another undici than this fetch: give the option `fetch` that undici's " +
    "own fetch, too";
  return Object.defineProperty(new TypeError(message), "cause", { value: cause });
}

/**
 * @typedef {{ status: number, headers: { get(name: string): string | null, all(): Record<string, string> } }} Checked
 */

/**
 * Copies what the client needs from a `Response`. Each member is read once, because a foreign object
 * may return something else the next time. Returns an error if the response cannot be used.
 */
function checked(given) {
  const status = given?.status;
  const headers = given?.headers;
  if (typeof status !== "number") return new TypeError("fetch returned no Response");
  // Before the body: SvelteKit's Response on Cloudflare counts as read once its body was looked at.
  const isUsed = given.bodyUsed === true;
  const { body } = given;
  const isStream = typeof body?.getReader === "function";
  if (isUsed || (isStream && body.locked === true)) {
    return new TypeError(
      "the body of the Response was read before: fetch must return a new Response for each call",
    );
  }
  const read = ["arrayBuffer", "text", "json"].find((name) => typeof given[name] === "function");
  if (!isStream && !read && status >= 200 && status < 300) {
    return new TypeError("fetch returned no Response: it has no body that can be read");
  }
  return {
    status,
    headers: readable(headers),
    body: isStream ? body : undefined,
    // Some mocked error responses have no method that reads the body.
    read: () => (read ? given[read]() : ""),
  };
}

/** A separate function, so that its closures keep only the headers alive, and nothing else of the answer. */
function readable(headers) {
  return { get: (name) => header(headers, name), all: () => allHeaders(headers) };
}

/** A header as text; `null` if it is missing or anything else. */
function header(headers, name) {
  try {
    const value = headers.get(name);
    return typeof value === "string" ? value : null;
  } catch {
    return null;
  }
}

/** All headers in a plain object, which prints; empty where they cannot be listed. */
function allHeaders(headers) {
  try {
    return Object.fromEntries(headers.entries());
  } catch {
    return {};
  }
}

/** Where servers, and what stands in front of them, put the id of a request. */
const REQUEST_ID_HEADERS = ["x-request-id", "request-id", "cf-ray", "x-amzn-requestid"];

/**
 * The id that the server gave a request, where it gave one.
 *
 * @param {Checked} response
 * @returns {string | undefined}
 */
export function requestIdOf(response) {
  for (const name of REQUEST_ID_HEADERS) {
    const id = response.headers.get(name);
    if (id) return id;
  }
  return undefined;
}

/** How Rust calls it: see `src/web/exchange.rs`. */
export const responses = { requestIdOf };

/** All bytes of the body; `undefined` if there are more than `maxBytes`. */
async function readBody(response, maxBytes, request) {
  if (!response.body) {
    const bytes = toBytes(await response.read());
    return bytes.length > maxBytes ? undefined : bytes;
  }
  const reader = (request.stream = response.body.getReader());
  const chunks = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done || request.isOver) break;
    if (!ArrayBuffer.isView(value) || value.BYTES_PER_ELEMENT !== 1) {
      throw new TypeError("the body is not a stream of bytes");
    }
    // A new view, because a foreign one may report a wrong length.
    const chunk = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    size += chunk.length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  // Without a copy, unless the chunk was transferred away meanwhile: copying then fails.
  if (chunks.length === 1 && chunks[0].length === size) return chunks[0];
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** The result of `arrayBuffer()`, `text()` or `json()` as bytes. */
function toBytes(value) {
  if (typeof value === "string") return new TextEncoder().encode(value);
  const tag = Object.prototype.toString.call(value);
  if (ArrayBuffer.isView(value) || /^\[object (Shared)?ArrayBuffer\]$/.test(tag))
    return new Uint8Array(value);
  return new TextEncoder().encode(JSON.stringify(value) ?? "");
}

/** The text without the token: in any case, since hosts have no other, and percent-encoded. */
export function withoutToken(text, token) {
  const forms = [token, encodeURIComponent(token)].map((form) => form.replace(/\W/g, "\\$&"));
  return text.replace(new RegExp(forms.join("|"), "gi"), "[token]");
}

/**
 * Removes what the server sent from an error of the global fetch, and from its causes: the server may have sent the
 * token back, as text or in the host of a redirect.
 */
function removeEchoes(error, token, seen = new Set()) {
  if (Object(error) !== error || seen.has(error) || seen.size > 99) return;
  seen.add(error);
  try {
    Reflect.deleteProperty(error, "data");
    Reflect.deleteProperty(error, "input");
    for (const name of token ? Object.getOwnPropertyNames(error) : []) {
      if (typeof error[name] === "string") Reflect.set(error, name, withoutToken(error[name], token));
    }
    const further = Array.isArray(error.errors) ? error.errors : [];
    for (const inner of [error.cause, ...further]) removeEchoes(inner, token, seen);
  } catch {
    // The global fetch was replaced, and its error cannot be read.
  }
}

function discard(stream) {
  try {
    stream?.cancel?.()?.catch?.(ignore);
  } catch {
    // The stream is locked, or not a real one: there is nothing to free.
  }
}
