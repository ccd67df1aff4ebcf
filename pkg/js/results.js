// The plain objects around the rows.

export function makePage(runners, total, page, perPage, pageCount, hasNextPage) {
  return { runners, total, page, perPage, pageCount, hasNextPage };
}

export function makeRateLimit(limit, remaining, resetAt, queued) {
  return { limit, remaining, resetAt, queued };
}
