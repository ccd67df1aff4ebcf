// A `fetch` without a network, and answers for it: for tests that need an exact body or odd responses, or that check the
// arguments of `fetch`. All others use `createEmulator` of `testing.mjs`.

export const RUNNER = {
  id: "018f9c3e-0000-7000-8000-00000000000a",
  name: "rénder 😀",
  runner_type: "pro",
  status: "active",
  tags: ["gpu", "eu"],
  created_at: "2024-01-15T10:30:00Z",
  updated_at: "2024-01-16T10:30:00.5+02:00",
};
export const EMPTY = { runners: [], total: 0 };

/** An answer with a JSON body (or this text). */
export function answer(body = EMPTY, { status = 200, headers } = {}) {
  return new Response(typeof body === "string" ? body : JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}

/** An API error. */
export const refusal = (status, headers, message = "the server's words") =>
  answer({ status, message }, { status, headers });

/**
 * A `fetch` that returns one answer after another, and then repeats the last one. An answer is a function of `(url, init)`
 * that returns a `Response` or does anything else. `requests` has the arguments of all calls.
 */
export function memory(...answers) {
  const requests = [];
  const fetch = (url, init) => {
    const next = answers[Math.min(requests.length, answers.length - 1)] ?? (() => answer());
    requests.push({ url, init });
    return next(url, init);
  };
  return { fetch, requests };
}

let origins = 0;
/** A new origin, which has its own rate limit. */
export const origin = () => `https://origin-${(origins += 1)}.example`;
