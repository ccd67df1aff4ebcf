// The plain objects around the rows.

let decoder;

/** The body's text without a byte-order mark. Rust has checked the bytes. */
export function decodeText(bytes) {
  return (decoder ??= new TextDecoder()).decode(bytes);
}

export function makePage(runners, total, page, perPage, pageCount, hasNextPage) {
  return { runners, total, page, perPage, pageCount, hasNextPage };
}

export function makeRateLimit(limit, remaining, resetAt, queued) {
  return { limit, remaining, resetAt, queued };
}
