// The summary of a soak, as lines of text.

const counts = (map) =>
  [...map]
    .sort(([, a], [, b]) => b - a)
    .map(([what, count]) => `${what} ${count}`)
    .join(", ");
const sum = (map) => [...map.values()].reduce((a, b) => a + b, 0);
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/** `never` counts the things that must not happen, `examples` describes some of them. */
export function summary({
  took,
  seed,
  stats,
  limit,
  faults,
  changes,
  outcomes,
  events,
  latency,
  memories,
  never,
  examples,
}) {
  const milliseconds = (percent) => (latency.percentile(percent) / 1000).toFixed(1);
  const kind = (one, many) =>
    `${many.padEnd(12)} ${sum(outcomes.get(one) ?? new Map())}: ${counts(outcomes.get(one) ?? new Map())}`;
  return [
    `${(took / 1000).toFixed(0)} s with seed ${seed}, on Node ${process.version}`,
    `requests     ${stats.requests}, of which ${faults} met a fault; at most ${stats.maxStartsInWindow} of ${limit.requests} in any ${limit.windowMs} ms; ${changes} changes of the list`,
    kind("call", "calls"),
    kind("enumeration", "enumerations"),
    kind("watch", "watches"),
    `events       ${counts(events)}`,
    `latency      p50 ${milliseconds(50)} ms, p99 ${milliseconds(99)} ms, most ${milliseconds(100)} ms for a call, with its turns and pauses`,
    ...Object.entries(memories).map(
      ([when, { heap, rss, wasm }]) =>
        `${when.padEnd(12)} heap ${megabytes(heap)}, rss ${megabytes(rss)}, WebAssembly ${megabytes(wasm)}`,
    ),
    ...Object.entries(never).map(([what, count]) => `${String(count).padStart(5)}  ${what}`),
    ...examples.slice(0, 20).map((what) => `  ✖ ${what}`),
  ];
}
