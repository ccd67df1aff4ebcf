// Watching the list with the package's store, which reads it again and again while somebody subscribes.

import { runnersStore } from "./config.js";

/** The largest page size of the API, for the fewest requests. */
const PER_PAGE = 100;
/** The shortest time between two readings, in milliseconds. */
const INTERVAL = 15_000;
/** The time between readings per page, in milliseconds: a watch takes at most a quarter of the rate limit. */
const INTERVAL_A_PAGE = 1000;

/**
 * Watches a list of about `total` runners until `signal` is aborted. `onList` gets the first list.
 * `onChange` gets `{ added, removed, changed, runners }` whenever something changed; `changed` is
 * `[{ runner, previous, fields }]`. `onSame` is called after a reading without changes. `onError` gets
 * the error of a failed reading; then the watch goes on.
 */
export function watch(client, { signal, total, onList, onChange, onSame, onError }) {
  const interval = Math.max(INTERVAL, Math.ceil(total / PER_PAGE) * INTERVAL_A_PAGE);
  const store = runnersStore(client, { interval, perPage: PER_PAGE });
  let isFirst = true;

  function look({ status, runners, changes, error }) {
    if (error) {
      onError(error);
    } else if (status === "ready") {
      const { added, removed, changed } = changes;
      if (isFirst) onList(runners);
      else if (added.length + removed.length + changed.length > 0) onChange({ ...changes, runners });
      else onSame();
      isFirst = false;
    }
  }

  return new Promise((resolve) => {
    const leave = store.subscribe(look);
    signal.addEventListener("abort", () => {
      leave();
      resolve();
    });
  });
}
