// Standard error: which messages are printed where, and the summary of a list that was read to its end.

import assert from "node:assert/strict";
import { test } from "node:test";

import { conclude } from "../../js/cli/commands/enumerate.js";
import { summary } from "../../js/cli/commands/list.js";
import { describeEvent } from "../../js/cli/events.js";
import { plural, progress, timeLeft } from "../../js/cli/format.js";
import { createStatus } from "../../js/cli/status.js";

function status({ isTerminal, columns = 40, verbose = false }) {
  const written = [];
  const stream = {
    write: (text) => written.push(text),
    describe: () => ({ isTerminal, columns, color: false }),
  };
  return { ...createStatus(stream, verbose), written };
}

function everything(one) {
  one.progress("progress");
  one.note("note");
  one.detail("detail");
  one.error("error");
  one.always("always");
  return one.written.join("");
}

test("where nobody reads, only errors are written", () => {
  assert.equal(everything(status({ isTerminal: false })), "comfycontrol-runners: error\nalways\n");
  assert.equal(status({ isTerminal: false }).isRead, false);
});

test("a terminal gets progress in place, and notes", () => {
  const expected = "\r\x1b[Kprogress\r\x1b[Knote\ncomfycontrol-runners: error\nalways\n";
  assert.equal(everything(status({ isTerminal: true })), expected);
});

test("--verbose gets everything, as lines", () => {
  const expected = "progress\nnote\ndetail\ncomfycontrol-runners: error\nalways\n";
  assert.equal(everything(status({ isTerminal: false, verbose: true })), expected);
  assert.equal(everything(status({ isTerminal: true, verbose: true })), expected);
});

test("progress leaves the last column free, and nothing raw reaches the terminal", () => {
  const one = status({ isTerminal: true, columns: 10 });
  one.progress("a long line of progress");
  one.error("bad\x1b[2J");
  assert.equal(one.written.join(""), "\r\x1b[Ka long l…\r\x1b[Kcomfycontrol-runners: bad\\x1b[2J\n");
});

test("a token in an error or a detail is masked", () => {
  const one = status({ isTerminal: false, verbose: true });
  one.detail("GET /cfc_secret/v1/x: 200 after 3 ms");
  one.error("is http://cfc_secret.localhost there?");
  assert.equal(
    one.written.join(""),
    "GET /cfc_…: 200 after 3 ms\ncomfycontrol-runners: is http://cfc_… there?\n",
  );
});

const REPORT = {
  unique: 250,
  duplicates: 0,
  totalStart: 250,
  totalEnd: 250,
  requests: 3,
  complete: "unknown",
};
const CONCLUSIONS = [
  [{}, 0, "250 runners\n"],
  [{ complete: true, unique: 1, totalStart: 1, totalEnd: 1 }, 0, "1 runner\n"],
  [{ totalEnd: 249 }, 0, "the list changed while it was read; each of the 250 runners is here once\n"],
  [{ duplicates: 2 }, 0, "the list changed while it was read; each of the 250 runners is here once\n"],
  [
    { complete: false, unique: 248 },
    5,
    "comfycontrol-runners: the list is not complete, since it changed while it was read: " +
      "248 runners of 250 found; run it again\n",
  ],
];
for (const [facts, code, text] of CONCLUSIONS) {
  test(`a list with ${JSON.stringify(facts)}: ${text.trimEnd()}`, () => {
    const one = status({ isTerminal: true });
    assert.equal(conclude({ ...REPORT, ...facts }, one), code);
    assert.equal(one.written.join(""), text);
  });
}

test("below a page: which one, of how many, and how to see the next", () => {
  const page = { page: 1, pageCount: 3, total: 25, hasNextPage: true };
  assert.equal(summary(page, {}), "page 1 of 3, 25 runners; next: comfycontrol-runners list --page 2");
  assert.match(summary(page, { perPage: 9 }), /list --page 2 --per-page 9$/);
  assert.equal(
    summary({ ...page, page: 1200, pageCount: 3000, total: 30_000 }, {}),
    "page 1,200 of 3,000, 30,000 runners; next: comfycontrol-runners list --page 1201",
  );
  assert.equal(summary({ ...page, page: 3, hasNextPage: false }, {}), "page 3 of 3, 25 runners");
  assert.equal(summary({ ...page, page: 4 }, {}), "page 4 is past the end: there are 3 pages");
  assert.equal(summary({ ...page, total: 0, pageCount: 0 }, {}), "there are no runners");
});

test("numbers and times as people read them", () => {
  assert.deepEqual([0, 1, 999, 60_000, 100_000, 5_999_000, 6_000_000].map(timeLeft), [
    "0 s",
    "1 s",
    "1 s",
    "60 s",
    "2 min",
    "100 min",
    "2 h",
  ]);
  assert.equal(plural(1, "runner"), "1 runner");
  assert.equal(plural(1200, "runner"), "1,200 runners");
  assert.equal(progress({ delivered: 200, total: 1200, estimatedMs: 500 }), "200 of 1,200 runners");
  assert.equal(
    progress({ delivered: 200, total: 9000, estimatedMs: 19_500 }),
    "200 of 9,000 runners, about 20 s left",
  );
});

const EVENTS = [
  [{ type: "request", path: "/v1/x", attempt: 1 }, "detail", "GET /v1/x"],
  [{ type: "request", path: "/v1/x", attempt: 2 }, "detail", "GET /v1/x, attempt 2"],
  [{ type: "response", path: "/v1/x", status: 200, durationMs: 3.4 }, "detail", "GET /v1/x: 200 after 3 ms"],
  [
    { type: "response", path: "/v1/x", error: "timeout", durationMs: 10 },
    "detail",
    "GET /v1/x: no answer (timeout) after 10 ms",
  ],
  [{ type: "retry", error: "server_error" }, "detail", "trying again after server_error"],
  [
    { type: "wait", reason: "rate_limit", waitMs: 7400 },
    "wait",
    "waiting 8 s for the limit of 40 requests in 10 s",
  ],
  [{ type: "wait", reason: "backoff", waitMs: 100 }, "detail", "waiting 1 s for another try"],
  [{ type: "something new" }, "detail", "something new"],
];
for (const [event, kind, text] of EVENTS) {
  test(`an event in words: ${text}`, () => assert.deepEqual(describeEvent(event), { kind, text }));
}
