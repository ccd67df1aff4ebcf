// Headers that no server should send, and bodies in other encodings than UTF-8.

import assert from "node:assert/strict";
import { test } from "node:test";

import { answer, memory, origin, RUNNER } from "../package/support/memory.mjs";
import { ComfyControl, listManagedRunners } from "../package/support/package.mjs";
import { noUnhandledRejections, thrown } from "../package/support/watch.mjs";
import { PAGE, rawAnswer, rawServer } from "./support/raw.mjs";

const closing = noUnhandledRejections();
const server = await rawServer(() => {});
/** A client with a new origin, since a long pause that a server asks for applies to its whole origin. */
const client = (options) => {
  const baseUrl = origin();
  const own = (url, init) => fetch(url.replace(baseUrl, server.url), init);
  return new ComfyControl({
    baseUrl,
    fetch: own,
    rateLimit: false,
    maxRetries: 0,
    timeout: 10_000,
    ...options,
  });
};
const sends = (bytes) => server.fresh((socket) => socket.end(bytes, "latin1"));

test("headers that are many or long are read, or end in connection_failed; never in anything else", async () => {
  const SIZES = [
    ["x-a: ", 100],
    ["x-a: ", 10_000],
    ["x-a: ", 1_000_000],
    ["x-a: ", 10_000_000],
  ];
  for (const [name, size] of SIZES) {
    sends(rawAnswer(PAGE, { headers: [name + "a".repeat(size)] }));
    const outcome = await client()
      .listManagedRunners()
      .then(
        ({ total }) => total,
        ({ code }) => code,
      );
    assert.equal(outcome, size > 16_384 ? "connection_failed" : 0, `${size} bytes`);
  }
  sends(rawAnswer(PAGE, { headers: Array.from({ length: 100_000 }, (_, n) => `x-${n}: y`) }));
  assert.equal((await thrown(client().listManagedRunners())).code, "connection_failed");
});

test("Retry-After in another form counts as none; in the right form it is obeyed to the letter, and of two the longer one", async (t) => {
  t.mock.method(Math, "random", () => 0);
  /** How long the client waits, in milliseconds, or that the call fails at once. */
  async function waited(...values) {
    server.fresh((socket, n) =>
      socket.end(
        n === 0
          ? rawAnswer("", { status: "503 Down", headers: values.map((value) => `retry-after: ${value}`) })
          : rawAnswer(),
      ),
    );
    const waits = [];
    const error = await client({
      maxRetries: 1,
      onEvent: (event) => event.type === "retry" && waits.push(event.waitMs),
    })
      .listManagedRunners()
      .catch((error) => error);
    return waits[0] ?? error.retryAt - Date.now();
  }
  for (const values of [
    ["0", "0"],
    ["-1"],
    ["+1"],
    ["1e3"],
    ["0x10"],
    ["٣"],
    ["1 2"],
    ["Infinity"],
    ["NaN"],
    [""],
    ["soon"],
    ["Wed, 21 Oct 2015"],
    ["2015-10-21T07:28:00Z"],
    ["1;q=1"],
  ]) {
    assert.equal(await waited(...values), 0, `${values}: no backoff with a random number of 0`);
  }
  for (const [values, ms] of [
    [["1", "2"], 2000],
    [["1, 1"], 1000],
    [["1.5"], 2000],
  ])
    assert.equal(await waited(...values), ms, String(values));
  assert.equal(await waited("0"), 0);
  assert.equal(await waited("  0000000000000000  "), 0);
  assert.equal(await waited("Wed, 21 Oct 2015 07:28:00 GMT"), 0, "the past");
  for (const [value, seconds] of [
    ["61", 61],
    ["99999999999999999999999999999999", 1e12],
    ["9".repeat(5000), 1e12],
  ]) {
    assert.ok(Math.abs((await waited(value)) - seconds * 1000) < 2000, value.slice(0, 40));
  }
});

test("what the content type says does not matter where the body is JSON in UTF-8", async () => {
  const TYPES = [
    "application/json",
    "application/json; charset=utf-8",
    "application/json; charset=iso-8859-1",
    "text/plain; charset=utf-16",
    "text/html",
    "image/png",
    "",
    "x",
    ";;;",
    "application/json, text/html",
    `x/${"y".repeat(9000)}`,
  ];
  const body = JSON.stringify({ runners: [RUNNER], total: 1 });
  for (const type of TYPES) {
    const bytes = Buffer.from(body).toString("latin1");
    sends(`HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: ${bytes.length}\r\n\r\n${bytes}`);
    assert.equal((await client().listManagedRunners()).runners[0].name, RUNNER.name, type.slice(0, 60));
  }
  sends(`HTTP/1.1 200 OK\r\ncontent-length: ${PAGE.length}\r\n\r\n${PAGE}`);
  assert.equal((await client().listManagedRunners()).total, 0, "no content type");
});

test("an error shows the content type on one line, in at most 80 characters", async () => {
  for (const type of ["t".repeat(9000), `text/\u009b31m${"x".repeat(200)}`, "é".repeat(300)]) {
    sends(`HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: 2\r\n\r\n{}`);
    const { message } = await thrown(client().listManagedRunners());
    const shown = /\(content type (.*)\) \(comfycontrol/.exec(message)[1];
    assert.ok([...shown].length <= 81, shown);
    assert.doesNotMatch(shown, /[\u0000-\u001f\u007f-\u009f]/);
  }
});

test("a byte order mark is skipped; other encodings are refused and garble nothing", async () => {
  const ALPHABETS = {
    "UTF-8 with its mark": [Buffer.from(`\ufeff${PAGE}`), 0],
    "two marks": [Buffer.from(`\ufeff\ufeff${PAGE}`)],
    "a mark alone": [Buffer.from("\ufeff")],
    "UTF-16, little end first": [Buffer.from(`\ufeff${PAGE}`, "utf16le")],
    "UTF-16, big end first": [Buffer.from(`\ufeff${PAGE}`, "utf16le").swap16()],
    "UTF-16 without a mark": [Buffer.from(PAGE, "utf16le")],
    "Latin-1": [Buffer.from(JSON.stringify({ runners: [{ ...RUNNER, name: "é" }], total: 1 }), "latin1")],
    "a NUL in front": [Buffer.from(`\u0000${PAGE}`)],
    "a NUL behind": [Buffer.from(`${PAGE}\u0000`)],
    "half a surrogate": [Buffer.from([...Buffer.from('{"a":"'), 0xed, 0xa0, 0x80, ...Buffer.from('"}')])],
    "an overlong slash": [Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    "beyond Unicode": [Buffer.from([0x22, 0xf4, 0x90, 0x80, 0x80, 0x22])],
  };
  for (const [what, [bytes, total]] of Object.entries(ALPHABETS)) {
    sends(rawAnswer(bytes.toString("latin1"), { length: bytes.length }));
    const outcome = await client()
      .listManagedRunners()
      .then(
        (page) => page.total,
        (error) => error,
      );
    if (total !== undefined) {
      assert.equal(outcome, total, what);
      continue;
    }
    assert.equal(outcome.code, "invalid_response", what);
    assert.doesNotMatch(outcome.message, /[\u0000-\u001f\u007f-\u009f\ufeff]/, what);
    assert.ok(outcome.message.length < 300);
  }
});

test("an error shows the server's message on one line, cut at 300 characters, whatever it contains", async () => {
  const MESSAGES = [
    "\u001b[31mred",
    "a\r\nb: injected",
    "<script>alert(1)</script>",
    "\u202egnp.exe",
    "x".repeat(10_000),
    "\u0000",
    "%s %d %o",
    "${process.exit()}",
    "\ud83d",
    "a\u2028b\u2029c",
  ];
  for (const message of MESSAGES) {
    const error = await thrown(
      listManagedRunners({
        fetch: memory(() => answer({ status: 400, message }, { status: 400 })).fetch,
        baseUrl: origin(),
        maxRetries: 0,
      }),
    );
    assert.doesNotMatch(error.message, /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
    assert.ok(error.message.length < 400);
  }
});

test("cookies, cache headers and whatever else is sent change no later call", async () => {
  server.fresh((socket) =>
    socket.end(
      rawAnswer(PAGE, {
        headers: [
          "set-cookie: a=b",
          "cache-control: max-age=99999, immutable",
          'etag: "x"',
          "clear-site-data: *",
          "strict-transport-security: max-age=1",
          "www-authenticate: Basic",
          "location: /elsewhere",
          "refresh: 0; url=/elsewhere",
          "connection: x-y",
        ],
      }),
    ),
  );
  for (let i = 0; i < 3; i += 1)
    assert.equal((await client({ token: "cfc_own" }).listManagedRunners()).total, 0);
  assert.equal(server.heads.length, 3);
  for (const head of server.heads) assert.doesNotMatch(head, /cookie|if-none-match/i);
});

closing();
