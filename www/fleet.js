// Makes all calls of the package, together with `load-all.js` and `watch.js`. Results and errors go to
// the store; nothing is thrown.

import { ComfyControl, isComfyControlError, rateLimit } from "./config.js";
import { loadAll } from "./load-all.js";
import { SAMPLE_BASE_URL, sampleFetch } from "./sample.js";
import { forget, keep } from "./session.js";
import { shows } from "./state.js";
import { watch } from "./watch.js";

/** Shorter waits of the client are not worth showing, in milliseconds. */
const NOTABLE_WAIT = 1000;

export class Fleet {
  #store;
  #client;
  #connection;
  #call;
  #checkpoint;

  constructor(store) {
    this.#store = store;
  }

  /** Connects to a server. `restored`: with a kept connection, not one that the user just entered. */
  connect({ baseUrl, token = "", remember = false, restored = false }) {
    const connection = { baseUrl, token, remember: remember || restored };
    this.#begin(connection, { baseUrl, host: hostOf(baseUrl), sample: false, restored });
  }

  /** Connects to the sample server in this page. */
  connectToSample({ restored = false } = {}) {
    const connection = { baseUrl: SAMPLE_BASE_URL, token: "cfc_sample", fetch: sampleFetch };
    const session = { baseUrl: SAMPLE_BASE_URL, host: "The sample server", sample: true, restored };
    this.#begin(connection, session);
  }

  /** Uses another token for the same server. */
  reconnect({ token, remember }) {
    const { watching, list } = this.#store.state;
    this.#connection = { ...this.#connection, token, remember };
    this.#client = undefined;
    this.#store.dispatch({ type: "reconnect" });
    if (watching) this.watch();
    else if (list?.whole) this.loadAll();
    else this.load();
  }

  disconnect() {
    this.#stop();
    this.#client = this.#connection = this.#checkpoint = undefined;
    forget();
    this.#store.dispatch({ type: "disconnect" });
  }

  /** Loads the selected page, unless it is on screen. */
  show() {
    const { list, position, session } = this.#store.state;
    if (session && !(list && shows(list, position))) this.load();
  }

  /** Loads the list on screen again. */
  reload() {
    const { list, session, watching, all } = this.#store.state;
    if (!session) return;
    if (watching) this.watch();
    else if (all?.status === "stopped") this.loadAll();
    else if (list?.whole) this.loadAll({ anew: true });
    else this.load();
  }

  /** Loads one page. */
  async load() {
    const { page, perPage } = this.#store.state.position;
    this.#store.dispatch({ type: "ask" });
    await this.#attempt(async (client, signal) => {
      const listed = await client.listManagedRunners({ page, perPage, signal });
      this.#store.dispatch({ type: "listed", page: listed, now: Date.now() });
    });
  }

  /** Loads all pages. Continues an earlier run that was stopped, unless `anew`. */
  async loadAll({ anew = false } = {}) {
    if (anew) this.#checkpoint = undefined;
    this.#store.dispatch({ type: "loadAll" });
    await this.#attempt(async (client, signal) => {
      const { runners } = await loadAll(client, {
        signal,
        from: this.#checkpoint,
        onProgress: (progress) => this.#store.dispatch({ type: "progress", progress }),
        onStopped: (checkpoint) => (this.#checkpoint = checkpoint),
      });
      this.#checkpoint = undefined;
      this.#store.dispatch({ type: "loadedAll", runners, total: runners.length, now: Date.now() });
    });
  }

  stopLoadingAll() {
    this.#stop();
    this.#store.dispatch({ type: "stoppedAll" });
  }

  /** Goes back to loading one page at a time. */
  loadPage() {
    this.#checkpoint = undefined;
    this.load();
  }

  /** Watches the list until `unwatch`. */
  async watch() {
    this.#store.dispatch({ type: "watch" });
    await this.#attempt((client, signal) =>
      watch(client, {
        signal,
        total: this.#store.state.list?.total ?? 0,
        onList: (runners) => this.#store.dispatch({ type: "watched", runners, now: Date.now() }),
        onChange: (change) => this.#store.dispatch({ type: "changed", ...change, now: Date.now() }),
        onSame: () => this.#store.dispatch({ type: "unchanged", now: Date.now() }),
        onError: (error) => this.#failed(error),
      }),
    );
  }

  unwatch() {
    this.#stop();
    this.#store.dispatch({ type: "unwatch" });
  }

  /** Call it about once a second: reads the clock and the rate limit, and tries again when due. */
  tick() {
    this.#store.dispatch({ type: "tick", now: Date.now() });
    this.#readBudget();
    const { problem, loading, online, now, watching } = this.#store.state;
    const due = problem?.code === "rate_limited" && problem.retryAt <= now;
    if (due && online && !loading && !watching) this.reload();
  }

  #begin(connection, session) {
    this.#stop();
    this.#checkpoint = undefined;
    this.#connection = connection;
    this.#client = undefined;
    this.#store.dispatch({ type: "connect", session });
    this.load();
  }

  /** Aborts the task under way. There is at most one. */
  #stop() {
    this.#call?.abort();
    this.#call = undefined;
  }

  async #attempt(work) {
    this.#stop();
    const call = (this.#call = new AbortController());
    try {
      this.#client ??= this.#makeClient();
      await work(this.#client, call.signal);
      this.#keepOrForget();
    } catch (error) {
      if (!call.signal.aborted) this.#failed(error);
    }
  }

  #makeClient() {
    const { baseUrl, token, fetch } = this.#connection;
    return new ComfyControl({
      baseUrl,
      // A proxy on the page's own origin adds the token itself.
      ...(token && { token }),
      // Only this tab uses the sample server.
      ...(fetch ? { fetch } : { rateLimit }),
      onEvent: (event) => this.#onEvent(event),
    });
  }

  #onEvent({ type, reason, time, waitMs }) {
    if (type === "wait" && waitMs >= NOTABLE_WAIT) {
      this.#store.dispatch({ type: "waiting", reason, until: time + waitMs });
    }
    if (type === "request") this.#store.dispatch({ type: "going" });
    // The client emits events in the middle of a call: read its rate limit in a later microtask.
    queueMicrotask(() => this.#readBudget());
  }

  #readBudget() {
    if (!this.#client) return;
    const { limit, remaining, resetAt, queued } = this.#client.rateLimit;
    this.#store.dispatch({ type: "budget", budget: { limit, remaining, resetAt, queued } });
  }

  #failed(error) {
    const problem = problemOf(error);
    const { watching, all, budget } = this.#store.state;
    // Without `retryAt`, the rate limit knows when the cooldown ends.
    if (problem.code === "rate_limited") problem.retryAt ??= budget?.resetAt ?? undefined;
    // Another try with the same token would not help.
    if (watching && (problem.code === "unauthorized" || problem.code === "forbidden")) this.#stop();
    if (all) this.#store.dispatch({ type: "stoppedAll" });
    this.#store.dispatch({ type: "failed", problem, now: Date.now() });
  }

  /** Keeps the connection, after it has worked once. */
  #keepOrForget() {
    const { baseUrl, token, remember, fetch } = this.#connection ?? {};
    if (!this.#connection || fetch) return;
    if (remember) keep({ baseUrl, token });
    else forget();
  }
}

function problemOf(error) {
  if (!isComfyControlError(error)) {
    return { code: "internal", message: String(error?.message ?? error) };
  }
  const { code, status, message, serverMessage, issues, retryAt } = error;
  return { code, status, message, serverMessage, issue: issues?.[0], retryAt };
}

function hostOf(baseUrl) {
  try {
    return new URL(baseUrl, location.href).host;
  } catch {
    return baseUrl;
  }
}
