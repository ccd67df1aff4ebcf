// The clock, waiting, and one HTTP exchange. Mechanics only: what to send, when, and what an answer means is Rust's.

// How something that was waited for ended; the numbers are those of `src/wasm/host.rs`.
const DONE = 0;
const TIMEOUT = 1;
const ABORTED = 2;
const FAILED = 3;
const LARGE = 4;

const nothing = () => {};

// What waits for a signal: one listener for all of it, since Node warns of the eleventh.
const waiting = new WeakMap();

function onAbort(signal, run) {
  let runs = waiting.get(signal);
  if (!runs) {
    waiting.set(signal, (runs = new Set()));
    runs.all = () => runs.forEach((run) => run());
    signal.addEventListener("abort", runs.all);
  }
  runs.add(run);
}

function offAbort(signal, run) {
  const runs = waiting.get(signal);
  if (runs?.delete(run) && !runs.size) {
    waiting.delete(signal);
    signal.removeEventListener("abort", runs.all);
  }
}

/**
 * Gives the first outcome, as a list that begins with its ending: what `start` ends it with, or that time or the
 * signal did. Never rejects. `start` gives what to do where it did not end as it should. Nothing stays behind.
 */
function wait(ms, signal, start) {
  return new Promise((resolve) => {
    let over, timer, cancel;
    const end = (...outcome) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      if (signal) offAbort(signal, aborted);
      resolve(outcome);
      if (outcome[0] !== DONE) cancel?.();
    };
    const aborted = () => end(ABORTED);
    if (signal?.aborted) return aborted();
    if (signal) onAbort(signal, aborted);
    if (ms < Infinity) timer = setTimeout(end, ms, TIMEOUT);
    cancel = start(end);
  });
}

/** Waiting that can be ended from outside, any number of times. */
export class Pause {
  constructor(signal) {
    this.signal = signal;
  }

  wait(ms) {
    return wait(ms, this.signal, (end) => void (this.over = end));
  }

  end() {
    this.over?.(DONE);
  }
}

/**
 * One exchange. Gives all of the body and the `Response`; or what was thrown, whether there was no answer or its body
 * broke off; or the `Response` of a body larger than `cap`. Unless it is done, the request is cancelled.
 */
export function exchange(fetch, url, authorization, timeout, signal, cap) {
  return wait(timeout, signal, (end) => {
    let controller, response, reader, over;
    // Made when it is asked for, since making one costs more than all else here; whoever never asks cannot be cancelled.
    const cancelling = () => {
      controller ??= new AbortController();
      if (over) controller.abort();
      return controller.signal;
    };

    const run = async () => {
      const headers = { accept: "application/json" };
      if (authorization) headers.authorization = authorization;
      response = await fetch(url, { headers, get signal() { return cancelling(); } });
      if (over) return discard(() => response?.body);
      if (typeof response?.status !== "number" || typeof response.headers?.get !== "function" || typeof response.arrayBuffer !== "function") {
        throw new TypeError("fetch gave no Response");
      }
      const body = response.body;
      if (typeof body?.getReader !== "function") {
        const bytes = new Uint8Array(await response.arrayBuffer());
        return bytes.length > cap ? end(LARGE, undefined, response) : end(DONE, bytes, response);
      }
      reader = body.getReader();
      let bytes, size = 0;
      const chunks = [];
      for (;;) {
        const { done, value } = await reader.read();
        if (over) return;
        if (done) break;
        if (value?.BYTES_PER_ELEMENT !== 1) throw new TypeError("the body is no stream of bytes");
        chunks.push(value);
        if ((size += value.length) > cap) return end(LARGE, undefined, response);
      }
      if (chunks.length === 1) bytes = chunks[0];
      else {
        bytes = new Uint8Array(size);
        let at = 0;
        for (const chunk of chunks) bytes.set(chunk, at), (at += chunk.length);
      }
      end(DONE, bytes, response);
    };
    run().catch((error) => end(FAILED, error));
    return () => {
      over = true;
      controller?.abort();
      discard(() => reader ?? response?.body);
    };
  });
}

/** Asks a token function. Gives the token, or what was thrown. */
export function ask(token, timeout, signal) {
  return wait(timeout, signal, (end) => {
    (async () => token())().then(
      (given) => end(DONE, given),
      (error) => end(FAILED, error),
    );
  });
}

function discard(stream) {
  try {
    stream()?.cancel?.()?.catch?.(nothing);
  } catch {
    // locked or foreign: nothing to hold on to
  }
}

/** Milliseconds of a clock that never goes back. */
export const now = () => performance.now();

/** A signal of our own, which another one may end, too. */
export class Cancel {
  constructor(parent) {
    const controller = new AbortController();
    const follow = () => controller.abort(parent.reason);
    this.signal = controller.signal;
    this.end = () => {
      if (parent) offAbort(parent, follow);
      // Aborting may run listeners of the caller's fetch, which may call us back: not inside a call of ours.
      Promise.resolve().then(() => controller.abort());
    };
    if (parent?.aborted) follow();
    else if (parent) onAbort(parent, follow);
  }
}
