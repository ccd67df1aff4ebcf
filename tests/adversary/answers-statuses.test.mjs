// Every status from 100 to 999: its code, whether the client retries it, and whether the error is `retryable`.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, test } from "node:test";

import { memory, origin } from "../package/support/memory.mjs";
import { listManagedRunners } from "../package/support/package.mjs";
import { noUnhandledRejections } from "../package/support/watch.mjs";
import { PAGE, rawAnswer, rawServer } from "./support/raw.mjs";

const closing = noUnhandledRejections();

/** `[from, to, code, attempts with one retry allowed, retryable]`. Later lines override earlier ones. A success has no code. */
const TABLE = [
  [100, 199, "invalid_response", 1, false],
  [200, 299, undefined, 1],
  // By definition without a body.
  [204, 205, "invalid_response", 1, false],
  [300, 399, "invalid_response", 1, false],
  [400, 499, "bad_request", 1, false],
  [401, 401, "unauthorized", 1, false],
  [403, 403, "forbidden", 1, false],
  [404, 404, "not_found", 1, false],
  [408, 408, "bad_request", 2, true],
  // The first one of a call is free.
  [429, 429, "rate_limited", 3, true],
  [500, 599, "server_error", 1, true],
  [500, 500, "server_error", 2, true],
  [502, 504, "server_error", 2, true],
  // Beyond what HTTP knows.
  [600, 999, "invalid_response", 1, false],
];
const expected = (status) => TABLE.findLast(([from, to]) => status >= from && status <= to).slice(2);
const EMPTY = [101, 103, 204, 205, 304];

/** The result of a call with one retry: `[code, attempts, retryable]`, and the status in the error. */
async function outcome(options) {
  let attempts = 0;
  const onEvent = ({ type }) => (attempts += type === "request" ? 1 : 0);
  const error = await listManagedRunners({ maxRetries: 1, rateLimit: false, onEvent, ...options }).then(
    () => undefined,
    (error) => error,
  );
  return {
    status: error?.status,
    found: error ? [error.code, attempts, error.retryable] : [undefined, attempts],
  };
}

test("every status a fetch can give, from 100 to 999", async () => {
  for (let status = 100; status <= 999; status += 1) {
    const body = EMPTY.includes(status) ? "" : PAGE;
    const reply = () => ({
      status,
      headers: new Headers({ "retry-after": "0" }),
      arrayBuffer: async () => new TextEncoder().encode(body).buffer,
    });
    const { status: named, found } = await outcome({ fetch: memory(reply).fetch, baseUrl: origin() });
    assert.deepEqual(found, expected(status), `status ${status}`);
    assert.equal(named, found[0] && status);
  }
});

test("every status a server can send, from 200 to 599", async () => {
  let status;
  const server = createServer((_, response) =>
    response.writeHead(status, { "retry-after": "0" }).end(PAGE),
  ).listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => (server.closeAllConnections(), server.close()));
  const baseUrl = `http://127.0.0.1:${server.address().port}`;
  for (status = 200; status <= 599; status += 1) {
    const { status: named, found } = await outcome({ baseUrl });
    // Fetch itself makes a network error of it (Fetch standard, "HTTP-network-or-cache fetch").
    const wanted = status === 407 ? ["connection_failed", 2, true] : expected(status);
    assert.deepEqual(found, wanted, `status ${status}`);
    if (status !== 407) assert.equal(named, found[0] && status);
  }
});

test("interim answers, as real servers send them, are passed over; switching protocols is a failure", async () => {
  const server = await rawServer(() => {});
  const call = () => outcome({ baseUrl: server.url, maxRetries: 0, timeout: 5000 });
  for (const interim of [
    "102 Processing",
    "103 Early Hints\r\nlink: </x>; rel=preload",
    "104 Upload Resumption Supported",
    "199 Whatever",
  ]) {
    server.fresh((socket) => socket.end(`HTTP/1.1 ${interim}\r\n\r\n`.repeat(3) + rawAnswer()));
    assert.deepEqual((await call()).found, [undefined, 1], interim);
    server.fresh((socket) => socket.end(`HTTP/1.1 ${interim}\r\n\r\n`));
    assert.deepEqual((await call()).found, ["connection_failed", 1, true], `${interim} and nothing else`);
    server.fresh((socket) =>
      socket.end(`HTTP/1.1 ${interim}\r\n\r\n${rawAnswer("{}", { status: "404 Not Found" })}`),
    );
    assert.deepEqual((await call()).found, ["not_found", 1, false], `${interim}, then 404`);
  }
  // Unrequested interim answers: the runtime decides whether to skip them.
  server.fresh((socket) => socket.end(`HTTP/1.1 100 Continue\r\n\r\n${rawAnswer()}`));
  assert.ok([undefined, "connection_failed"].includes((await call()).found[0]));
  server.fresh((socket) =>
    socket.end("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"),
  );
  assert.equal((await call()).found[0], "connection_failed");
});

test("a status line that is none is connection_failed", async () => {
  const server = await rawServer(() => {});
  for (const status of ["", "0", "99 X", "1000 X", "-200 X", "two hundred", "20 X", "2OO OK"]) {
    server.fresh((socket) => socket.end(`HTTP/1.1 ${status}\r\ncontent-length: 0\r\n\r\n`));
    const { found } = await outcome({ baseUrl: server.url, maxRetries: 0, timeout: 5000 });
    assert.ok(["connection_failed", "invalid_response"].includes(found[0]), `"${status}": ${found}`);
  }
});

closing();
