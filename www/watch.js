// Watching the list with the client's `watchManagedRunners`.

/** How often to look, in milliseconds: a fleet of 1,000 then takes a tenth of the rate limit. */
const INTERVAL = 15_000;

/**
 * Watches until `signal` is aborted. `onList` gets the first list; `onChange` gets `{ added,
 * removed, changed, runners }` whenever something changed, `changed` being `[{ runner, fields }]`;
 * `onError` gets what a look failed with, after which watching goes on.
 */
export async function watch(client, { signal, onList, onChange, onError }) {
  let first = true;
  for await (const change of client.watchManagedRunners({ interval: INTERVAL, signal })) {
    if (change.error) onError(change.error);
    else if (first) onList(change.runners);
    else onChange(change);
    first &&= Boolean(change.error);
  }
}
