// Watching the list with the client's `watchManagedRunners`.

/** The largest page the API gives, so the fewest requests. */
const PER_PAGE = 100;
/** Milliseconds between two looks at the list, at least. */
const INTERVAL = 15_000;
/** Milliseconds a page: of the limit's 40 requests in 10 seconds, watching takes a quarter at most. */
const INTERVAL_A_PAGE = 1000;

/**
 * Watches a list of about `total` runners until `signal` is aborted. `onList` gets the first list;
 * `onChange` gets `{ added, removed, changed, runners }` whenever something changed, `changed`
 * being `[{ runner, previous, fields }]`; `onError` gets what a look failed with, after which
 * watching goes on.
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
