// Wrong use is an error that names what is wrong.

import assert from "node:assert/strict";
import { test } from "node:test";

import { createEmulator, fakeRunner, fakeRunners } from "./support/package.mjs";

const api = createEmulator({ runners: 3 });
const [{ id }] = api.runners;

const CASES = [
  [
    () => createEmulator({ runers: 3 }),
    /^createEmulator: .*unknown field `runers`, expected one of `runners`, /,
  ],
  [() => createEmulator(null), /^createEmulator: .*expected an object with options/],
  [() => createEmulator(250), /^createEmulator: .*expected an object with options/],
  [() => createEmulator([3]), /^createEmulator: an array is not allowed here/],
  [() => createEmulator({ runners: -1 }), /^createEmulator: runners: .*-1/],
  [
    () => createEmulator({ runners: 4_294_967_295 }),
    /^createEmulator: runners: at most 1000000 runners are generated, not 4294967295/,
  ],
  [
    () => createEmulator({ runners: 2 ** 32 }),
    /^createEmulator: runners: .*expected a whole number from 0 to 4294967295$/,
  ],
  [
    () => createEmulator({ runners: [["gpu"]] }),
    /^createEmulator: runners\[0\]: an array is not allowed here/,
  ],
  [() => createEmulator({ runners: "many" }), /^createEmulator: runners: .*"many"/],
  [() => createEmulator({ runners: NaN }), /^createEmulator: runners: NaN is not allowed here/],
  [() => createEmulator({ runners: [{}, { tags: "gpu" }] }), /^createEmulator: runners\[1\]: tags: .*"gpu"/],
  [
    () => createEmulator({ runners: [{ runner_type: "pro" }] }),
    /^createEmulator: runners\[0\]: .*`runner_type`.*`runnerType`/,
  ],
  [() => createEmulator({ runners: [{ id: "7" }] }), /^createEmulator: runners\[0\]: id: "7" is not a UUID/],
  [
    () => createEmulator({ runners: [{ id }, { id }] }),
    /^createEmulator: runners\[0\]: there is a runner .* already/,
  ],
  [
    () => createEmulator({ tier: "gold" }),
    /^createEmulator: tier: unknown variant `gold`, expected one of `free`, `plus`/,
  ],
  [() => createEmulator({ token: 7 }), /^createEmulator: token: expected a text, or false/],
  [
    () => createEmulator({ token: "" }),
    /^createEmulator: token: must not be empty; false accepts every request/,
  ],
  [() => createEmulator({ token: true }), /^createEmulator: token: expected a text, or false/],
  [
    () => createEmulator({ rateLimit: 40 }),
    /^createEmulator: rateLimit: expected true, false or \{ requests, windowMs \}/,
  ],
  [
    () => createEmulator({ rateLimit: { requests: 0, windowMs: 1 } }),
    /^createEmulator: rateLimit: requests and windowMs must be at least 1/,
  ],
  [() => createEmulator({ retryAfter: 1 }), /^createEmulator: retryAfter: /],
  [() => createEmulator({ latency: 1.5 }), /^createEmulator: latency: .*1\.5/],
  [
    () => createEmulator({ clock: "fake" }),
    /^createEmulator: clock: unknown variant `fake`, expected `virtual` or `real`/,
  ],
  [
    () => createEmulator({ startTime: "today" }),
    /^createEmulator: startTime: "today" is not an RFC 3339 date-time/,
  ],
  [
    () => createEmulator({ startTime: new Date(NaN) }),
    /^createEmulator: startTime: an invalid Date is not allowed here/,
  ],
  [
    () => createEmulator({ startTime: new Date(), clock: "real" }),
    /^createEmulator: startTime: only a virtual clock/,
  ],
  [() => createEmulator({ baseUrl: "api" }), /^createEmulator: baseUrl: "api" is not a URL/],
  [() => createEmulator({ seed: () => 7 }), /^createEmulator: seed: a function is not allowed here/],
  [() => fakeRunner({ name: 7 }), /^fakeRunner: name: .*`7`, expected a string/],
  [() => fakeRunner({ createdAt: "now" }), /^fakeRunner: createdAt: "now" is not an RFC 3339 date-time/],
  [() => fakeRunner({ name: "\ud800" }), /^fakeRunner: name: half of a surrogate pair is not allowed here/],
  [() => fakeRunner("gpu"), /^fakeRunner: .*expected an object with members of a runner/],
  [() => fakeRunners(), /^fakeRunners: count: a value is missing/],
  [() => fakeRunners(1.5), /^fakeRunners: count: .*1\.5/],
  [() => fakeRunners(1e9), /^fakeRunners: count: at most 1000000 runners are generated, not 1000000000/],
  [() => fakeRunners(3, { sead: 1 }), /^fakeRunners: .*unknown field `sead`, expected `seed`/],
  [() => api.add({ id }), /^add: there is a runner .* already/],
  [() => api.add({ colour: "red" }), /^add: .*unknown field `colour`/],
  [() => api.remove("00000000-0000-4000-8000-000000000000"), /^remove: there is no runner 00000000-/],
  [() => api.remove(api.runners[0]), /^remove: expected the id of a runner/],
  [() => api.update(id, { status: null, tags: 1 }), /^update: tags: /],
  [() => api.update(id), /^update: a value is missing/],
  [() => api.failNext({ statsu: 503 }), /^failNext: .*unknown field `statsu`, expected one of `times`/],
  [() => api.failNext({ status: 42 }), /^failNext: status must be from 200 to 599, not 42/],
  [() => api.failNext({ status: "503" }), /^failNext: status: .*"503"/],
  [() => api.failNext({ message: "no" }), /^failNext: message needs a status/],
  [() => api.failNext({ stall: "mid-body", cut: 3 }), /^failNext: give only one of stall and cut/],
  [() => api.failNext({ cut: "half-way" }), /^failNext: cut: expected a number of bytes, "before-headers"/],
  [() => api.failNext({ latency: Infinity }), /^failNext: latency: Infinity is not allowed here/],
  [() => api.failNext({ cooldown: 10, status: 503 }), /^failNext: a cooldown answers 429/],
  [
    () => api.failNext({ headers: { "bad name": "1" } }),
    /^failNext: bad name: "1" cannot be sent as a header/,
  ],
  [
    () => api.failNext({ headers: { "x-note": "日本" } }),
    /^failNext: x-note: '日' is above U\+00FF, and cannot be sent in a header/,
  ],
  [() => api.failNext({ contentType: "text/日" }), /^failNext: content-type: '日' is above U\+00FF/],
  [() => api.failNext(503), /^failNext: .*expected struct Fault|^failNext: .*expected an object/],
  [() => api.failNext([{ status: 503 }]), /^failNext: an array is not allowed here/],
  [
    () => api.failNext({ status: 503.5 }),
    /^failNext: status: .*503\.5.*expected a whole number from 0 to 65535$/,
  ],
  [() => api.clock.advance(-1), /^clock\.advance: .*-1/],
  [() => api.clock.advance(), /^clock\.advance: a value is missing/],
  [
    () => api.changeWhile({ every: 0 }, () => {}),
    /^changeWhile: every: expected a whole number of at least 1/,
  ],
  [() => api.changeWhile(undefined, () => {}), /^changeWhile: every: expected a whole number/],
  [() => api.changeWhile({ every: 1, times: 0 }, () => {}), /^changeWhile: times: expected a whole number/],
  [() => api.changeWhile({ every: 1 }), /^changeWhile: expected a function/],
  [
    () => api.changeWhile({ every: 1, time: 2 }, () => {}),
    /^changeWhile: unknown member "time", expected every and times/,
  ],
];

for (const [use, message] of CASES) {
  test(use.toString().replace("() => ", ""), () => {
    assert.throws(use, (error) => {
      assert.equal(error.name, "TypeError");
      assert.match(error.message, message);
      return true;
    });
  });
}

test("fetch says what is not a URL", async () => {
  await assert.rejects(createEmulator().fetch("https://"), {
    name: "TypeError",
    message: /^fetch: "https:\/\/" is not a URL/,
  });
});

test("fetch takes a Request, a URL or a text, and nothing else", async () => {
  for (const input of [undefined, null, 7, {}, () => {}]) {
    await assert.rejects(createEmulator().fetch(input), {
      name: "TypeError",
      message: /^fetch: expected a Request, a URL or a text/,
    });
  }
});

test("after wrong use everything goes on as before", () => {
  assert.equal(api.runners.length, 3);
  assert.equal(api.requests.length, 0);
});
