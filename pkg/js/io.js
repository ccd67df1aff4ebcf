// The clock, waiting, and one HTTP exchange. Mechanics only: what to send, when, and what an answer means is Rust's.

const nothing = () => {};

/** Waits `ms` milliseconds (none: until `end`). `promise` gives false where the signal cut the wait short. */
export class Pause {
  constructor(ms, signal) {
    this.promise = new Promise((resolve) => {
      let timer;
      const over = (result) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", aborted);
        resolve(result);
      };
      const aborted = () => over(false);
      this.end = () => over(true);
      if (signal?.aborted) return resolve(false);
      signal?.addEventListener("abort", aborted);
      if (ms !== undefined) timer = setTimeout(this.end, ms);
    });
  }
}

/**
 * One exchange. Gives `[response, bytes]` when all of the body is here, and never throws:
 * `["timeout"]`, `["abort"]`, `["failed", error]` (no answer), `["broken", error, response]` (the body broke off), `["large", , response]`.
 * Whatever ends it, the request is cancelled and no listener, timer or unhandled rejection stays behind.
 */
export function exchange(fetch, url, authorization, timeout, signal, cap) {
  return new Promise((resolve) => {
    const controller = new AbortController();
    let response, reader, over;
    const end = (...outcome) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
      resolve(outcome);
      if (typeof outcome[0] === "string") {
        controller.abort();
        discard(reader ?? response?.body);
      }
    };
    const aborted = () => end("abort");
    if (signal?.aborted) return resolve(["abort"]);
    const timer = setTimeout(() => end("timeout"), timeout);
    signal?.addEventListener("abort", aborted);

    const run = async () => {
      const headers = { accept: "application/json" };
      if (authorization !== undefined) headers.authorization = authorization;
      response = await fetch(url, { headers, signal: controller.signal });
      if (over) return discard(response?.body);
      if (typeof response?.status !== "number" || typeof response.headers?.get !== "function" || typeof response.arrayBuffer !== "function") {
        response = undefined;
        throw new TypeError("fetch gave no Response");
      }
      const body = response.body;
      if (typeof body?.getReader !== "function") {
        const bytes = new Uint8Array(await response.arrayBuffer());
        return bytes.length > cap ? end("large", undefined, response) : end(response, bytes);
      }
      reader = body.getReader();
      let bytes, size = 0;
      const chunks = [];
      for (;;) {
        const { done, value } = await reader.read();
        if (over) return;
        if (done) break;
        if (!ArrayBuffer.isView(value)) throw new TypeError("the body is no stream of bytes");
        chunks.push(value);
        if ((size += value.length) > cap) return end("large", undefined, response);
      }
      if (chunks.length === 1) bytes = chunks[0];
      else {
        bytes = new Uint8Array(size);
        let at = 0;
        for (const chunk of chunks) bytes.set(chunk, at), (at += chunk.length);
      }
      end(response, bytes);
    };
    run().catch((error) => (response ? end("broken", error, response) : end("failed", error)));
  });
}

/** Asks a token function. Gives `[, token]`, `["timeout"]`, `["abort"]` or `["failed", error]`, and never throws. */
export function ask(token, timeout, signal) {
  return new Promise((resolve) => {
    const end = (...outcome) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
      resolve(outcome);
    };
    const aborted = () => end("abort");
    if (signal?.aborted) return resolve(["abort"]);
    const timer = setTimeout(() => end("timeout"), timeout);
    signal?.addEventListener("abort", aborted);
    (async () => token())().then(
      (given) => end(undefined, given),
      (error) => end("failed", error),
    );
  });
}

function discard(stream) {
  try {
    stream?.cancel?.()?.catch?.(nothing);
  } catch {
    // locked or foreign: nothing to hold on to
  }
}

/** Milliseconds of a clock that never goes back. */
export const now = () => performance.now();
