// What `api.fetch` answers, how it can fail, and what is recorded.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { ComfyControl, createEmulator } from "./support/package.mjs";

const clientOf = (api, options) => new ComfyControl({ ...api.clientOptions, ...options });
const PATH = "/v1/managed-runner";
const AUTHORIZED = { headers: { authorization: "Bearer cfc_test" } };

/** A `fetch` of the list, with the token. */
const list = (api, init) => api.fetch(PATH, { ...AUTHORIZED, ...init });

describe("fetch", () => {
  test("takes a URL, a path, a Request, and a Request with init", async () => {
    const api = createEmulator({ runners: 12 });
    const url = `${api.baseUrl}${PATH}?page=2`;
    const inputs = [
      [url, AUTHORIZED],
      [new URL(url), AUTHORIZED],
      [`${PATH}?page=2`, AUTHORIZED],
      [new Request(url, AUTHORIZED)],
      [new Request(url), AUTHORIZED],
      [`https://api.comfycontrol.app${PATH}?page=2`, AUTHORIZED],
    ];
    for (const input of inputs) {
      const response = await api.fetch(...input);
      assert.ok(response instanceof Response);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("content-type"), "application/json");
      const { runners, total } = await response.json();
      assert.deepEqual([runners.length, total], [2, 12]);
      assert.deepEqual(Object.keys(runners[0]), [
        "id",
        "name",
        "runner_type",
        "status",
        "tags",
        "created_at",
        "updated_at",
      ]);
    }
    assert.equal(api.requests.length, inputs.length);
  });

  test("needs no this", async () => {
    const { fetch } = createEmulator({ token: false });
    assert.equal((await fetch(PATH)).status, 200);
  });

  test("finds the API below the path of a base URL", async () => {
    const api = createEmulator({ runners: 3, baseUrl: "https://app.test/api/" });
    assert.equal((await clientOf(api).listManagedRunners()).total, 3);
    assert.equal(api.requests[0].path, PATH);
    assert.equal((await api.fetch("https://app.test/api/v2", AUTHORIZED)).status, 404);
  });

  test("checks tokens, as the API does", async () => {
    const api = createEmulator({ token: "cfc_mine", expiredToken: "cfc_old" });
    assert.equal(api.token, "cfc_mine");
    await clientOf(api).listManagedRunners();
    const cases = [
      ["cfc_test", "Invalid token"],
      ["cfc_old", "Token has expired"],
    ];
    for (const [token, message] of cases) {
      const failed = clientOf(api, { token }).listManagedRunners();
      await assert.rejects(
        failed,
        (error) => error.code === "unauthorized" && error.message.includes(message),
      );
    }
  });

  test("answers the preflight of another origin, and records only requests", async () => {
    const api = createEmulator();
    const preflight = {
      method: "OPTIONS",
      headers: { "access-control-request-method": "GET", origin: "https://a.test" },
    };
    const response = await api.fetch(PATH, preflight);
    assert.deepEqual([response.status, response.headers.get("access-control-allow-origin")], [204, "*"]);
    assert.deepEqual(api.requests, []);
  });

  test("rejects at once with the reason of a signal that is aborted already, and records nothing", async () => {
    const api = createEmulator();
    const reason = new Error("enough");
    await assert.rejects(list(api, { signal: AbortSignal.abort(reason) }), reason);
    assert.deepEqual(api.requests, []);
  });

  test("has an origin of its own for each emulator, and so a rate limit in the client", async () => {
    const [one, two] = [createEmulator(), createEmulator()];
    assert.notEqual(one.baseUrl, two.baseUrl);
    assert.match(one.baseUrl, /^https:\/\/emulator-\d+\.invalid$/);
    const clients = [clientOf(one), clientOf(two)];
    await clients[0].listManagedRunners();
    assert.deepEqual(
      clients.map(({ rateLimit }) => rateLimit.remaining),
      [39, 40],
    );
  });
});

describe("requests", () => {
  test("are recorded with what they asked and how they ended, and never with a token", async () => {
    const api = createEmulator({ runners: 30, token: "cfc_secret" });
    const client = clientOf(api, { maxRetries: 0 });
    const { runners } = await client.listManagedRunners({ page: 2, perPage: 5 });
    api.clock.advance(1500);
    await client.getManagedRunner(runners[0].id);
    api.failNext({ status: 503 });
    await assert.rejects(client.listManagedRunners());
    await api.fetch(`${PATH}?page=x&token=cfc_secret`, { headers: { authorization: "Bearer cfc_secret" } });
    assert.deepEqual(api.requests, [
      { method: "GET", path: PATH, page: 2, perPage: 5, status: 200, outcome: "sent", at: 0 },
      {
        method: "GET",
        path: `${PATH}/${runners[0].id}`,
        id: runners[0].id,
        status: 200,
        outcome: "sent",
        at: 1500,
      },
      { method: "GET", path: PATH, page: 1, perPage: 10, status: 503, outcome: "sent", at: 1500 },
      { method: "GET", path: PATH, status: 400, outcome: "sent", at: 1500 },
    ]);
    await api.fetch(`${PATH}/cfc_secret/x`, AUTHORIZED);
    await api.fetch("/cfc_secret", AUTHORIZED);
    assert.deepEqual(
      api.requests.slice(-2).map(({ path, id }) => [path, id]),
      [
        [`${PATH}/cfc_…`, "cfc_…"],
        ["/cfc_…", undefined],
      ],
    );
    assert.ok(!JSON.stringify(api.requests).includes("cfc_secret"));
  });
});

describe("failNext", () => {
  test("answers errors, so many times, with Retry-After", async () => {
    const api = createEmulator();
    api.failNext({ status: 503, times: 2, retryAfter: 1 });
    for (let time = 0; time < 2; time += 1) {
      const response = await list(api);
      assert.deepEqual([response.status, response.headers.get("retry-after")], [503, "1"]);
      assert.deepEqual(await response.json(), { status: 503, message: "service unavailable" });
    }
    assert.equal((await list(api)).status, 200);
  });

  test("answers for ever, until clearFailures", async () => {
    const api = createEmulator();
    api.failNext({ status: 500, times: Infinity });
    for (let time = 0; time < 5; time += 1) assert.equal((await list(api)).status, 500);
    api.clearFailures();
    assert.equal((await list(api)).status, 200);
  });

  test("fails one page or one path alone", async () => {
    const api = createEmulator({ runners: 30 });
    const [{ id }] = api.runners;
    api.failNext({ status: 500, page: 2 });
    api.failNext({ status: 502, path: `${PATH}/${id}` });
    const status = async (target) => (await api.fetch(target, AUTHORIZED)).status;
    assert.equal(await status(PATH), 200);
    assert.equal(await status(`${PATH}?page=2`), 500);
    assert.equal(await status(`${PATH}/${id}`), 502);
    assert.equal(await status(`${PATH}?page=2`), 200);
  });

  // How the client reports each fault.
  const CASES = [
    [
      { status: 500, message: "oops" },
      { code: "server_error", status: 500 },
    ],
    [{ status: 401 }, { code: "unauthorized" }],
    [{ html: true }, { code: "invalid_response", status: 200 }],
    [
      { html: true, status: 502 },
      { code: "server_error", status: 502 },
    ],
    [{ empty: true }, { code: "invalid_response" }],
    [{ body: '{"runners":[],"total":"0"}' }, { code: "invalid_response", path: "total" }],
    [{ body: new TextEncoder().encode('{"runners":{}}') }, { code: "invalid_response", path: "runners" }],
    [{ truncate: "mid-body" }, { code: "invalid_response" }],
    [{ contentType: "text/plain", body: "hello" }, { code: "invalid_response" }],
    [{ cut: "before-headers" }, { code: "connection_failed" }],
    [{ cut: "after-headers" }, { code: "connection_failed" }],
    [{ cut: "mid-body" }, { code: "connection_failed" }],
    [{ cut: 10 }, { code: "connection_failed" }],
    [{ stall: "before-headers" }, { code: "timeout" }],
    [{ stall: "after-headers" }, { code: "timeout" }],
    [{ stall: "mid-body" }, { code: "timeout" }],
    [{ latency: 60_000 }, { code: "timeout" }],
    [{ drip: 60_000 }, { code: "timeout" }],
    // Longer than a timer can be set for.
    [{ latency: 4_294_967_295 }, { code: "timeout" }],
    [{ drip: 4_294_967_295 }, { code: "timeout" }],
  ];
  for (const [fault, expected] of CASES) {
    const text = JSON.stringify(fault, (key, value) => (value instanceof Uint8Array ? "bytes" : value));
    test(`${text} is ${expected.code} to the client`, async () => {
      const api = createEmulator({ runners: 20 });
      const client = clientOf(api, { maxRetries: 0, timeout: 20 });
      api.failNext(fault);
      await assert.rejects(client.listManagedRunners(), (error) => {
        for (const [name, value] of Object.entries(expected))
          assert.equal(error[name], value, `${name} of ${error}`);
        return true;
      });
      assert.equal(
        (await client.listManagedRunners({ timeout: 10_000 })).total,
        20,
        "the next request is answered",
      );
    });
  }

  test("is overcome by the client's retries", async () => {
    const api = createEmulator({ runners: 3 });
    api.failNext({ cut: "mid-body" });
    const events = [];
    const client = clientOf(api, { onEvent: ({ type }) => events.push(type) });
    assert.equal((await client.listManagedRunners()).total, 3);
    assert.ok(events.includes("retry"));
    assert.deepEqual(
      api.requests.map(({ outcome }) => outcome),
      ["cut", "sent"],
    );
  });

  test("sends what comes before a cut", async () => {
    const api = createEmulator({ runners: 1 });
    api.failNext({ cut: 11 });
    const response = await list(api);
    assert.equal(response.status, 200);
    const reader = response.body.getReader();
    assert.equal(new TextDecoder().decode((await reader.read()).value), '{"runners":');
    await assert.rejects(reader.read(), { name: "TypeError", message: "terminated" });
    assert.equal(api.requests[0].outcome, "cut");
  });

  test("sends what comes before a stall, until the reader gives up", async () => {
    const api = createEmulator({ runners: 1 });
    api.failNext({ stall: 11 });
    const controller = new AbortController();
    const response = await list(api, { signal: controller.signal });
    const reader = response.body.getReader();
    assert.equal(new TextDecoder().decode((await reader.read()).value), '{"runners":');
    assert.equal(api.requests[0].outcome, "open");
    const next = reader.read();
    controller.abort(new Error("enough"));
    await assert.rejects(next, { message: "enough" });
    assert.equal(api.requests[0].outcome, "aborted");
  });

  test("stalls before the headers until an abort", async () => {
    const api = createEmulator();
    api.failNext({ stall: "before-headers" });
    const controller = new AbortController();
    const answer = list(api, { signal: controller.signal });
    controller.abort();
    await assert.rejects(answer, { name: "AbortError" });
    assert.equal(api.requests[0].outcome, "aborted");
  });

  test("records a body that nobody wants any more as aborted", async () => {
    const api = createEmulator();
    api.failNext({ drip: 60_000 });
    const response = await list(api);
    await response.body.cancel();
    assert.equal(api.requests[0].outcome, "aborted");
  });

  test("sets any header, and any status without a body", async () => {
    const api = createEmulator();
    api.failNext({
      headers: { "x-request-id": "7", "x-note": "\xff" },
      contentType: "application/problem+json",
    });
    const { headers } = await list(api);
    assert.deepEqual(
      [headers.get("x-request-id"), headers.get("x-note"), headers.get("content-type")],
      ["7", "\xff", "application/problem+json"],
    );
    for (const status of [204, 205, 304]) {
      api.failNext({ status, empty: true });
      const response = await list(api);
      assert.deepEqual([response.status, response.body], [status, null]);
    }
  });
});

describe("latency, by the timers of the test", () => {
  test("delays every answer, or one", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const api = createEmulator({ latency: 300 });
    api.failNext({});
    api.failNext({ latency: 5000 });
    const arrived = [];
    const first = list(api).then(() => arrived.push("first"));
    const second = list(api).then(() => arrived.push("second"));
    context.mock.timers.tick(300);
    await first;
    assert.deepEqual(arrived, ["first"]);
    context.mock.timers.tick(4700);
    await second;
    assert.deepEqual(arrived, ["first", "second"]);
  });

  test("ends with an abort, and leaves no timer", async () => {
    const api = createEmulator({ latency: 60_000 });
    const controller = new AbortController();
    const answer = list(api, { signal: controller.signal });
    controller.abort(new Error("enough"));
    await assert.rejects(answer, { message: "enough" });
    assert.deepEqual(
      process.getActiveResourcesInfo().filter((name) => name === "Timeout"),
      [],
    );
  });

  test("drips byte by byte", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const api = createEmulator();
    api.failNext({ drip: 10, body: "abc" });
    const reader = (await list(api)).body.getReader();
    for (const byte of "abc") {
      const read = reader.read();
      await new Promise(setImmediate);
      context.mock.timers.tick(10);
      assert.equal(new TextDecoder().decode((await read).value), byte);
    }
    assert.equal((await reader.read()).done, true);
    assert.equal(api.requests[0].outcome, "sent");
  });
});

describe("time", () => {
  const statuses = async (api, count) => {
    const answers = [];
    for (let time = 0; time < count; time += 1) answers.push((await list(api)).status);
    return answers;
  };

  test("stands still until it is advanced, for the rate limit and its cooldown", async () => {
    const api = createEmulator({ rateLimit: { requests: 2, windowMs: 10_000 }, retryAfter: "seconds" });
    assert.deepEqual(await statuses(api, 2), [200, 200]);
    const refused = await list(api);
    assert.deepEqual([refused.status, refused.headers.get("retry-after")], [429, "10"]);
    api.clock.advance(9_999);
    assert.deepEqual(await statuses(api, 1), [429]);
    api.clock.advance(1);
    assert.deepEqual(await statuses(api, 3), [200, 200, 429]);
  });

  test("has no limit by default, and the documented one with true", async () => {
    assert.deepEqual(new Set(await statuses(createEmulator(), 100)), new Set([200]));
    const limited = await statuses(createEmulator({ rateLimit: true }), 41);
    assert.deepEqual([limited.indexOf(429), limited.length], [40, 41]);
  });

  test("ends the cooldown of a fault", async () => {
    const api = createEmulator({ runners: 3 });
    api.failNext({ cooldown: 10_000, retryAfter: 10 });
    const client = clientOf(api, { maxRetries: 0, timeout: 1000 });
    assert.deepEqual(await statuses(api, 3), [429, 429, 429]);
    api.clock.advance(10_000);
    assert.equal((await client.listManagedRunners()).total, 3);
  });

  test("starts in 2026, or when told", () => {
    assert.equal(createEmulator().clock.now, Date.UTC(2026, 0, 1));
    const api = createEmulator({ startTime: new Date(Date.UTC(2030, 5, 1)) });
    assert.equal(api.clock.now, Date.UTC(2030, 5, 1));
    api.clock.advance(1234);
    assert.equal(api.clock.now, Date.UTC(2030, 5, 1) + 1234);
    assert.equal(createEmulator({ startTime: "2030-06-01T02:00:00+02:00" }).clock.now, Date.UTC(2030, 5, 1));
  });

  test("is real on request, and follows the Date of the test", async (context) => {
    context.mock.timers.enable({ apis: ["Date"], now: Date.UTC(2040, 0, 1) });
    const api = createEmulator({ clock: "real", rateLimit: { requests: 1, windowMs: 1000 } });
    assert.equal(api.clock.now, Date.UTC(2040, 0, 1));
    assert.deepEqual(await statuses(api, 2), [200, 429]);
    context.mock.timers.tick(1000);
    assert.deepEqual(await statuses(api, 1), [200]);
    assert.equal(api.add().createdAt, "2040-01-01T00:00:01Z");
    api.clock.advance(1000);
    assert.equal(api.clock.now, Date.UTC(2040, 0, 1) + 2000, "advance also moves a real clock");
    context.mock.timers.setTime(Date.UTC(2040, 0, 1));
    assert.equal(api.clock.now, Date.UTC(2040, 0, 1) + 2000, "it never goes back");
  });
});
