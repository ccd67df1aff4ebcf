import type { ManagedRunner, RateLimitLedger } from "comfycontrol-runners";

/**
 * Starts the entry. Needed only in Chromium before 115, on a page's main thread, which may start WebAssembly
 * only asynchronously: await it before the first call of `createEmulator`, `fakeRunner` or `fakeRunners`. Anywhere
 * else those start the entry themselves.
 *
 * ```js
 * await ready();
 * const api = createEmulator({ runners: 250 });
 * ```
 *
 * Rejects with an `Error` where the environment lacks something; it says what.
 */
export function ready(): Promise<void>;

/**
 * Creates the API in memory, for tests: it keeps state, fails on demand, and needs no network.
 *
 * ```js
 * const api = createEmulator({ runners: 250 });
 * const client = new ComfyControl({ ...api.clientOptions });
 * ```
 *
 * Throws a `TypeError` that names the wrong option.
 */
export function createEmulator(options?: EmulatorOptions): Emulator;

/** An emulated API. It needs no disposal. */
export interface Emulator {
  /** The base URL in `clientOptions`. */
  readonly baseUrl: string;
  /** The token in `clientOptions`. */
  readonly token: string;
  /** What a client needs to call this API: `new ComfyControl({ ...api.clientOptions })`. */
  readonly clientOptions: { baseUrl: string; token: string; fetch: Emulator["fetch"] };
  /**
   * Answers a request, as `fetch` does. It accepts requests for any origin, so you can also use it as the
   * handler of a mock server, a browser's route or a service worker. It needs no `this`.
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
   *
   * ```js
   * api.add({ name: "studio-eu-07", tags: ["gpu:a100"] });
   * ```
   */
  add(overrides?: RunnerOverrides): ManagedRunner;
  /** Removes a runner, and returns it. Throws if there is none with this id. */
  remove(id: string): ManagedRunner;
  /**
   * Changes members of a runner, and returns it. Also advances `updatedAt`, unless `overrides` sets it.
   * Throws if there is no runner with this id.
   *
   * ```js
   * api.update(api.runners[0].id, { name: "studio-eu-07" });
   * ```
   */
  update(id: string, overrides: RunnerOverrides): ManagedRunner;
  /**
   * Makes the next request fail, or the next `times` requests. Each request takes the first waiting fault
   * that applies to it.
   *
   * ```js
   * api.failNext({ status: 503, times: 2, retryAfter: 1 });
   * api.failNext({ page: 3, cut: "mid-body" });
   * api.failNext({ times: Infinity, html: true }); // until clearFailures()
   * ```
   */
  failNext(fault: Fault): void;
  /** Removes the faults that still wait for a request. */
  clearFailures(): void;
  /**
   * Changes the list while it is read: calls `change` after every `every`th list request, before the
   * next one is answered. Refused requests, and those that a fault answers, do not count. Returns a
   * function that removes this schedule.
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
  /** The number of list requests between two changes, at least 1. */
  every: number;
  /** How many changes there are in all, at least 1. Default: no limit. */
  times?: number | undefined;
}

/**
 * Makes a valid runner, with these members instead of generated ones. Each call makes another runner, newer
 * than the one before. The same calls make the same runners in every run.
 *
 * ```js
 * const runner = fakeRunner({ tags: ["gpu:a100"] });
 * ```
 */
export function fakeRunner(overrides?: RunnerOverrides): ManagedRunner;

/**
 * Makes `count` valid, varied runners, newest first; at most 1,000,000. The same seed gives the same
 * runners.
 *
 * ```js
 * const runners = fakeRunners(30, { seed: 7 });
 * ```
 */
export function fakeRunners(count: number, options?: FakeRunnersOptions): ManagedRunner[];

/**
 * Resets the rate limits of all clients of this copy of the package, and ends their cooldowns. Clients stay usable. Calls,
 * iterations and watches that are under way end with an error (`internal`, not `retryable`). For tests that
 * share a process.
 *
 * ```js
 * afterEach(() => resetRateLimits());
 * ```
 */
export function resetRateLimits(): void;

/**
 * What a shared ledger for `rateLimit` must do, as cases for any test runner:
 *
 * ```js
 * for (const { name, run } of ledgerConformance()) test(name, () => run(makeLedger));
 * ```
 *
 * Each case takes up to three seconds of real time and uses a key of its own, so cases may run at the same time.
 */
export function ledgerConformance(options?: LedgerConformanceOptions): LedgerCase[];

/** One thing that a ledger must do. */
export interface LedgerCase {
  name: string;
  /**
   * Rejects with an `Error` where the ledger does not do it. `makeLedger` is called once for each process of the case:
   * all that it gives must share one state, as ledgers of several processes do.
   */
  run(makeLedger: () => RateLimitLedger | Promise<RateLimitLedger>): Promise<void>;
}

/** Options of `ledgerConformance`. */
export interface LedgerConformanceOptions {
  /** The length of the window in the cases. Longer for a ledger that is far away. Default: 400. */
  windowMs?: number | undefined;
  /** Waits for a time, where that is not real time. Default: `setTimeout`. */
  wait?: ((ms: number) => Promise<void>) | undefined;
  /** The time in milliseconds, where that is not real time. Default: `performance.now`. */
  now?: (() => number) | undefined;
}
