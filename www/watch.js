// Watching the list with the package's store, which reads it again and again while somebody subscribes.

import { runnersStore } from "./config.js";

/** The largest page the API gives, so the fewest requests. */
const PER_PAGE = 100;
/** Milliseconds between two looks at the list, at least. */
const INTERVAL = 15_000;
/** Milliseconds a page: of the limit's 40 requests in 10 seconds, watching takes a quarter at most. */
const INTERVAL_A_PAGE = 1000;

/**
 * Watches a list of about `total` runners until `signal` is aborted. `onList` gets the first list;
 * `onChange` gets `{ added, removed, changed, runners }` whenever something changed, `changed`
 * being `[{ runner, previous, fields }]`; `onSame` is called where nothing did; `onError` gets what
 * a look failed with, after which watching goes on.
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
