// Loading every page with the client's iterator.

/**
 * Reads the whole list: `{ runners, report }`. `onProgress` gets `{ delivered, total, requests,
 * estimatedMs }` after every page. After a failure or an abort, `onStopped` gets a value that this
 * function takes as `from` to continue.
 */
export async function loadAll(client, { signal, from, onProgress, onStopped }) {
  const runners = from?.runners ?? [];
  const iterator = client.iterateManagedRunners({
    signal,
    onProgress,
    ...(from && { resumeFrom: from.checkpoint }),
  });
  try {
    for await (const runner of iterator) runners.push(runner);
    return { runners, report: iterator.report };
  } catch (error) {
    onStopped({ runners, checkpoint: iterator.checkpoint });
    throw error;
  }
}
