// Redirects are followed, and the token stays with its origin: no request to another server has it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";

import { RUNNER } from "../package/support/memory.mjs";
import { ComfyControl, entry, listManagedRunners } from "../package/support/package.mjs";
import { noUnhandledRejections, thrown } from "../package/support/watch.mjs";
import { certificate } from "./support/certificate.mjs";
import { rawAnswer, rawServer } from "./support/raw.mjs";

const closing = noUnhandledRejections();
const TOKEN = "cfc_Sup3rS3cretT0ken";
const STATUSES = [301, 302, 303, 307, 308];
/** The client's server, and another one on another port, so with another origin. */
const own = await rawServer(() => {});
const other = await rawServer((socket) => socket.write(rawAnswer()));
const client = (options) =>
  new ComfyControl({ baseUrl: own.url, token: TOKEN, rateLimit: false, maxRetries: 0, ...options });
const redirect = (location, status = 302) =>
  rawAnswer("", { status: `${status} Moved`, headers: [`location: ${location}`] });
const secretive = ({ heads }) => {
  assert.ok(heads.length > 0, "it was asked");
  for (const head of heads) assert.doesNotMatch(head, /Sup3r|authorization/i);
};

for (const status of STATUSES) {
  test(`a ${status} to the same origin is followed, with the token`, async () => {
    for (const location of [
      "/elsewhere",
      `${own.url}/elsewhere`,
      "elsewhere?x=y#z",
      `//${new URL(own.url).host}/elsewhere`,
    ]) {
      own.fresh((socket, n) => socket.write(n === 0 ? redirect(location, status) : rawAnswer()));
      assert.equal((await client().listManagedRunners()).total, 0);
      assert.equal(own.heads.length, 2);
      for (const head of own.heads) assert.match(head, new RegExp(`authorization: Bearer ${TOKEN}`, "i"));
      assert.match(own.heads[1], /^GET \S*elsewhere/);
    }
  });

  test(`a ${status} to another origin is followed, and the token stays behind`, async () => {
    // The same machine by another name is another origin as well.
    for (const url of [other.url, own.url.replace("127.0.0.1", "localhost")]) {
      const target = url === other.url ? other : own;
      own.fresh((socket, n, head) =>
        socket.write(/^GET \/there/.test(head) ? rawAnswer() : redirect(`${url}/there`, status)),
      );
      other.fresh();
      const { total } = await client()
        .listManagedRunners()
        .catch((error) => assert.fail(`${url}: ${error.message}`));
      assert.equal(total, 0);
      const there = target.heads.filter((head) => head.startsWith("GET /there"));
      secretive({ heads: there });
    }
  });
}

test("a token that stayed behind does not come back, wherever the redirects lead", async () => {
  own.fresh((socket, n) => socket.write(n === 0 ? redirect(`${other.url}/there`) : rawAnswer()));
  other.fresh((socket, n) => socket.write(n === 0 ? redirect("/again") : redirect(`${own.url}/back`)));
  assert.equal((await client().listManagedRunners()).total, 0);
  assert.equal(other.heads.length, 2);
  secretive(other);
  assert.match(own.heads[0], /authorization/i);
  assert.doesNotMatch(own.heads[1], /authorization/i);
});

test("no call of any kind lets a redirect carry the token off: not an enumeration, a watch, a retry or a token function's", async () => {
  own.fresh((socket) => socket.write(redirect(`${other.url}/there`)));
  const row = JSON.stringify(RUNNER);
  const list = rawAnswer(`{"runners":[${row}],"total":1}`);
  other.fresh((socket) => socket.write(list));
  assert.equal((await client().collectManagedRunners()).runners.length, 1);
  const changes = client({ token: async () => TOKEN }).watchManagedRunners();
  assert.equal((await changes.next()).value.runners.length, 1);
  await changes.return();
  other.fresh((socket) => socket.write(rawAnswer(row)));
  await client().getManagedRunner(RUNNER.id);
  other.fresh((socket, n) =>
    socket.write(n === 0 ? rawAnswer("", { status: "503 Down", headers: ["retry-after: 0"] }) : list),
  );
  await client({ maxRetries: 1 }).listManagedRunners();
  assert.equal(other.heads.length, 2);
  secretive(other);
  // After a 401 of the other server the client asks for the token again, and repeats the request at its own server.
  other.fresh((socket, n) => socket.write(n === 0 ? rawAnswer("", { status: "401 No" }) : list));
  await client({ token: () => TOKEN }).listManagedRunners();
  secretive(other);
});

test("an answer from elsewhere is checked like any other", async () => {
  own.fresh((socket) => socket.write(redirect(other.url)));
  other.fresh((socket) => socket.write(rawAnswer('{"runners":[],"total":"1"}')));
  const error = await thrown(client().listManagedRunners());
  assert.deepEqual([error.code, error.path], ["invalid_response", "total"]);
});

test("redirects in a circle, without end, or not to http are connection_failed, and the error hides the location", async () => {
  const LOCATIONS = [
    "/v1/managed-runner",
    "file:///etc/passwd",
    "data:application/json,{}",
    "javascript:1",
    "ftp://127.0.0.1/",
    "http://",
    "http://[",
    "blob:x",
    `http://${TOKEN}:x@127.0.0.1:9/`,
    `${other.url.replace("//", "//user:password@")}/`,
  ];
  for (const location of LOCATIONS) {
    own.fresh((socket) => socket.write(redirect(location)));
    other.fresh((socket) => socket.write(rawAnswer()));
    const error = await thrown(client().listManagedRunners());
    assert.equal(error.code, "connection_failed", location);
    assert.ok(own.heads.length <= 21, `${own.heads.length} requests`);
    assert.doesNotMatch(error.message, /passwd|Sup3r|password/);
    assert.equal(other.heads.length, 0);
  }
  let n = 0;
  own.fresh((socket) => socket.write(redirect(`/${(n += 1)}`)));
  assert.equal((await thrown(client().listManagedRunners())).code, "connection_failed");
  assert.ok(own.heads.length <= 21);
});

test("a redirect without a Location is an unexpected answer: the error has its status, and there is no retry", async () => {
  for (const status of [...STATUSES, 300, 304, 305, 306]) {
    own.fresh((socket) => socket.write(rawAnswer("", { status: `${status} Moved` })));
    const error = await thrown(client({ maxRetries: 2 }).listManagedRunners());
    assert.deepEqual(
      [error.code, error.status, error.retryable, own.heads.length],
      ["invalid_response", status, false, 1],
    );
  }
});

test("the time-out covers the redirects, and an abort ends them", async () => {
  own.fresh((socket) => socket.write(redirect(`${other.url}/there`)));
  other.fresh(() => {});
  assert.equal((await thrown(client().listManagedRunners({ timeout: 100 }))).code, "timeout");
  const controller = new AbortController();
  other.fresh(() => controller.abort("elsewhere"));
  assert.equal(await thrown(client().listManagedRunners({ signal: controller.signal })), "elsewhere");
});

test("from https to http, and from https to another https, the token stays behind", async () => {
  const { key, cert } = certificate();
  const folder = mkdtempSync(join(tmpdir(), "certificate-"));
  after(() => rmSync(folder, { recursive: true }));
  const authority = join(folder, "cert.pem");
  writeFileSync(authority, cert);
  const received = { first: [], second: [] };
  const secure = async (name, answer) => {
    const server = createServer({ key, cert }, (request, response) => {
      received[name].push([request.url, request.headers.authorization]);
      answer(request, response);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    after(() => (server.closeAllConnections(), server.close()));
    return `https://127.0.0.1:${server.address().port}`;
  };
  const second = await secure("second", (_, response) => response.end('{"runners":[],"total":2}'));
  let target;
  const first = await secure("first", ({ url }, response) =>
    url.startsWith("/here")
      ? response.end('{"runners":[],"total":1}')
      : response.writeHead(302, { location: target }).end(),
  );
  other.fresh((socket) => socket.write(rawAnswer('{"runners":[],"total":3}')));
  const run = async (location) => {
    target = location;
    const script = `import { listManagedRunners } from ${JSON.stringify(entry)};
      const options = ${JSON.stringify({ baseUrl: first, token: TOKEN, maxRetries: 0 })};
      console.log((await listManagedRunners(options)).total);`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: authority },
    });
    return stdout.trim();
  };
  assert.equal(await run("/here"), "1");
  assert.deepEqual(
    received.first.map(([, token]) => token),
    [`Bearer ${TOKEN}`, `Bearer ${TOKEN}`],
  );
  assert.equal(await run(`${second}/there`), "2");
  assert.deepEqual(received.second, [["/there", undefined]]);
  assert.equal(await run(`${other.url}/there`), "3");
  secretive(other);
  // The same host and port without TLS ends in an error, and gets no token either.
  await assert.rejects(run(first.replace("https:", "http:")));
});

test("a fetch of one's own is handed the token, and decides about redirects itself", async () => {
  const seen = [];
  const fetch = async (url, init) => (
    seen.push([url, init.redirect, { ...init.headers }]),
    new Response('{"runners":[],"total":0}')
  );
  await listManagedRunners({ fetch, baseUrl: "https://x.example", token: TOKEN });
  assert.deepEqual(seen, [
    [
      "https://x.example/v1/managed-runner?page=1&per_page=10",
      undefined,
      { accept: "application/json", authorization: `Bearer ${TOKEN}` },
    ],
  ]);
});

closing();
