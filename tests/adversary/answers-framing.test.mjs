// Answers with a wrong length or broken chunks, and connections that end at any byte.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { suite, test } from "node:test";

import { RUNNER } from "../package/support/memory.mjs";
import { ComfyControl } from "../package/support/package.mjs";
import { noUnhandledRejections, thrown } from "../package/support/watch.mjs";
import { PAGE, rawAnswer, rawServer } from "./support/raw.mjs";

const closing = noUnhandledRejections();
const server = await rawServer(() => {});
const client = (options) =>
  new ComfyControl({ baseUrl: server.url, rateLimit: false, timeout: 10_000, ...options });
const BIG = JSON.stringify({
  runners: Array.from({ length: 100 }, () => ({ ...RUNNER, name: "runner" })),
  total: 100,
});
const chunked = (...chunks) =>
  rawAnswer("", { length: null, headers: ["transfer-encoding: chunked"] }) + chunks.join("");
const chunk = (text) => `${text.length.toString(16)}\r\n${text}\r\n`;

/** The bytes that the server sends before it closes the connection, and the result of the call: a total, or a code. */
const FRAMES = {
  "a Content-Length that fits": [rawAnswer(), 0],
  "one that is too large": [rawAnswer(PAGE, { length: PAGE.length + 10 }), "connection_failed"],
  "one of 1 TB": [rawAnswer(PAGE, { length: 1e12 }), "connection_failed"],
  "one beyond all integers": [rawAnswer(PAGE, { length: "99999999999999999999999" }), "connection_failed"],
  "one that is too small": [rawAnswer(PAGE, { length: PAGE.length - 3 }), "invalid_response"],
  "one of 0": [rawAnswer(PAGE, { length: 0 }), "invalid_response"],
  "a negative one": [rawAnswer(PAGE, { length: -5 }), "connection_failed"],
  "one that is text": [rawAnswer(PAGE, { length: "many" }), "connection_failed"],
  "one with a fraction": [rawAnswer(PAGE, { length: "24.0" }), "connection_failed"],
  "one in hexadecimal": [rawAnswer(PAGE, { length: "0x18" }), "connection_failed"],
  "an empty one": [rawAnswer(PAGE, { length: "" }), ["connection_failed", 0]],
  "two that differ": [rawAnswer(PAGE, { headers: ["content-length: 3"] }), "connection_failed"],
  "one beside chunks": [
    rawAnswer(chunk(PAGE) + chunk(""), { headers: ["transfer-encoding: chunked"] }),
    ["connection_failed", 0],
  ],
  "none, until the connection closes": [rawAnswer(PAGE, { length: null }), 0],
  "none, and a body that is cut": [rawAnswer(PAGE.slice(0, 9), { length: null }), "invalid_response"],
  "HTTP/1.0, until the connection closes": [`HTTP/1.0 200 OK\r\n\r\n${BIG}`, 100],
  "HTTP/1.0, and a body that is cut": [`HTTP/1.0 200 OK\r\n\r\n${BIG.slice(0, -1)}`, "invalid_response"],
  "HTTP/0.9: no head at all": [PAGE, "connection_failed"],
  "HTTP/3.0 in words": [`HTTP/3.0 200 OK\r\n\r\n${PAGE}`, ["connection_failed", 0]],
  "another protocol": ["220 mail.example ESMTP\r\n", "connection_failed"],
  TLS: ["\u0015\u0003\u0001\u0000\u0002\u0002\u0046", "connection_failed"],
  nothing: ["", "connection_failed"],
  "a blank line": ["\r\n\r\n", "connection_failed"],
  "line feeds alone": [rawAnswer().replaceAll("\r\n", "\n"), ["connection_failed", 0]],
  chunks: [chunked(...[...PAGE].map(chunk), chunk("")), 0],
  "chunks with extensions and a trailer": [
    chunked(`${PAGE.length.toString(16)};x="y"\r\n${PAGE}\r\n`, "0\r\nx-trailer: y\r\n\r\n"),
    0,
  ],
  "chunks without an end": [chunked(chunk(PAGE)), "connection_failed"],
  "a chunk that is cut": [chunked("ff\r\n", PAGE), "connection_failed"],
  "a chunk whose size is text": [chunked("many\r\n", PAGE), "connection_failed"],
  "a chunk whose size is negative": [chunked("-5\r\n", PAGE), "connection_failed"],
  "a chunk beyond all integers": [chunked("ffffffffffffffffff\r\n", PAGE), "connection_failed"],
  "a chunk that is longer than it says": [chunked("5\r\n", PAGE, "\r\n0\r\n\r\n"), "connection_failed"],
  "gzip that is none": [rawAnswer(PAGE, { headers: ["content-encoding: gzip"] }), "connection_failed"],
  "gzip that is cut": [
    rawAnswer("\u001f\u008b\u0008\u0000", { length: 4, headers: ["content-encoding: gzip"] }),
    ["connection_failed", "invalid_response"],
  ],
  "brotli that is none": [
    rawAnswer(PAGE, { headers: ["content-encoding: br"] }),
    ["connection_failed", "invalid_response"],
  ],
  "an encoding nobody knows": [rawAnswer(PAGE, { headers: ["content-encoding: rot13"] }), 0],
};
for (const [what, [bytes, expected]] of Object.entries(FRAMES)) {
  test(`${what}: ${[expected]
    .flat()
    .map((one) => (typeof one === "string" ? one : `a list of ${one}`))
    .join(", or ")}`, async () => {
    server.fresh((socket) => socket.end(bytes, "latin1"));
    const outcome = await client({ maxRetries: 0 })
      .listManagedRunners()
      .then(
        ({ total }) => total,
        ({ code }) => code,
      );
    assert.ok([expected].flat().includes(outcome), String(outcome));
    assert.equal(server.heads.length, 1);
  });
}

suite("a connection that is reset", () => {
  const head = rawAnswer(BIG);
  const start = head.indexOf("\r\n\r\n") + 4;
  /** What was sent before. */
  const STAGES = {
    "before a byte of the answer": "",
    "within the status line": head.slice(0, 7),
    "within the headers": head.slice(0, 40),
    "after the headers": head.slice(0, start),
    "after a byte of the body": head.slice(0, start + 1),
    "within the body": head.slice(0, start + 9000),
    "before the last byte": head.slice(0, -1),
    "within a chunk": chunked(`${BIG.length.toString(16)}\r\n`, BIG.slice(0, 500)),
    "between two chunks": chunked(chunk(BIG.slice(0, 500))),
    "before the last, empty chunk": chunked(chunk(BIG)),
  };
  for (const how of ["end", "resetAndDestroy"]) {
    for (const [when, bytes] of Object.entries(STAGES)) {
      test(`${when} (${how}) is tried again, and is connection_failed after the retries`, async (t) => {
        t.mock.method(Math, "random", () => 0);
        const broken = (socket) => (bytes ? socket.write(bytes, () => socket[how]()) : socket[how]());
        server.fresh((socket, n) => (n === 0 ? broken(socket) : socket.end(rawAnswer(BIG))));
        assert.equal((await client().listManagedRunners()).runners.length, 100);
        assert.equal(server.heads.length, 2);
        server.fresh(broken);
        const error = await thrown(client().listManagedRunners());
        assert.deepEqual(
          [error.code, error.retryable, error.status, server.heads.length],
          ["connection_failed", true, undefined, 3],
        );
        assert.ok(error.cause instanceof Error);
      });
    }
  }

  test("before the request is sent is tried again, too", async (t) => {
    t.mock.method(Math, "random", () => 0);
    const early = await rawServer(
      (socket, n) => (n < 2 ? socket.resetAndDestroy() : socket.once("data", () => socket.end(rawAnswer()))),
      { early: true },
    );
    assert.equal((await client({ baseUrl: early.url }).listManagedRunners()).total, 0);
    assert.equal(early.connections, 3);
  });

  test("nobody listening is connection_failed, with the code of the host", async (t) => {
    t.mock.method(Math, "random", () => 0);
    const gone = createServer().listen(0, "127.0.0.1");
    await once(gone, "listening");
    const { port } = gone.address();
    await new Promise((resolve) => gone.close(resolve));
    const error = await thrown(client({ baseUrl: `http://127.0.0.1:${port}` }).listManagedRunners());
    assert.equal(error.code, "connection_failed");
    assert.match(error.message, /ECONNREFUSED/);
  });
});

test("a kept connection on which the server sends more than it was asked for gives no call somebody else's answer", async () => {
  const extra = rawAnswer(JSON.stringify({ runners: [], total: 666 }));
  server.fresh((socket) => socket.write(rawAnswer() + extra));
  const own = client({ maxRetries: 2 });
  for (let i = 0; i < 5; i += 1) {
    const outcome = await own.listManagedRunners().then(
      ({ total }) => total,
      ({ code }) => code,
    );
    assert.ok(outcome === 0 || outcome === "connection_failed", String(outcome));
  }
});

closing();
