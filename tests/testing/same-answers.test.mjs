// Plays the same scripts against the emulator's port and against the entry, and compares every answer.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { startEmulator } from "./support/emulator.mjs";
import { createEmulator } from "./support/package.mjs";

const PATH = "/v1/managed-runner";
const TOKEN = "cfc_test";
const UNKNOWN_ID = "00000000-0000-4000-8000-000000000000";

/** Headers that only a server adds. */
const TRANSPORT_HEADERS = ["connection", "content-length", "date", "keep-alive", "transfer-encoding"];

const list = (query = "", init) => ["GET", `${PATH}${query}`, init];
const control = (method, name, body) => [method, `/__control/${name}`, { body }];
const times = (count, step) => Array.from({ length: count }, () => step);

/** Scripts: lists of `[method, target, { token, headers, body }]`. `null` is no token. */
const SCRIPTS = {
  "pages, bounds and parameters": [
    list(),
    list("?page=1&per_page=100"),
    list("?page=3&per_page=100"),
    list("?page=4&per_page=100"),
    list("?page=25&per_page=10"),
    ...["0", "-1", "1.5", "x", "", "99999999999999999999"].flatMap((text) => [
      list(`?page=${text}`),
      list(`?per_page=${text}`),
    ]),
    list("?per_page=101"),
    list("?page=2&page=3&other=%20&per_page=7"),
    list("?p%61ge=2"),
  ],
  "paths, methods and runners": [
    ["GET", `${PATH}/10f2d0d5-5343-4ca7-bc65-131871096ee9`],
    ["GET", `${PATH}/10F2D0D5-5343-4CA7-BC65-131871096EE9`],
    ["GET", `${PATH}/${UNKNOWN_ID}`],
    ["GET", `${PATH}/7`],
    ["GET", `${PATH}/`],
    ["GET", `${PATH}s`],
    ["GET", "/v1/other"],
    ["POST", PATH],
    ["DELETE", `${PATH}/${UNKNOWN_ID}`],
    ["GET", `/proxy${PATH}?per_page=3`, { token: null }],
    ["OPTIONS", PATH, { token: null, headers: { "access-control-request-method": "GET" } }],
    ["OPTIONS", PATH],
  ],
  "tokens and tiers": [
    list("", { token: null }),
    list("", { token: "cfc_wrong" }),
    list("", { token: "cfc_expired" }),
    list("", { headers: { authorization: `bearer   ${TOKEN}` } }),
    list("", { headers: { authorization: TOKEN } }),
    ...["free", "plus", "enterprise"].flatMap((tier) => [
      control("PATCH", "settings", { tier }),
      list(),
      ["GET", `${PATH}/10f2d0d5-5343-4ca7-bc65-131871096ee9`],
    ]),
    control("PATCH", "settings", { token: null }),
    list("", { token: null }),
  ],
  "the rate limit, its cooldown and time": [
    control("PATCH", "settings", { limit: { requests: 3, windowMs: 10_000 } }),
    ...times(5, list("?per_page=1")),
    control("PATCH", "settings", { retryAfter: "seconds" }),
    list(),
    control("POST", "clock", { advanceMs: 1 }),
    list(),
    control("PATCH", "settings", { retryAfter: "date" }),
    list(),
    control("POST", "clock", { advanceMs: 9_999 }),
    ...times(4, list("?per_page=1")),
    control("POST", "cooldown", { ms: 2500 }),
    list(),
    control("POST", "clock", { advanceMs: 10_000 }),
    list("?per_page=1"),
    control("GET", "state"),
  ],
  "changes, at once and on a schedule, with timestamps of the clock": [
    control("POST", "runners", {
      remove: [0, 5],
      disable: [1],
      activate: [0],
      change: [{ runner: 3, set: { name: "x" } }],
    }),
    list(),
    control("POST", "clock", { advanceMs: 61_500 }),
    control("POST", "runners", { add: [{ name: "mine", tags: [] }, {}] }),
    list("?per_page=3"),
    control("POST", "schedule", [
      { after: 1, changes: { add: 2 } },
      { after: 2, changes: { remove: [0, 900] } },
    ]),
    ...times(4, list("?per_page=2")),
    control("GET", "schedule"),
    control("POST", "runners", { add: [{ id: "7" }] }),
    control("POST", "runners", { reset: 12 }),
    list("?per_page=20"),
    control("GET", "runners"),
    control("PATCH", "settings", { timestamps: "calendar" }),
    control("POST", "runners", { add: 1 }),
    list("?per_page=1"),
  ],
  "faults of the answer": [
    { status: 503, retryAfter: 2 },
    { status: 500, message: 'oops "x" ü' },
    { html: true },
    { html: true, status: 502, headers: { "x-cache": "MISS" } },
    { empty: true },
    { empty: true, status: 204 },
    { body: '{"runners":[]', contentType: "text/plain" },
    { body: [255, 0, 123] },
    { truncate: "mid-body" },
    { truncate: 3, status: 404 },
    { latency: 1 },
    { drip: 1, body: "drip" },
    { cooldown: 1000 },
    { status: 520 },
  ].flatMap((fault) => [
    control("POST", "faults", fault),
    list("?per_page=1"),
    control("POST", "clock", { advanceMs: 1000 }),
  ]),
  "faults of the connection": [
    { cut: "before-headers" },
    { cut: "after-headers" },
    { cut: "mid-body" },
    { cut: 3 },
    { cut: "mid-body", status: 503 },
  ].flatMap((fault) => [control("POST", "faults", fault), list("?per_page=1"), list("?per_page=1")]),
  "faults for some requests, and wrong ones": [
    control("POST", "faults", [
      { page: 2, status: 500, times: 2 },
      {},
      { path: `${PATH}/${UNKNOWN_ID}`, status: 418 },
    ]),
    ...[1, 2, 1, 2, 2].map((page) => list(`?page=${page}&per_page=1`)),
    ["GET", `${PATH}/${UNKNOWN_ID}`],
    ["GET", `${PATH}/${UNKNOWN_ID}`],
    control("POST", "faults", { status: 42 }),
    control("POST", "faults", [{ status: 500 }, { colour: "red" }]),
    control("POST", "faults", { times: 4_000_000_000, status: 500 }),
    list(),
    control("GET", "faults"),
    control("DELETE", "faults"),
    list("?per_page=1"),
  ],
  "the control interface": [
    control("GET", "state"),
    control("GET", "settings"),
    control("POST", "reset", { runners: 3, seed: 9 }),
    list(),
    control("POST", "reset", { seed: 9 }),
    list("?per_page=2"),
    control("DELETE", "log"),
    list("?per_page=1"),
    control("GET", "log"),
    control("POST", "nothing"),
    control("POST", "clock", { advanceMs: "soon" }),
    ["GET", "/__control/state", { headers: { origin: "https://elsewhere.test" } }],
    ["GET", "/__control/state", { headers: { origin: "http://localhost:3000" } }],
  ],
};

/** The parts of an answer that a client sees. */
async function play(fetch, [method, target, { token = TOKEN, headers, body } = {}]) {
  const init = { method, headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers } };
  if (body !== undefined) init.body = JSON.stringify(body);
  let response;
  try {
    response = await fetch(target, init);
  } catch (error) {
    return { failed: error.name };
  }
  const names = [...response.headers].filter(([name]) => !TRANSPORT_HEADERS.includes(name));
  const answer = { status: response.status, headers: Object.fromEntries(names) };
  const chunks = [];
  try {
    for await (const chunk of response.body ?? []) chunks.push(chunk);
  } catch (error) {
    answer.broken = error.name;
  }
  answer.body = Buffer.concat(chunks).toString("latin1");
  return answer;
}

/** Removes differences: request numbers continue after a reset, clients send other headers, a server counts connections. */
function withoutTransport(answer) {
  const numbers = answer.body
    ?.replace(/"connections":\d+/, '"connections":0')
    .replace(/\{"id":\d+/g, '{"id":0');
  return { ...answer, body: numbers?.replace(/"headers":\[[^\]]*\]/g, '"headers":[]') };
}

describe("the entry answers as the port does:", () => {
  let server;
  before(async () => {
    server = await startEmulator("--virtual-clock", "--no-limit", "--token", TOKEN);
  });
  after(() => server?.stop());

  const fromPort = (target, init) => fetch(server.url + target, init);

  /** Resets the server, and creates an emulator in memory whose clock shows the same time. */
  async function fresh() {
    const { body } = await play(fromPort, control("POST", "reset"));
    const api = createEmulator({ runners: 250 });
    api.clock.advance(JSON.parse(body).nowMs);
    return api;
  }

  for (const [name, script] of Object.entries(SCRIPTS)) {
    test(name, async () => {
      const api = await fresh();
      for (const step of script) {
        const [port, entry] = [await play(fromPort, step), await play(api.fetch, step)];
        assert.deepEqual(withoutTransport(entry), withoutTransport(port), step.slice(0, 2).join(" "));
      }
    });
  }

  test("the entry's methods and the control interface's calls do the same", async () => {
    const api = await fresh();
    const [first, second] = api.runners;
    const pairs = [
      [
        ["runners", { add: [{ name: "mine", runner_type: "plus" }] }],
        () => api.add({ name: "mine", runnerType: "plus" }),
      ],
      [["runners", { remove: [first.id] }], () => api.remove(first.id)],
      [
        ["runners", { change: [{ runner: second.id, set: { tags: ["x"] } }] }],
        () => api.update(second.id, { tags: ["x"] }),
      ],
      [["clock", { advanceMs: 5000 }], () => api.clock.advance(5000)],
      [["runners", { add: 1 }], () => api.add()],
      [["faults", { status: 503 }], () => api.failNext({ status: 503 })],
    ];
    for (const [[name, body], method] of pairs) {
      assert.equal((await play(fromPort, control("POST", name, body))).status, 200);
      method();
      const [port, entry] = [
        await play(fromPort, list("?per_page=5")),
        await play(api.fetch, list("?per_page=5")),
      ];
      assert.deepEqual(entry, port, name);
    }
    assert.equal(api.requests.at(-1).status, 503);
  });
});
