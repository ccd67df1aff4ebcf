// The state of the page without a browser: transitions, derived values and texts.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { pageSizes, readAddress, writeAddress } from "../../www/address.js";
import {
  byGpu,
  byType,
  choices,
  createdOverTime,
  gpuOf,
  longest,
  sorted,
  visibleRows,
} from "../../www/derive.js";
import { age, relativeTime, timeLeft } from "../../www/format.js";
import { describe as inWords } from "../../www/problem.js";
import { ANNOUNCE_MS, initialState, LOG_LENGTH, MARK_MS, reduce } from "../../www/state.js";

const NOW = Date.parse("2024-03-01T12:00:00Z");
const SESSION = { baseUrl: "https://api.test", host: "api.test", sample: false, restored: false };

const runner = (id, more = {}) => ({
  id,
  name: `runner ${id}`,
  runnerType: "pro",
  status: "active",
  tags: [],
  createdAt: "2024-01-15T10:30:00Z",
  updatedAt: "2024-01-15T10:30:00Z",
  ...more,
});

/** The package's rule, for these tests. */
const matchRunners = (runners, required) =>
  runners.filter(({ tags }) => tags.length === 0 || required.every((tag) => tags.includes(tag)));

/** The state after these actions, from the start. */
const after = (...actions) => actions.reduce(reduce, { ...initialState(), now: NOW });
const connect = { type: "connect", session: SESSION };
const listed = (runners, more = {}) => ({
  type: "listed",
  page: { runners, total: runners.length, page: 1, perPage: 50, pageCount: 1, hasNextPage: false, ...more },
  now: NOW,
});
const failed = (code, more = {}) => ({ type: "failed", problem: { code, message: "no", ...more }, now: NOW });
const change = (more) => ({
  type: "changed",
  added: [],
  removed: [],
  changed: [],
  runners: [],
  now: NOW,
  ...more,
});

describe("connecting", () => {
  test("asks for the first page, and holds no token", () => {
    const state = after(connect);
    assert.equal(state.loading, "connect");
    assert.doesNotMatch(JSON.stringify(state), /token/i);
  });

  test("to another server forgets the last one's list, but not where the person was", () => {
    const state = after(connect, listed([runner("a")]), { type: "goTo", page: 3 }, connect);
    assert.equal(state.list, null);
    assert.equal(state.position.page, 3);
  });

  test("a refused token is asked for again, unless nobody may be there", () => {
    assert.equal(after(connect, listed([]), failed("unauthorized")).asking, true);
    assert.equal(after(connect, listed([]), { type: "watch" }, failed("unauthorized")).asking, false);
    assert.equal(after(connect, failed("unauthorized")).asking, false, "the form is still there");
  });

  test("a failure keeps the last good list", () => {
    const state = after(
      connect,
      listed([runner("a")]),
      { type: "ask" },
      failed("server_error", { status: 503 }),
    );
    assert.equal(state.list.runners.length, 1);
    assert.equal(state.loading, null);
    assert.equal(reduce(state, listed([])).problem, null);
  });
});

describe("paging", () => {
  test("another page size keeps the row at the top", () => {
    const at = (page, perPage, next) =>
      after({ type: "goTo", page, perPage }, { type: "resize", perPage: next }).position;
    assert.deepEqual(at(3, 50, 10), { page: 11, perPage: 10 });
    assert.deepEqual(at(11, 10, 50), { page: 3, perPage: 50 });
    assert.deepEqual(at(4, 25, 100), { page: 1, perPage: 100 });
  });

  test("tells another page from the same one again", () => {
    const state = after(connect, listed([runner("a")]));
    assert.equal(reduce(state, { type: "ask" }).loading, "refresh");
    assert.equal(reduce(reduce(state, { type: "goTo", page: 2 }), { type: "ask" }).loading, "page");
  });

  test("a whole list is cut into pages here", () => {
    const runners = Array.from({ length: 120 }, (_, index) => runner(`r${index}`));
    const state = after(
      connect,
      { type: "goTo", page: 3 },
      { type: "loadedAll", runners, total: 120, now: NOW },
    );
    const shown = visibleRows(state, matchRunners);
    assert.deepEqual([shown.rows.length, shown.first, shown.pageCount], [20, 100, 3]);
  });

  test("a whole list that shrank does not leave the person past its end", () => {
    const runners = [runner("a")];
    const state = after(
      connect,
      { type: "goTo", page: 3 },
      { type: "loadedAll", runners, total: 1, now: NOW },
    );
    assert.equal(state.position.page, 1);
  });
});

describe("filters", () => {
  const runners = [
    runner("a", { name: "Zürich Atelier", tags: ["gpu:a100", "model:flux"] }),
    runner("b", { name: "render-eu-01", runnerType: "plus", tags: ["gpu:a100"] }),
    runner("c", { name: "render-us-02", tags: [] }),
    runner("d", { name: "studio", runnerType: "ultra", status: "draining", tags: ["GPU:A100"] }),
  ];
  const ids = (view) => {
    const state = after(connect, listed(runners), { type: "look", view });
    return visibleRows(state, matchRunners)
      .rows.map((row) => row.runner.id)
      .join("");
  };

  for (const [what, view, expected] of [
    ["nothing", {}, "abcd"],
    ["a part of the name", { name: "render" }, "bc"],
    ["a name without regard to case or accents", { name: "zurich ATEL" }, "a"],
    ["a type nobody documented", { runnerType: "ultra" }, "d"],
    ["a status", { status: "draining" }, "d"],
    ["a tag, with runners that have none", { tags: ["gpu:a100"] }, "abc"],
    ["all tags at once", { tags: ["gpu:a100", "model:flux"] }, "ac"],
    ["several filters", { tags: ["gpu:a100"], name: "render", runnerType: "plus" }, "b"],
    ["what nobody has", { name: "(.*" }, ""],
  ]) {
    test(`by ${what}`, () => assert.equal(ids(view), expected));
  }

  test("over a whole list begin at the first page, over one page stay there", () => {
    const look = { type: "look", view: { name: "x" } };
    const whole = after(
      connect,
      {
        type: "loadedAll",
        runners: Array.from({ length: 99 }, (_, i) => runner(`${i}`)),
        total: 99,
        now: NOW,
      },
      { type: "goTo", page: 2 },
    );
    assert.equal(reduce(whole, look).position.page, 1);
    assert.equal(after(connect, { type: "goTo", page: 2 }, listed([], { page: 2 }), look).position.page, 2);
  });

  test("a tag is required once, and can be taken off", () => {
    const tag = { type: "requireTag", tag: "x" };
    const state = after(tag, tag, { type: "requireTag", tag: "" });
    assert.deepEqual(state.view.tags, ["x"]);
    assert.deepEqual(reduce(state, { type: "dropTag", tag: "x" }).view.tags, []);
  });

  test("there is a choice of every value that occurs, the most frequent first", () => {
    const { types, tags } = choices(runners);
    assert.deepEqual(types, [
      { label: "pro", count: 2 },
      { label: "plus", count: 1 },
      { label: "ultra", count: 1 },
    ]);
    assert.equal(tags[0].label, "gpu:a100");
  });
});

describe("sorting", () => {
  const by = (by, descending, ...runners) =>
    sorted(runners, { by, descending })
      .map(({ id }) => id)
      .join("");

  test("names by their numbers, times by the moment they mean, ties as the server has them", () => {
    assert.equal(by("name", false, runner("a", { name: "r-10" }), runner("b", { name: "R-9" })), "ba");
    const [early, late] = ["2024-01-01T12:00:00+02:00", "2024-01-01T11:00:00Z"];
    assert.equal(
      by("createdAt", true, runner("a", { createdAt: early }), runner("b", { createdAt: late })),
      "ba",
    );
    assert.equal(by("status", true, runner("b"), runner("a")), "ba");
  });

  test("the same column turns round, another begins with what is asked for most", () => {
    const first = after({ type: "sort", by: "name" });
    assert.deepEqual(first.view.sort, { by: "name", descending: false });
    assert.deepEqual(reduce(first, { type: "sort", by: "name" }).view.sort, { by: "name", descending: true });
    assert.deepEqual(reduce(first, { type: "sort", by: "updatedAt" }).view.sort, {
      by: "updatedAt",
      descending: true,
    });
  });
});

describe("watching", () => {
  const [a, b, c] = [runner("a"), runner("b"), runner("c")];
  const watching = after(connect, { type: "watch" }, { type: "watched", runners: [a, b], now: NOW });

  test("marks what changed, keeps what left in its place for a while, and logs both", () => {
    const next = { ...b, name: "new name" };
    const state = reduce(
      watching,
      change({ added: [c], removed: [a], changed: [{ runner: next, fields: ["name"] }], runners: [c, next] }),
    );
    const shown = visibleRows(state, matchRunners);
    assert.deepEqual(
      shown.rows.map(({ runner, mark }) => [runner.id, mark?.kind]),
      [
        ["c", "added"],
        ["b", "changed"],
        ["a", "removed"],
      ],
    );
    assert.equal(shown.matching, 2, "what left is shown, but not counted");
    assert.deepEqual(
      state.log.map(({ kind, id }) => kind + id),
      ["addedc", "removeda", "changedb"],
    );
    const later = reduce(state, { type: "tick", now: NOW + MARK_MS });
    assert.deepEqual(
      visibleRows(later, matchRunners).rows.map(({ runner, mark }) => [runner.id, mark]),
      [
        ["c", undefined],
        ["b", undefined],
      ],
    );
  });

  test("a runner that comes back is not in the list twice", () => {
    const gone = reduce(watching, change({ removed: [a], runners: [b] }));
    const back = reduce(gone, change({ added: [a], runners: [a, b] }));
    assert.deepEqual(
      visibleRows(back, matchRunners).rows.map(({ runner }) => runner.id),
      ["a", "b"],
    );
  });

  test("a new runner that changes at once is still new", () => {
    const added = reduce(watching, change({ added: [c], runners: [c, a, b] }));
    const changed = reduce(
      added,
      change({ changed: [{ runner: { ...c }, fields: ["tags"] }], runners: [c, a, b] }),
    );
    assert.equal(changed.marks.get("c").kind, "added");
  });

  test("changes are announced at most every ten seconds, added up", () => {
    const first = reduce(watching, change({ added: [c], runners: [c, a, b] }));
    assert.equal(first.announcement.text, "1 runner added.");
    const soon = reduce(first, change({ removed: [a], runners: [c, b], now: NOW + 3000 }));
    const sooner = reduce(soon, change({ removed: [b], runners: [c], now: NOW + 6000 }));
    assert.equal(sooner.announcement, first.announcement);
    const later = reduce(sooner, { type: "tick", now: NOW + ANNOUNCE_MS });
    assert.equal(later.announcement.text, "2 runners removed.");
  });

  test("the log remembers the latest changes only", () => {
    let state = watching;
    for (let index = 0; index < LOG_LENGTH + 5; index += 1) {
      state = reduce(state, change({ added: [runner(`n${index}`)], runners: [] }));
    }
    assert.equal(state.log.length, LOG_LENGTH);
    assert.equal(state.log[0].id, `n${LOG_LENGTH + 4}`);
  });

  test("a tick that changes nothing keeps every part as it is", () => {
    const next = reduce(watching, { type: "tick", now: NOW + 1 });
    for (const part of ["list", "marks", "gone", "log", "view", "position"])
      assert.equal(next[part], watching[part]);
  });
});

describe("words for every state", () => {
  const good = [connect, listed([runner("a")])];
  const say = (...actions) => inWords(after(...actions));

  for (const [code, problem, title, action] of [
    ["unauthorized", { status: 401 }, /token was refused/, "askToken"],
    ["forbidden", { status: 403 }, /no managed runners/, "askToken"],
    ["not_found", { status: 404 }, /not at api.test/, "disconnect"],
    ["server_error", { status: 503 }, /server has a problem/, "reload"],
    ["connection_failed", {}, /No answer from api.test/, "reload"],
    ["timeout", {}, /took too long/, "reload"],
    ["invalid_response", { status: 302 }, /could not be read/, "reload"],
    ["list_changed", {}, /kept changing/, "reload"],
    ["invalid_options", {}, /cannot be used/, "disconnect"],
    ["unsupported", {}, /lacks something/, undefined],
    ["something_new", {}, /request failed/, "reload"],
  ]) {
    test(`${code}: what happened, what to do, and how old the list is`, () => {
      const said = say(...good, failed(code, problem));
      assert.match(said.title, title);
      assert.equal(said.action?.type, action);
      assert.equal(said.age, "The list is from just now.");
    });

    test(`${code}: the message's text changes nothing but what is quoted of it`, () => {
      const said = (message) => say(...good, failed(code, { ...problem, message }));
      const logged = "GET /v1/managed-runner answered 401: Token has expired";
      const [one, other] = [said("no"), said(logged)];
      assert.deepEqual({ ...one, detail: "", spoken: "" }, { ...other, detail: "", spoken: "" });
      const quotes = ["invalid_options", "unsupported", "something_new"].includes(code);
      assert.equal(other.detail, quotes ? `${logged}.` : one.detail);
    });
  }

  test("the server's own message is passed on", () => {
    const detail = (serverMessage) =>
      say(...good, failed("unauthorized", { status: 401, serverMessage })).detail;
    assert.match(detail("Token has expired"), /^api\.test answered 401: Token has expired\. Tokens/);
    assert.match(detail("Who are you?"), /^api\.test answered 401: Who are you\? Tokens/);
    assert.match(detail(undefined), /^api\.test answered 401\. Tokens/);
  });

  test("a bad answer says where it is wrong, and what stands there", () => {
    const detail = (issue) => say(...good, failed("invalid_response", { status: 200, issue })).detail;
    const inside = {
      path: "runners[17].created_at",
      expected: "an RFC 3339 date-time",
      found: "7",
      offset: 18,
    };
    assert.match(detail(inside), /^runners\[17\]\.created_at should be an RFC 3339 date-time, but is 7\./);
    const whole = { path: "", expected: "JSON", found: "`<!DOCTYPE html>`", offset: 0 };
    assert.match(detail(whole), /^The body should be JSON, but is `<!DOCTYPE html>`\./);
    assert.match(detail(undefined), /^api\.test answered 200\./);
  });

  test("the code at the end of a message is for logs alone", () => {
    const message = "baseUrl: expected https, got http://a.test (comfycontrol/invalid_options)";
    assert.equal(
      say(...good, failed("invalid_options", { message })).detail,
      "baseUrl: expected https, got http://a.test.",
    );
  });

  test("403 says which tiers have managed runners", () => {
    assert.match(say(...good, failed("forbidden", { status: 403 })).detail, /Plus, Pro and Enterprise tiers/);
  });

  test("429 counts down, without a word aloud for each second", () => {
    const problem = failed("rate_limited", { status: 429, retryAt: NOW + 9500 });
    const first = say(...good, problem);
    const next = say(...good, problem, { type: "tick", now: NOW + 1000 });
    assert.match(first.detail, /in 10 s\./);
    assert.match(next.detail, /in 9 s\./);
    assert.equal(first.spoken, next.spoken);
  });

  test("a call that the client refused during a pause says so, and counts down", () => {
    const said = say(...good, failed("rate_limited", { retryAt: NOW + 90_000 }));
    assert.match(said.title, /asked for a pause/);
    assert.match(said.detail, /^api\.test accepts no requests for now\. Trying again in 90 s\.$/);
    assert.equal(said.action, undefined);
  });

  test("a pause of the client is shown while it lasts", () => {
    const waiting = { type: "waiting", reason: "cooldown", until: NOW + 8000 };
    assert.match(say(...good, { type: "ask" }, waiting).detail, /Continuing in 8 s/);
    assert.match(
      say(...good, { type: "ask" }, waiting, { type: "tick", now: NOW + 8000 }).title,
      /Reloading/,
    );
  });

  test("offline is said before all else, but not of the sample server", () => {
    assert.match(say(...good, failed("timeout"), { type: "offline" }).title, /offline/);
    const sample = { ...connect, session: { ...SESSION, sample: true } };
    assert.match(say(sample, listed([]), { type: "offline" }).title, /Up to date/);
  });
});

describe("the address", () => {
  test("carries page, size, filters and order, and leaves out what is usual", () => {
    const state = after(
      { type: "goTo", page: 3, perPage: 25 },
      {
        type: "look",
        view: { name: "a&b", tags: ["gpu:a100", "x y"], sort: { by: "name", descending: true } },
      },
    );
    const address = writeAddress(state);
    assert.equal(address, "?page=3&perPage=25&name=a%26b&tag=gpu%3Aa100&tag=x+y&sort=-name");
    const { position, view } = readAddress(address);
    assert.deepEqual([position, view], [state.position, state.view]);
    assert.equal(writeAddress(initialState()), "");
  });

  test("takes nothing it does not understand", () => {
    for (const search of [
      "?page=0&perPage=101",
      "?page=-1&perPage=x",
      "?page=1.5&perPage=",
      "?page=9999999999&sort=evil",
    ]) {
      const { position, view } = readAddress(search);
      assert.deepEqual([position, view], [initialState().position, initialState().view], search);
    }
  });

  test("offers the page size that a link asked for", () => {
    assert.deepEqual(pageSizes(33), [10, 25, 33, 50, 100]);
  });
});

describe("the charts' numbers", () => {
  test("a GPU is known by its tag", () => {
    for (const [tag, gpu] of [
      ["gpu:a100", "a100"],
      ["rtx4090", "rtx4090"],
      ["H100", "H100"],
      ["l40s", "l40s"],
      ["mi300x", "mi300x"],
      ["t4", "t4"],
      ["gpu=weird one", "weird one"],
      ["flux", undefined],
      ["sd15", undefined],
      ["region:eu", undefined],
      ["v2", undefined],
    ]) {
      assert.equal(gpuOf(tag), gpu, tag);
    }
  });

  test("runners with two GPUs count for both, those with none come last", () => {
    const bars = byGpu([
      runner("a", { tags: ["gpu:a", "gpu:b"] }),
      runner("b", { tags: ["gpu:b", "gpu:b"] }),
      runner("c"),
    ]);
    assert.deepEqual(
      bars.map(({ label, count }) => [label, count]),
      [
        ["b", 2],
        ["a", 1],
        ["no GPU tag", 1],
      ],
    );
  });

  test("many values end in one bar for the rest", () => {
    const bars = byType(
      Array.from({ length: 9 }, (_, index) => runner(`${index}`, { runnerType: `t${index}` })),
    );
    const shown = longest(bars, 6);
    assert.deepEqual([shown.length, shown.at(-1).label, shown.at(-1).count], [6, "4 others", 4]);
  });

  test("time falls into a few round columns, whatever it spans", () => {
    for (const spans of [
      [0],
      [0, 1000],
      [0, 3.6e6 * 30],
      [0, 8.64e7 * 100],
      [0, 8.64e7 * 365 * 9],
      [-6e13, 2.5e14],
    ]) {
      const runners = spans.map((ms, index) => runner(`${index}`, { createdAt: new Date(ms).toISOString() }));
      const { columns } = createdOverTime(runners);
      assert.ok(columns.length >= 1 && columns.length <= 25, `${columns.length} columns`);
      assert.equal(
        columns.reduce((sum, { count }) => sum + count, 0),
        spans.length,
      );
    }
    assert.deepEqual(createdOverTime([]).columns, []);
  });
});

describe("times as people read them", () => {
  test("long ago, age and time left", () => {
    const at = (ms) => relativeTime(NOW - ms, NOW);
    assert.deepEqual(
      [at(5000), at(90_000), at(7.2e6), at(8.64e7), at(8.64e7 * 400)],
      ["just now", "1 minute ago", "2 hours ago", "yesterday", "last year"],
    );
    assert.deepEqual([age(4900), age(61_000), age(7.3e6)], ["4 s", "1 min", "2 h"]);
    assert.deepEqual(
      [timeLeft(1), timeLeft(90_000), timeLeft(-5), timeLeft(150_000)],
      ["1 s", "90 s", "0 s", "3 min"],
    );
  });
});
