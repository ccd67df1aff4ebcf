// A list of runners in memory, served page by page with the documented rate limit, on a virtual clock. It does not use the
// emulator, which would be one more WebAssembly module among the instances that are counted and broken here.

import { answer, refusal, RUNNER } from "../../package/support/memory.mjs";

/**
 * `rows` runners, newest first, 20 ms away. `limit` counts as the real one does: 40 requests per 10 s, then a cooldown
 * of 10 s in which nothing is served.
 */
export function server(clock, { rows, limit = true }) {
  const row = (n) => ({
    ...RUNNER,
    id: `018f9c3e-0000-7000-8000-${String(n).padStart(12, "0")}`,
    name: `runner ${n}`,
    created_at: new Date(1_600_000_000_000 + n * 1000).toISOString(),
  });
  const list = Array.from({ length: rows }, (_, index) => row(rows - index));
  const stats = { requests: 0, refused: 0 };
  let served = [];
  let closed = -Infinity;

  const refuse = () => {
    stats.refused += 1;
    return refusal(429);
  };
  const fetch = async (url) => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    stats.requests += 1;
    const now = clock.now();
    let response;
    served = served.filter((time) => time > now - 10_000);
    if (limit && now < closed) response = refuse();
    else if (limit && served.length >= 40) {
      closed = now + 10_000;
      response = refuse();
    } else {
      served.push(now);
      const [page, perPage] = ["page", "per_page"].map((name) => Number(new URL(url).searchParams.get(name)));
      response = answer({ runners: list.slice((page - 1) * perPage, page * perPage), total: list.length });
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
    return response;
  };
  return { fetch, stats, list };
}
