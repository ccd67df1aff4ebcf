// The size of an answer: 8 MiB are read, not a byte more is held, and the connection is closed.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, suite, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import vm from "node:vm";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";

import { memory, origin, RUNNER } from "../package/support/memory.mjs";
import { ComfyControl, listManagedRunners } from "../package/support/package.mjs";
import { noUnhandledRejections, poll, thrown } from "../package/support/watch.mjs";

const closing = noUnhandledRejections();
const MIB = 2 ** 20;
const CAP = 8 * MIB;

setFlagsFromString("--expose-gc");
const collect = vm.runInNewContext("gc");

/** A server whose body `serve` writes, with these headers. `sent` counts bytes; `closed`: the client closed the connection. */
let serve = () => {};
let sent = 0;
let closed = 0;
const server = createServer((_, response) => {
  response.on("close", () => (closed += response.writableFinished ? 0 : 1));
  serve(response);
}).listen(0, "127.0.0.1");
await once(server, "listening");
after(() => server.close());
const client = new ComfyControl({
  baseUrl: `http://127.0.0.1:${server.address().port}`,
  rateLimit: false,
  maxRetries: 0,
  timeout: 30_000,
});

/** A list of this many bytes, with one runner whose name fills it. */
function page(size) {
  const [start, end] = JSON.stringify({ runners: [{ ...RUNNER, name: "\u0000" }], total: 1 }).split(
    "\\u0000",
  );
  return Buffer.from(start + "n".repeat(size - Buffer.byteLength(start + end)) + end);
}
const TOO_LARGE =
  /answered 200 with an unexpected body: expected at most 8388608 bytes, found more at byte 8388608/;

const WAYS = {
  "with a Content-Length": (body) => (response) =>
    response.setHeader("content-length", body.length).end(body),
  "in chunks": (body) => (response) => (response.write(body.subarray(0, 5)), response.end(body.subarray(5))),
  "in one byte, then the rest": (body) => (response) => (
    response.write(body.subarray(0, 1)),
    response.write(body.subarray(1, -1)),
    response.end(body.subarray(-1))
  ),
  gzipped: (body) => (response) =>
    response.setHeader("content-encoding", "gzip").end(gzipSync(body, { level: 1 })),
};
for (const [way, send] of Object.entries(WAYS)) {
  test(`${way}: 8 MiB are read, one byte less as well, one byte more is refused`, async () => {
    for (const size of [CAP - 1, CAP]) {
      serve = send(page(size));
      const { runners } = await client.listManagedRunners();
      assert.ok(runners[0].name.length > CAP - 1000);
    }
    serve = send(page(CAP + 1));
    const error = await thrown(client.listManagedRunners());
    assert.deepEqual([error.code, error.status, error.retryable], ["invalid_response", 200, false]);
    assert.match(error.message, TOO_LARGE);
  });
}

test("padding counts: 8 MiB of spaces around a page are read, one more is refused", async () => {
  const text = '{"runners":[],"total":0}';
  serve = (response) => response.end(text.padEnd(CAP));
  assert.equal((await client.listManagedRunners()).total, 0);
  serve = (response) => response.end(text.padStart(CAP + 1));
  assert.match((await thrown(client.listManagedRunners())).message, TOO_LARGE);
});

test("0 bytes are an answer that ends too early, whatever the status and the way", async () => {
  for (const send of [
    (response) => response.end(),
    (response) => response.setHeader("content-length", 0).end(),
    (response) => response.setHeader("content-encoding", "gzip").end(gzipSync("")),
  ]) {
    serve = send;
    const error = await thrown(client.listManagedRunners());
    assert.equal(error.code, "invalid_response");
    assert.match(error.message, /expected JSON, found the end of the body at byte 0/);
  }
});

test("an error answer whose body is too large keeps its status", async () => {
  for (const status of [404, 500]) {
    serve = (response) => response.writeHead(status).end(Buffer.alloc(CAP + 1, " "));
    const error = await thrown(client.listManagedRunners());
    assert.equal(error.status, status);
    assert.ok(error.message.length < 400);
  }
});

test("a body that is not a stream is measured as well", async () => {
  for (const [size, good] of [
    [CAP, true],
    [CAP + 1, false],
  ]) {
    const { fetch } = memory(() => ({
      status: 200,
      headers: new Headers(),
      arrayBuffer: async () => page(size),
    }));
    const call = listManagedRunners({ fetch, baseUrl: origin(), maxRetries: 0 });
    if (good) assert.equal((await call).total, 1);
    else assert.match((await thrown(call)).message, /at most 8388608 bytes/);
  }
});

/** Runs a call that fails. Returns its error, and the largest growth of memory meanwhile, in MiB. */
async function peak(call) {
  collect();
  const size = () => {
    const { heapUsed, external } = process.memoryUsage();
    return (heapUsed + external) / MIB;
  };
  const base = [size(), process.memoryUsage().rss / MIB];
  let most = 0;
  let resident = 0;
  // Sample often, to see the memory between two chunks.
  let watching = true;
  const watch = () => {
    most = Math.max(most, size() - base[0]);
    resident = Math.max(resident, process.memoryUsage().rss / MIB - base[1]);
    if (watching) setImmediate(watch);
  };
  watch();
  const error = await thrown(call()).finally(() => (watching = false));
  return { error, most, resident };
}

suite("bombs", () => {
  // The first large answer allocates memory that later ones reuse.
  before(async () => {
    serve = (response) => response.end(Buffer.alloc(CAP + 1, " "));
    await thrown(client.listManagedRunners());
  });
  const spaces = Buffer.alloc(16 * MIB, " ");
  const member = gzipSync(spaces);
  // Members of a gzip file follow each other: 1 GiB from 64 of them.
  const gibibyte = Buffer.concat(Array.from({ length: 64 }, () => member));
  const BOMBS = {
    "gzip, 1 GiB": ["gzip", gibibyte],
    "gzip in gzip, 1 GiB": ["gzip, gzip", gzipSync(gibibyte)],
    "deflate, 128 MiB": ["deflate", deflateSync(Buffer.alloc(128 * MIB, " "), { level: 1 })],
    "brotli, 128 MiB": [
      "br",
      brotliCompressSync(Buffer.alloc(128 * MIB, " "), { params: { [constants.BROTLI_PARAM_QUALITY]: 2 } }),
    ],
  };
  for (const [what, [encoding, body]] of Object.entries(BOMBS)) {
    test(`${what} in ${body.length} bytes: refused at 8 MiB, and never held`, async () => {
      serve = (response) => response.setHeader("content-encoding", encoding).end(body);
      const { error, most, resident } = await peak(() => client.listManagedRunners());
      assert.match(error.message, TOO_LARGE);
      assert.ok(most < 48, `${most} MiB more`);
      assert.ok(resident < 96, `${resident} MiB more of the process`);
    });
  }

  test("twenty bombs at once hold no more than twenty times the cap", async () => {
    serve = (response) => response.setHeader("content-encoding", "gzip").end(gibibyte);
    const { error, most } = await peak(async () => {
      const errors = await Promise.all(
        Array.from({ length: 20 }, () => thrown(client.listManagedRunners({ coalesce: false }))),
      );
      assert.ok(errors.every(({ message }) => TOO_LARGE.test(message)));
      throw errors[0];
    });
    assert.equal(error.code, "invalid_response");
    assert.ok(most < 20 * 16 + 48, `${most} MiB more`);
  });

  test("a stream of 1 GB stops at the cap: the connection is closed, and nothing of it is kept", async () => {
    sent = closed = 0;
    const chunk = Buffer.alloc(64 * 1024, " ");
    const total = 1e9;
    serve = (response) => {
      const write = () => {
        while (!response.destroyed && sent < total) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once("drain", write);
        }
        response.end();
      };
      write();
    };
    const { error, most, resident } = await peak(() => client.listManagedRunners());
    assert.match(error.message, TOO_LARGE);
    await poll(() => closed === 1, "the server sees the connection closed");
    assert.ok(sent < 64 * MIB, `the server sent ${sent / MIB} MiB`);
    assert.ok(most < 48, `${most} MiB more`);
    assert.ok(resident < 96, `${resident} MiB more of the process`);
    collect();
    // Repeat it thirty times, to make sure that the memory is really freed.
    const before = process.memoryUsage().external;
    for (let i = 0; i < 30; i += 1) {
      sent = 0;
      await thrown(client.listManagedRunners());
    }
    await poll(
      () => (collect(), process.memoryUsage().external - before < 12 * MIB),
      "the memory is given back",
    );
  });
});

closing();
