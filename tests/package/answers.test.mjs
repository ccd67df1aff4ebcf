// An answer that breaks the contract is an `invalid_response` with a path. What the contract leaves open passes.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startEmulator, TOKEN } from "./support/emulator.mjs";
// Made by hand where one exact body is what counts.
import { answer, memory, origin, RUNNER } from "./support/memory.mjs";
import { ComfyControl, listManagedRunners } from "./support/package.mjs";
import { thrown } from "./support/watch.mjs";

const emulator = await startEmulator();
const client = new ComfyControl({ baseUrl: emulator.url, token: TOKEN, maxRetries: 0, rateLimit: false });
const INTEGER = "an integer from 0 to 9007199254740991";
const NOTHING = "nothing (the member is missing)";

/** A page of three runners, the last of which has these fields. */
const page = (fields) => ({ runners: [RUNNER, RUNNER, { ...RUNNER, ...fields }], total: 3 });
const without = (name) => page({ [name]: undefined });

/** A body, and `[path, expected, found]`. */
const WRONG = [
  ["", ["", "JSON", "the end of the body"]],
  ["{", ["", /./, "the end of the body"]],
  ["null", ["", "an object", "null"]],
  ["[]", ["", "an object", "an array"]],
  ['"runners"', ["", "an object", '"runners"']],
  ["{}", ["runners", "an array", NOTHING]],
  [{ runners: [] }, ["total", INTEGER, NOTHING]],
  [{ total: 0 }, ["runners", "an array", NOTHING]],
  [{ runners: {}, total: 0 }, ["runners", "an array", "an object"]],
  [{ runners: null, total: 0 }, ["runners", "an array", "null"]],
  [{ runners: [], total: "3" }, ["total", INTEGER, '"3"']],
  [{ runners: [], total: -1 }, ["total", INTEGER, "-1"]],
  [{ runners: [], total: 1.5 }, ["total", INTEGER, "1.5"]],
  [{ runners: [], total: null }, ["total", INTEGER, "null"]],
  [{ runners: [7], total: 1 }, ["runners[0]", "an object", "7"]],
  [{ runners: [RUNNER, null], total: 1 }, ["runners[1]", "an object", "null"]],
  [without("id"), ["runners[2].id", "a UUID", NOTHING]],
  [without("name"), ["runners[2].name", "a string", NOTHING]],
  [without("runner_type"), ["runners[2].runner_type", "a string", NOTHING]],
  [without("status"), ["runners[2].status", "a string", NOTHING]],
  [without("tags"), ["runners[2].tags", "an array", NOTHING]],
  [without("created_at"), ["runners[2].created_at", "an RFC 3339 date-time", NOTHING]],
  [without("updated_at"), ["runners[2].updated_at", "an RFC 3339 date-time", NOTHING]],
  [page({ id: "7" }), ["runners[2].id", "a UUID", '"7"']],
  [page({ id: 7 }), ["runners[2].id", "a UUID", "7"]],
  [page({ name: null }), ["runners[2].name", "a string", "null"]],
  [page({ status: true }), ["runners[2].status", "a string", "true"]],
  [page({ runner_type: ["pro"] }), ["runners[2].runner_type", "a string", "an array"]],
  [page({ tags: "gpu" }), ["runners[2].tags", "an array", '"gpu"']],
  [page({ tags: ["a", 1] }), ["runners[2].tags[1]", "a string", "1"]],
  [
    page({ created_at: "2024-02-30T10:30:00Z" }),
    ["runners[2].created_at", "an RFC 3339 date-time", '"2024-02-30T10:30:00Z"'],
  ],
  [page({ updated_at: 1705314600 }), ["runners[2].updated_at", "an RFC 3339 date-time", "1705314600"]],
];

test("a wrong shape in a 200 is an invalid_response with the exact path, what was expected and what was found", async () => {
  for (const [body, [path, expected, found]] of WRONG) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    await emulator.faults({ body: text });
    const error = await thrown(client.listManagedRunners());
    assert.deepEqual([error.code, error.status, error.path], ["invalid_response", 200, path], text);
    assert.equal(error.issues.length, 1);
    const [issue] = error.issues;
    assert.equal(issue.path, path);
    if (expected instanceof RegExp) assert.match(issue.expected, expected);
    else assert.equal(issue.expected, expected, text);
    assert.equal(issue.found, found, text);
    assert.ok(Number.isInteger(issue.offset) && issue.offset <= Buffer.byteLength(text));
    assert.ok(
      error.message.includes(
        `unexpected ${path || "body"}: expected ${issue.expected}, found ${found} at byte ${issue.offset} (content type application/json)`,
      ),
      error.message,
    );
  }
});

test("a single runner has paths from its own root", async () => {
  await emulator.faults({ body: JSON.stringify({ ...RUNNER, tags: [null] }) }, { body: "[]" });
  assert.equal((await thrown(client.getManagedRunner(RUNNER.id))).path, "tags[0]");
  assert.equal((await thrown(client.getManagedRunner(RUNNER.id))).path, "");
});

test("HTML with status 200 is named with its content type", async () => {
  await emulator.faults({ html: true });
  const error = await thrown(client.listManagedRunners());
  assert.deepEqual([error.code, error.path], ["invalid_response", ""]);
  assert.match(error.message, /expected JSON, found `<.*` at byte 0 \(content type text\/html/);
});

test("an empty body, a body that is not UTF-8, and one of more than 8 MiB are refused", async () => {
  await emulator.faults({ empty: true }, { body: [0x22, 0xff, 0x22] });
  assert.match(
    (await thrown(client.listManagedRunners())).message,
    /expected JSON, found the end of the body at byte 0/,
  );
  assert.match((await thrown(client.listManagedRunners())).message, /expected UTF-8/);
  let pulled = 0;
  let cancelled = false;
  const endless = new ReadableStream({
    pull(controller) {
      pulled += 1;
      controller.enqueue(new Uint8Array(1 << 20).fill(32));
    },
    cancel() {
      cancelled = true;
    },
  });
  const error = await thrown(
    listManagedRunners({ baseUrl: origin(), fetch: async () => new Response(endless) }),
  );
  assert.equal(error.code, "invalid_response");
  assert.match(error.message, /expected at most 8388608 bytes, found more/);
  assert.ok(cancelled && pulled <= 12, String(pulled));
});

test("what the contract leaves open passes: new values, unknown fields, other dates, odd names", async () => {
  const odd = {
    ...RUNNER,
    id: "FFFFFFFF-ffff-ffff-ffff-ffffffffffff",
    name: '\u0000\ud83d\ude00"\\ \u2028',
    runner_type: "ultra",
    status: "draining",
    tags: ["", "ü", "__proto__"],
    created_at: "2016-12-31t23:59:60.123456789z",
    updated_at: "2024-02-29T23:59:59+14:00",
    extra: { deep: [[[{}]]] },
  };
  const json = JSON.stringify({ runners: [odd], total: 9007199254740991, next: null });
  const text = `\n${json.replace('"total"', '"runners2":[1,{"total":"x"}],"total"')} \t`;
  const result = await listManagedRunners({
    baseUrl: origin(),
    fetch: memory(() => answer(text)).fetch,
    perPage: 1,
  });
  assert.deepEqual(result, {
    runners: [
      {
        id: odd.id,
        name: odd.name,
        runnerType: "ultra",
        status: "draining",
        tags: odd.tags,
        createdAt: odd.created_at,
        updatedAt: odd.updated_at,
      },
    ],
    total: 9007199254740991,
    page: 1,
    perPage: 1,
    pageCount: 9007199254740991,
    hasNextPage: true,
  });
});

test("pages: counts, the last page, past the end, and no runners at all", async () => {
  const shape = async (page, perPage) => {
    const { runners, ...rest } = await client.listManagedRunners({ page, perPage });
    return [runners.length, rest.total, rest.page, rest.perPage, rest.pageCount, rest.hasNextPage];
  };
  assert.deepEqual(await shape(), [10, 250, 1, 10, 25, true]);
  assert.deepEqual(await shape(3, 100), [50, 250, 3, 100, 3, false]);
  assert.deepEqual(await shape(2, 100), [100, 250, 2, 100, 3, true]);
  assert.deepEqual(await shape(4, 100), [0, 250, 4, 100, 3, false]);
  assert.deepEqual(await shape(4294967295, 1), [0, 250, 4294967295, 1, 250, false]);
  const none = await listManagedRunners({ baseUrl: origin(), fetch: memory().fetch });
  assert.deepEqual(none, { runners: [], total: 0, page: 1, perPage: 10, pageCount: 0, hasNextPage: false });
});

test("with onInvalidRunner, bad runners are reported and left out, and the rest comes", async () => {
  const body = {
    runners: [RUNNER, { ...RUNNER, id: "7" }, 8, { ...RUNNER, name: "last", tags: null }, RUNNER],
    total: 5,
  };
  await emulator.faults({ body: JSON.stringify(body) });
  const issues = [];
  const tolerant = new ComfyControl({
    baseUrl: emulator.url,
    token: TOKEN,
    maxRetries: 0,
    rateLimit: false,
    onInvalidRunner: (issue) => issues.push(issue),
  });
  const page = await tolerant.listManagedRunners();
  assert.deepEqual([page.runners.length, page.total], [2, 5]);
  assert.deepEqual(
    issues.map(({ path, expected, found }) => [path, expected, found]),
    [
      ["runners[1].id", "a UUID", '"7"'],
      ["runners[2]", "an object", "8"],
      ["runners[3].tags", "an array", "null"],
    ],
  );
  // A problem of the page itself still fails the call.
  await emulator.faults({ body: '{"runners":[7]}' });
  assert.equal((await thrown(tolerant.listManagedRunners())).path, "total");
});

test("a well-formed wrong answer is not asked for again, a truncated one is", async () => {
  await emulator.fresh();
  await emulator.faults({ body: '{"runners":[],"total":null}' });
  const again = new ComfyControl({ baseUrl: emulator.url, token: TOKEN, rateLimit: false });
  await thrown(again.listManagedRunners());
  assert.equal((await emulator.stats()).requests, 1);
  await emulator.faults({ truncate: "mid-body" });
  assert.equal((await again.listManagedRunners()).runners.length, 10);
  assert.equal((await emulator.stats()).requests, 3);
});

test("a total in any spelling is the integer that JavaScript makes of it, or none", async () => {
  const texts = [
    "0",
    "-0",
    "7",
    "1e2",
    "100.0",
    "1E+2",
    "1200e-2",
    "-0.0e5",
    "9007199254740991",
    "9007199254740991.2",
    "1e-400",
    "0.1e1",
    "1.5",
    "-1",
    "1e-3",
    "9007199254740992",
    "9007199254740991.5",
    "90071992547409910",
    "1e16",
    "1e400",
    "-1e400",
  ];
  for (const text of texts) {
    const list = listManagedRunners({
      fetch: async () => answer(`{"runners":[],"total":${text}}`),
      baseUrl: origin(),
      maxRetries: 0,
    });
    const total = JSON.parse(text);
    if (Number.isSafeInteger(total) && total >= 0) assert.equal((await list).total, total + 0, text);
    else assert.equal((await thrown(list)).path, "total", text);
  }
});
