import type { ManagedRunner } from "../loaders/index.js";

/**
 * The API in memory, for tests: it keeps state, fails on demand, and needs no network.
 *
 * ```js
 * const api = createEmulator({ runners: 250 });
 * const client = new ComfyControl({ ...api.clientOptions });
 * ```
 *
 * Throws a `TypeError` that names the wrong option.
 */
export function createEmulator(options?: EmulatorOptions): Emulator;

/** An emulated API. Nothing needs to be closed. */
export interface Emulator {
  /** The base URL in `clientOptions`. */
  readonly baseUrl: string;
  /** The token in `clientOptions`. */
  readonly token: string;
  /** What a client needs to call this API: `new ComfyControl({ ...api.clientOptions })`. */
  readonly clientOptions: { baseUrl: string; token: string; fetch: Emulator["fetch"] };
  /**
   * Answers a request, as `fetch` does. Takes a request for any origin, so that it also serves as the
   * handler of a mock server, a browser's route or a service worker. Needs no `this`.
   *
   * Rejects with `signal.reason` if the request is aborted, and with a `TypeError` if a fault cuts the
   * connection.
   */
  fetch(input: Request | URL | string, init?: RequestInit): Promise<Response>;
  /** The latest 10,000 requests, oldest first. Preflights are left out. */
  readonly requests: RecordedRequest[];
  /** The runners that the list shows, newest first. */
  readonly runners: ManagedRunner[];
  /** The time for rate limits, cooldowns and timestamps. */
  readonly clock: EmulatorClock;
  /**
   * Adds a runner, and returns it. Members that are left out are generated. The list is sorted by
   * `createdAt`, so a runner without one comes first.
   */
  add(overrides?: RunnerOverrides): ManagedRunner;
  /** Removes a runner, and returns it. Throws if there is none with this id. */
  remove(id: string): ManagedRunner;
  /**
   * Changes members of a runner, and returns it. `updatedAt` moves on unless it is among them.
   * Throws if there is no runner with this id.
   */
  update(id: string, overrides: RunnerOverrides): ManagedRunner;
  /**
   * Makes the next request fail, or the next `times` requests. Faults wait for their requests in the
   * order of the calls.
   *
   * ```js
   * api.failNext({ status: 503, times: 2, retryAfter: 1 });
   * api.failNext({ page: 3, cut: "mid-body" });
   * api.failNext({ times: Infinity, html: true }); // until clearFailures()
   * ```
   */
  failNext(fault: Fault): void;
  /** Drops the faults that still wait for a request. */
  clearFailures(): void;
  /**
   * Changes the list while it is read: calls `change` after every `every`th list request, before the
   * next one is answered. Refused requests, and those that a fault answers, do not count. Returns a
   * function that ends it.
   *
   * ```js
   * api.changeWhile({ every: 2 }, (list) => list.remove(list.runners[0].id));
   * ```
   */
  changeWhile(when: ChangeSchedule, change: (list: Emulator) => void): () => void;
  /**
   * Goes back to the start: runners, faults, `changeWhile`, rate limits and recorded requests. The clock
   * keeps its time.
   */
  reset(): void;
}

/** The time for rate limits, cooldowns and timestamps. */
export interface EmulatorClock {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Moves the clock forward. A whole number of milliseconds. */
  advance(milliseconds: number): void;
}

/** When `changeWhile` changes the list. */
export interface ChangeSchedule {
  /** After each so many list requests; at least 1. */
  every: number;
  /** How many times in all. Default: without end. */
  times?: number;
}

/**
 * A valid runner, with these members in place of its own. Each call makes another one, newer than the one
 * before; the same calls make the same runners in every run.
 */
export function fakeRunner(overrides?: RunnerOverrides): ManagedRunner;

/** Valid, varied runners, newest first: the same for the same seed. At most 1,000,000. */
export function fakeRunners(count: number, options?: FakeRunnersOptions): ManagedRunner[];

/**
 * Forgets what the rate limits of all clients in this process have counted, and their cooldowns. Calls
 * that wait stay in the queue. For tests that share a process.
 */
export function resetRateLimits(): void;
