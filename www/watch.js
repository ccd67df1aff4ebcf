// Watching the list with the client's `watchManagedRunners`.

/** The largest page size of the API, for the fewest requests. */
const PER_PAGE = 100;
/** The shortest time between two readings, in milliseconds. */
const INTERVAL = 15_000;
/** The time between readings per page, in milliseconds: a watch takes at most a quarter of the rate limit. */
const INTERVAL_A_PAGE = 1000;

/**
 * Watches a list of about `total` runners until `signal` is aborted. `onList` gets the first list.
 * `onChange` gets `{ added, removed, changed, runners }` whenever something changed; `changed` is
 * `[{ runner, previous, fields }]`. `onError` gets the error of a failed reading; then the watch goes on.
 */
export async function watch(client, { signal, total, onList, onChange, onError }) {
  const interval = Math.max(INTERVAL, Math.ceil(total / PER_PAGE) * INTERVAL_A_PAGE);
  let first = true;
  for await (const change of client.watchManagedRunners({ interval, perPage: PER_PAGE, signal })) {
    if (change.error) {
      onError(change.error);
    } else if (first) {
      first = false;
      onList(change.runners);
    } else {
      onChange(change);
    }
  }
}
