// An emulated API. Rust decides every answer; this file converts between its types and those of `fetch`.

import { abortReason } from "./abort.js";
import { core } from "./core.js";
import { deliver } from "./deliver.js";
import { toJson } from "./json.js";

let created = 0;

/** @type {typeof import("./index.js").createEmulator} */
export function createEmulator(options = {}) {
  const { Emulator } = core();
  const emulator = new Emulator(toJson("createEmulator", options), Date.now());
  const baseUrl = options.baseUrl ?? `https://emulator-${(created += 1)}.invalid`;
  const base = parseUrl("createEmulator: baseUrl", baseUrl);
  const token = options.token || "cfc_test";
  const schedule = new Set();

  /** Runs the changes that `changeWhile` scheduled for this list request. */
  function listWasRead() {
    for (const entry of schedule) {
      entry.reads += 1;
      if (entry.reads % entry.every !== 0) continue;
      if (entry.reads / entry.every >= entry.times) schedule.delete(entry);
      entry.change(api);
    }
  }

  const api = {
    baseUrl,
    token,

    async fetch(input, init) {
      const request = readRequest(input, init, base);
      if (request.signal?.aborted) throw abortReason(request.signal);
      // Only control calls use their body. All others are answered synchronously, in the order of the calls.
      if (request.isControl) request.body = await readBody(input, init);
      const reads = emulator.listReads();
      const answer = emulator.handle(request, Date.now());
      if (emulator.listReads() > reads) listWasRead();
      if (request.method === "HEAD") answer.body = new Uint8Array();
      return deliver(answer, request.signal, (outcome) => {
        if (answer.request !== undefined) emulator.finished(answer.request, outcome);
      });
    },

    get clientOptions() {
      return { baseUrl, token, fetch: api.fetch };
    },

    get runners() {
      return emulator.runners();
    },

    get requests() {
      return emulator.requests();
    },

    clock: {
      get now() {
        return emulator.now(Date.now());
      },
      advance(milliseconds) {
        emulator.advance(toJson("clock.advance", milliseconds));
      },
    },

    add(overrides = {}) {
      return emulator.add(toJson("add", overrides), Date.now());
    },

    remove(id) {
      return emulator.remove(checkId("remove", id));
    },

    update(id, overrides) {
      return emulator.update(checkId("update", id), toJson("update", overrides), Date.now());
    },

    failNext(failure) {
      emulator.failNext(toJson("failNext", failure));
    },

    clearFailures() {
      emulator.clearFailures();
    },

    changeWhile(when, change) {
      const { every, times = Infinity, ...others } = when ?? {};
      const [unknown] = Object.keys(others);
      if (unknown !== undefined) {
        throw new TypeError(`changeWhile: unknown member "${unknown}", expected every and times`);
      }
      if (!isCount(every)) throw new TypeError("changeWhile: every: expected a whole number of at least 1");
      if (times !== Infinity && !isCount(times)) {
        throw new TypeError("changeWhile: times: expected a whole number of at least 1");
      }
      if (typeof change !== "function")
        throw new TypeError("changeWhile: expected a function that changes the list");
      const entry = { every, times, change, reads: 0 };
      schedule.add(entry);
      return () => void schedule.delete(entry);
    },

    reset() {
      schedule.clear();
      emulator.reset();
    },
  };
  return api;
}

/**
 * The parts of a request that the emulator needs. `input` is a `Request` of any realm, or a URL.
 *
 * @param {Request | URL | string} input
 * @param {RequestInit | undefined} init
 * @param {URL} base
 */
function readRequest(input, init, base) {
  if (typeof input !== "string" && !isRequest(input) && !isUrl(input)) {
    throw new TypeError("fetch: expected a Request, a URL or a text");
  }
  const request = isRequest(input) ? input : { url: String(input) };
  const url = parseUrl("fetch", request.url, base);
  // With a base URL such as https://app.test/api, the API's own paths begin after /api.
  const prefix = base.pathname.replace(/\/$/, "");
  const path = url.pathname.startsWith(`${prefix}/`) ? url.pathname.slice(prefix.length) : url.pathname;
  return {
    method: String(init?.method ?? request.method ?? "GET").toUpperCase(),
    target: path + url.search,
    headers: [...new Headers(init?.headers ?? request.headers)],
    body: new Uint8Array(),
    signal: init?.signal ?? request.signal,
    isControl: path.startsWith("/__control/"),
  };
}

async function readBody(input, init) {
  const holder = init?.body === undefined && isRequest(input) ? input : new Response(init?.body);
  return new Uint8Array(await holder.arrayBuffer());
}

function isRequest(input) {
  return typeof input === "object" && input !== null && typeof input.url === "string";
}

function isUrl(input) {
  return typeof input === "object" && input !== null && typeof input.href === "string";
}

function parseUrl(name, url, base) {
  try {
    return new URL(url, base);
  } catch {
    throw new TypeError(`${name}: ${JSON.stringify(url)} is not a URL`);
  }
}

function checkId(name, id) {
  if (typeof id !== "string") throw new TypeError(`${name}: expected the id of a runner`);
  return id;
}

function isCount(value) {
  return Number.isInteger(value) && value >= 1;
}
