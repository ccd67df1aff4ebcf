// One HTTP exchange through the caller's `fetch`.

import { wait } from "./wait.js";

const ignore = () => {};

/**
 * Sends a request, and reads the whole answer. The ending is one of:
 *
 * - `done`: `value` is `{ response, body }`, the checked response and all bytes of its body;
 * - `too_large`: `value` is `{ response }`, whose body has more than `maxBytes`;
 * - `failed`: `value` is what `fetch` threw, or what reading the body threw;
 * - `unusable`: `value` is an error that says why the result of `fetch` cannot be read;
 * - `timed_out` or `aborted`: the request was cancelled.
 *
 * @param {typeof fetch} fetch
 * @param {string} url
 * @param {string | undefined} authorization
 * @param {number} maxBytes
 * @param {number} timeout in milliseconds, for the whole exchange
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
 * Whether a `fetch` of another realm (Node's under jsdom) refused the signal of this realm. Only the
 * message shows it.
 */
function refusesSignal(error) {
  try {
    return error.name === "TypeError" && /\bsignal\b/i.test(error.message);
  } catch {
    return false;
  }
}

/**
 * Copies what the client needs from a `Response`. Each member is read once, because a foreign object
 * may return something else the next time. Returns an error if the response cannot be used.
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
    // Some mocked error responses have no method that reads the body.
    read: () => (read ? given[read]() : ""),
  };
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
  if (chunks.length === 1) return chunks[0];
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

/** Removes the server's text from an error of the global fetch: the server may have sent the token back. */
function withoutEchoes(error) {
  try {
    for (let at = error, depth = 0; at && depth < 9; at = at.cause, depth++) {
      delete at.data;
      delete at.input;
    }
  } catch {
    // The error is frozen, or has no members.
  }
  return error;
}

function discard(stream) {
  try {
    stream?.cancel?.()?.catch?.(ignore);
  } catch {
    // The stream is locked, or not a real one: there is nothing to free.
  }
}
