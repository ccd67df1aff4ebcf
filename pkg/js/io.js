// The clock, waiting, and one HTTP exchange. Mechanics only: what to send, when, and what an answer means is Rust's.

// How something that was waited for ended; the numbers are those of `src/wasm/call.rs`.
export const DONE = 0;
const TIMEOUT = 1;
export const ABORTED = 2;
export const FAILED = 3;
const LARGE = 4;

/** The longest body that is read, in bytes; the same number as `MAX_BODY` in `src/response.rs`. */
const MAX_BODY = 8 * 1024 * 1024;

const nothing = () => {};

/** Milliseconds of a clock that never goes back. */
export const now = () => performance.now();

// What waits for a signal: one listener for all of it, since Node warns of the eleventh.
const waiting = new WeakMap();

export function onAbort(signal, run) {
  let runs = waiting.get(signal);
  if (!runs) {
    waiting.set(signal, (runs = new Set()));
    runs.all = () => runs.forEach((run) => run());
    signal.addEventListener("abort", runs.all);
  }
  runs.add(run);
}

export function offAbort(signal, run) {
  const runs = waiting.get(signal);
  if (!runs?.delete(run) || runs.size) return;
  try {
    signal.removeEventListener("abort", runs.all);
    waiting.delete(signal);
  } catch {
    // A foreign signal that cannot, or no stack to do it: what waited goes on all the same, and the next one tries again.
  }
}

/**
 * Gives the first outcome, as a list that begins with its ending: what `start` ends it with, or that time or the signal
 * did. A trap ends all of `core.waits` as the signal does. Never rejects. `start` gives what to do where it did not end
 * as it should. Nothing stays behind.
 */
export function wait(core, ms, signal, start) {
  // A list in no order, from which each takes itself by its place: a set makes a new table at every turn.
  const waits = (core.waits ??= []);
  return new Promise((resolve) => {
    let ending, timer, cancel;
    const end = (...outcome) => {
      if (ending !== undefined) return;
      ending = outcome[0];
      clearTimeout(timer);
      const last = waits.pop();
      if (last !== waiter) (waits[waiter.place] = last).place = waiter.place;
      if (signal) offAbort(signal, aborted);
      resolve(outcome);
      if (ending !== DONE) cancel?.();
    };
    const aborted = () => end(ABORTED);
    if (signal?.aborted) return resolve([ABORTED]);
    if (signal) onAbort(signal, aborted);
    const waiter = { aborted, place: waits.length };
    waits.push(waiter);
    if (ms < Infinity) timer = setTimeout(end, ms, TIMEOUT);
    try {
      cancel = start(end);
    } catch (error) {
      end(FAILED, error);
    }
    // Ended from inside, by a fetch that aborts its own call.
    if (ending > DONE) cancel?.();
  });
}

/** Makes whatever object it is given the `this` of a class that extends it. */
function Plain(object) {
  return object;
}

/**
 * The second argument of `fetch`, with which the request can be cancelled. Its signal is made when it is asked for, since
 * making one costs more than all else here. The getter is one for all: an object with a getter of its own has a shape of
 * its own, which would keep each call in memory until the next full collection.
 */
class Cancelling extends Plain {
  #controller;
  #over = false;

  static #signal = {
    __proto__: null,
    enumerable: true,
    configurable: true,
    get() {
      // Of whoever inherits from one, too.
      for (let at = this; at; at = Object.getPrototypeOf(at)) if (#over in at) return Cancelling.#signalOf(at);
    },
  };

  static #signalOf(init) {
    init.#controller ??= new AbortController();
    if (init.#over) init.#controller.abort();
    return init.#controller.signal;
  }

  constructor(token) {
    super({ headers: token ? { accept: "application/json", authorization: `Bearer ${token}` } : { accept: "application/json" } });
    Object.defineProperty(this, "signal", Cancelling.#signal);
  }

  static cancel(init) {
    init.#over = true;
    init.#controller?.abort();
  }
}

/**
 * One exchange. Gives all of the body, the status and the headers; or what was thrown, whether there was no answer or its
 * body broke off; or no body, where it is too large. Unless it is done, the request is cancelled.
 */
export function exchange(core, fetch, url, token, timeout, signal) {
  return wait(core, timeout, signal, (end) => {
    let response, reader, over;
    const init = new Cancelling(token);
    (async () => {
      try {
        response = await fetch(url, init);
        if (over) return discard(() => response?.body);
        // Each is read once: it may be anybody's, and something else at the next reading.
        const status = response?.status;
        const given = response?.headers;
        if (typeof status !== "number" || typeof given?.get !== "function" || typeof response.arrayBuffer !== "function") {
          throw new TypeError("fetch gave no Response");
        }
        const body = response.body;
        if (typeof body?.getReader !== "function") {
          const bytes = new Uint8Array(await response.arrayBuffer());
          return bytes.length > MAX_BODY ? end(LARGE, undefined, status, given) : end(DONE, bytes, status, given);
        }
        reader = body.getReader();
        let bytes, size = 0;
        const chunks = [];
        for (;;) {
          const { done, value } = await reader.read();
          if (over) return;
          if (done) break;
          if (!ArrayBuffer.isView(value) || value.BYTES_PER_ELEMENT !== 1) throw new TypeError("the body is no stream of bytes");
          // A view of our own, which says the truth of its length.
          const chunk = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
          chunks.push(chunk);
          if ((size += chunk.length) > MAX_BODY) return end(LARGE, undefined, status, given);
        }
        if (chunks.length === 1) bytes = chunks[0];
        else {
          bytes = new Uint8Array(size);
          let at = 0;
          for (const chunk of chunks) bytes.set(chunk, at), (at += chunk.length);
        }
        end(DONE, bytes, status, given);
      } catch (error) {
        end(FAILED, fetch === globalThis.fetch ? quiet(error) : error);
      }
    })();
    return () => {
      over = true;
      Cancelling.cancel(init);
      discard(() => reader ?? response?.body);
    };
  });
}

/** Asks a token function. Gives the token, or what was thrown. */
export function ask(core, token, timeout, signal) {
  return wait(core, timeout, signal, (end) => {
    (async () => token())().then(
      (given) => end(DONE, given),
      (error) => end(FAILED, error),
    );
  });
}

/** A header of anybody's, empty if there is none. Whatever it is instead of a text counts as none. */
export function header(headers, name) {
  try {
    const text = headers.get(name);
    return typeof text === "string" ? text : "";
  } catch {
    return "";
  }
}

/** An error of the runtime's own fetch without what the server sent: it may have sent the token back. */
function quiet(error) {
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
    stream()?.cancel?.()?.catch?.(nothing);
  } catch {
    // locked or foreign: nothing to hold on to
  }
}

/** Hands `value` to a listener; what it throws is reported, once per listener, and changes nothing. */
export function tell(listener, value) {
  try {
    const answer = listener(value);
    // An async listener's rejection is its own affair, but must not end the process.
    if (typeof answer?.then === "function") answer.then(undefined, (error) => report(listener, error));
  } catch (error) {
    report(listener, error);
  }
}

const reported = new WeakSet();
function report(listener, error) {
  if (reported.has(listener)) return;
  reported.add(listener);
  try {
    if (typeof globalThis.reportError === "function") globalThis.reportError(error);
    else console.error(error);
  } catch {
    // Whoever replaced these hears of it no other way.
  }
}
