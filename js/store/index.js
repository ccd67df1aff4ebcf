// `comfycontrol-runners/store`: the whole list as a store, which watches the list while there are subscribers.

import { listeners } from "../notify.js";
import { scopeOf } from "../query/scope.js";
import { keepList } from "./kept-list.js";

const NO_RUNNERS = Object.freeze([]);
const NO_CHANGES = Object.freeze({ added: NO_RUNNERS, removed: NO_RUNNERS, changed: NO_RUNNERS });
const LOADING = Object.freeze({
  status: "loading",
  runners: NO_RUNNERS,
  changes: NO_CHANGES,
  error: undefined,
  updatedAt: undefined,
});
/** The default of `maxAge`: a day. */
const MAX_AGE_MS = 86_400_000;

/** @type {typeof import("./index.js").runnersStore} */
export function runnersStore(client, options = {}) {
  const { account, baseUrl, initialRunners, storage, maxAge = MAX_AGE_MS, ...watchOptions } = options;
  const scope = scopeOf(client, { account, baseUrl });
  const kept = storage === undefined ? undefined : keepList({ storage, maxAge, ...scope });
  if (initialRunners !== undefined && !isList(initialRunners))
    throw new TypeError("initialRunners: expected an array of runners");
  const initial = initialRunners ? older(initialRunners) : LOADING;

  let snapshot = initial;
  /** One object per call of `subscribe`, because one function may subscribe twice. */
  const subscribers = new Set();
  /** The controller of the watch, and its items; `undefined` while there is no watch. */
  let watch;
  let items;
  /** Whether `startOrStop` is about to run. */
  let isScheduled = false;
  /** Whether the saved list may still be shown. */
  let mayRestore = true;

  /** The snapshot of a list that is not the latest one. */
  function older(runners, updatedAt) {
    return Object.freeze({ ...LOADING, status: "stale", runners: Object.freeze([...runners]), updatedAt });
  }

  function publish(next) {
    snapshot = Object.freeze(next);
    for (const subscriber of [...subscribers]) {
      if (subscribers.has(subscriber)) listeners.notify(subscriber.listener, snapshot);
    }
  }

  const hasList = () => snapshot.status === "ready" || snapshot.status === "stale";

  function takeList({ runners, added, removed, changed }) {
    mayRestore = false;
    const isSame = hasList() && isSameList(snapshot.runners, runners);
    const hasChanges = added.length + removed.length + changed.length > 0;
    publish({
      status: "ready",
      runners: isSame ? snapshot.runners : Object.freeze(runners),
      changes: hasChanges ? Object.freeze({ added, removed, changed }) : NO_CHANGES,
      error: undefined,
      updatedAt: Date.now(),
    });
    kept?.save(snapshot.runners, snapshot.updatedAt);
  }

  function takeError(error) {
    if (error?.status === 401 || error?.status === 403) {
      forget();
      publish({ ...LOADING, status: "error", error });
    } else {
      publish({ ...snapshot, status: hasList() ? "stale" : "error", changes: NO_CHANGES, error });
    }
  }

  function forget() {
    mayRestore = false;
    kept?.clear();
  }

  /** Marks the list as possibly out of date, because the watch is over. */
  function becomeStale() {
    if (snapshot.status === "ready") publish({ ...snapshot, status: "stale", changes: NO_CHANGES });
  }

  async function follow(signal) {
    /** A wrong option, or a defect of the client. */
    let error;
    try {
      items = client.watchManagedRunners({ ...watchOptions, everyReading: true, signal });
      for await (const item of items) {
        if (signal.aborted) return;
        if (item.error) takeError(item.error);
        else takeList(item);
      }
    } catch (thrown) {
      error = thrown;
    }
    if (signal.aborted) return;
    watch = undefined;
    if (error) takeError(error);
    else becomeStale();
  }

  function start() {
    watch = new AbortController();
    follow(watch.signal);
  }

  function stop() {
    watch?.abort();
    watch = undefined;
  }

  function refresh() {
    if (watch) items.refresh();
    else if (subscribers.size > 0) start();
  }

  function startOrStop() {
    isScheduled = false;
    if (subscribers.size > 0 && !watch) start();
    if (subscribers.size === 0 && watch) {
      stop();
      becomeStale();
    }
  }

  /** Deferred, because frameworks unsubscribe and subscribe again at once (in React's StrictMode, or on navigation). */
  function schedule() {
    if (isScheduled) return;
    isScheduled = true;
    Promise.resolve().then(startOrStop);
  }

  function subscribe(observer) {
    const listener = typeof observer === "function" ? observer : (next) => observer?.next?.(next);
    const subscriber = { listener };
    const first = snapshot;
    listener(first);
    subscribers.add(subscriber);
    schedule();
    // The listener may have changed the store itself, for example by `clear`.
    if (snapshot !== first) listeners.notify(listener, snapshot);
    const unsubscribe = () => {
      if (subscribers.delete(subscriber)) schedule();
    };
    // RxJS and Angular expect a method.
    unsubscribe.unsubscribe = unsubscribe;
    return unsubscribe;
  }

  kept?.load((runners, savedAt) => {
    if (mayRestore && !hasList()) publish({ ...older(runners, savedAt), error: snapshot.error });
  });

  return {
    subscribe,
    getSnapshot: () => snapshot,
    getServerSnapshot: () => initial,
    get value() {
      return snapshot;
    },
    refresh,
    clear() {
      forget();
      // A reading under way may be of the account that signed out.
      stop();
      publish(LOADING);
      refresh();
    },
  };
}

/** Whether this is an array of objects. */
function isList(value) {
  // A copy, because `every` skips holes.
  return Array.isArray(value) && [...value].every((runner) => typeof runner === "object" && runner !== null);
}

/** Whether two lists have equal runners in the same order. A new watch has new objects, also for what did not change. */
function isSameList(list, other) {
  const isSame = (runner, index) =>
    runner === other[index] || JSON.stringify(runner) === JSON.stringify(other[index]);
  return list.length === other.length && list.every(isSame);
}
