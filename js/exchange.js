// One HTTP exchange through whatever `fetch` the caller has.

import { wait } from "./wait.js";

const ignore = () => {};

/**
 * Sends a request, and reads the whole answer. Ends in
 *
 * - `done`: `value` is `{ response, body }`, the checked response and all bytes of its body;
 * - `too_large`: `value` is `{ response }`, the body has more than `maxBytes`;
 * - `failed`: `value` is what was thrown, by `fetch` or while the body was read;
 * - `unusable`: `value` is an error that says why what `fetch` gave cannot be read;
 * - `timed_out` or `aborted`: the request was cancelled.
 *
 * @param {typeof fetch} fetch
 * @param {string} url
 * @param {string | undefined} authorization
 * @param {number} maxBytes
 * @param {number} timeout in milliseconds, for all of it
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<import("./wait.js").Outcome>}
 */
export function exchange(fetch, url, authorization, maxBytes, timeout, signal) {
  return wait(timeout, signal, (end) => {
    const controller = new AbortController();
    const request = { isOver: false, stream: undefined };
    run(fetch, url, authorization, maxBytes, controller.signal, request).then(
      ({ ending, value }) => end(ending, value),
      (error) => end("failed", fetch === globalThis.fetch ? withoutEchoes(error) : error),
    );
    return () => {
      request.isOver = true;
      controller.abort();
      discard(request.stream);
    };
  });
}

async function run(fetch, url, authorization, maxBytes, signal, request) {
  const headers = { accept: "application/json" };
  if (authorization !== undefined) headers.authorization = authorization;
  const given = await send(fetch, url, { headers, signal }, request);
  if (request.isOver) {
    discard(given?.body);
    return {};
  }
  const response = checked(given);
  if (response instanceof Error) return { ending: "unusable", value: response };
  request.stream = response.body;
  const body = await readBody(response, maxBytes, request);
  return body ? { ending: "done", value: { response, body } } : { ending: "too_large", value: { response } };
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
 * Whether a fetch of another realm (Node's under jsdom) refused the signal of this one. There is no
 * other sign of it than the message.
 */
function refusesSignal(error) {
  try {
    return error.name === "TypeError" && /\bsignal\b/i.test(error.message);
  } catch {
    return false;
  }
}

/**
 * What is used of a `Response`, each member read once: it may be anybody's, and something else at
 * the next reading. An error where it cannot be used.
 */
function checked(given) {
  const status = given?.status;
  const headers = given?.headers;
  if (typeof status !== "number") return new TypeError("fetch returned no Response");
  const { body } = given;
  const isStream = typeof body?.getReader === "function";
  if (given.bodyUsed === true || (isStream && body.locked === true)) {
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
    headers: { get: (name) => header(headers, name) },
    body: isStream ? body : undefined,
    // Some mocks of an error have nothing to read.
    read: () => (read ? given[read]() : ""),
  };
}

/** A header as text; `null` for whatever else is there. */
function header(headers, name) {
  try {
    const value = headers.get(name);
    return typeof value === "string" ? value : null;
  } catch {
    return null;
  }
}

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
    // A view of our own, which says the truth of its length.
    const chunk = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    size += chunk.length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  if (chunks.length === 1) return chunks[0];
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** What `arrayBuffer()`, `text()` or `json()` gave, as bytes. */
function toBytes(value) {
  if (typeof value === "string") return new TextEncoder().encode(value);
  const tag = Object.prototype.toString.call(value);
  if (ArrayBuffer.isView(value) || /^\[object (Shared)?ArrayBuffer\]$/.test(tag))
    return new Uint8Array(value);
  return new TextEncoder().encode(JSON.stringify(value) ?? "");
}

/** An error of the runtime's own fetch without what the server sent: it may have sent the token back. */
function withoutEchoes(error) {
  try {
    for (let at = error, depth = 0; at && depth < 9; at = at.cause, depth++) {
      delete at.data;
      delete at.input;
    }
  } catch {
    // frozen, or nothing that has members
  }
  return error;
}

function discard(stream) {
  try {
    stream?.cancel?.()?.catch?.(ignore);
  } catch {
    // locked or foreign: nothing to hold on to
  }
}
