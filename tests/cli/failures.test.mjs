// Every failure is one line on standard error, nothing on standard output, and an exit status of its kind.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";

import { EXIT_CODES } from "../../js/cli/exit-codes.js";
import { startEmulator } from "../package/support/emulator.mjs";
import { plain, run, startTerminal, until } from "./support/command.mjs";

const emulator = await startEmulator("--runners", "25");
const env = { COMFYCONTROL_BASE_URL: emulator.url };
const [id] = await emulator.listed();
const UNKNOWN = "00000000-0000-4000-8000-000000000000";

async function fails(args, code, message, settings = {}) {
  const result = await run(args, { ...env, ...settings });
  assert.equal(result.code, code, result.stderr);
  assert.equal(result.stdout, "");
  assert.match(result.stderr, message);
  assert.match(result.stderr, /^comfycontrol-runners: [^\n]+\n$/, "one line");
}

test("401 is 4, and says what to do without a token and with a bad one", async () => {
  await fails(["list"], 4, /answered 401: .*; no token is set; put it into COMFYCONTROL_TOKEN/, {
    COMFYCONTROL_TOKEN: undefined,
  });
  await fails(
    ["list"],
    4,
    /answered 401: .*; is the token in COMFYCONTROL_TOKEN or --token-file a current one\?/,
    { COMFYCONTROL_TOKEN: "cfc_other" },
  );
  await fails(["list"], 4, /answered 401: Token has expired/, { COMFYCONTROL_TOKEN: "cfc_expired" });
});

test("403 is 4", async () => {
  await emulator.set({ tier: "free" });
  await fails(["list"], 4, /answered 403: Managed runners require Pro or Plus tier/);
  await emulator.set({ tier: "pro" });
});

test("404 is 1, and does not keep other runners back", async () => {
  await fails(["get", UNKNOWN], 1, /answered 404/);
  const { code, stdout, stderr } = await run(["get", UNKNOWN, id, "--ndjson", "id"], env);
  assert.deepEqual([code, stdout], [1, `{"id":"${id}"}\n`]);
  assert.match(stderr, new RegExp(`^comfycontrol-runners: ${UNKNOWN}: .* answered 404`));
});

test("several failures: the status of the more telling one", async () => {
  await emulator.faults({ path: `/v1/managed-runner/${id}`, status: 403, message: "not yours" });
  const { code, stderr } = await run(["get", id, UNKNOWN], env);
  assert.equal(code, 4);
  assert.equal(stderr.split("\n").length, 3);
});

test("429 that does not pass is 5, with the time to wait", async () => {
  await emulator.faults({ status: 429, retryAfter: 3600 });
  await fails(["list"], 5, /answered 429.*; try again in 60 min/);
});

test("500 is 1, after the retries", async () => {
  await emulator.fresh();
  await emulator.faults({ status: 503, retryAfter: 0, times: 3 });
  await fails(["list"], 1, /answered 503/);
  assert.equal((await emulator.stats()).requests, 3);
});

test("a server that is not there is 1", async () => {
  // A port that was free a moment ago.
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  const url = `http://127.0.0.1:${port}`;
  const failed = /GET .*\/v1\/managed-runner failed: .*ECONNREFUSED.*; is http:\/\/127\.0\.0\.1:\d+ there\? /;
  await fails(["list"], 1, new RegExp(`${failed.source}COMFYCONTROL_BASE_URL says where the API is`), {
    COMFYCONTROL_BASE_URL: `${url}/path`,
  });
  await fails(["list", "--base-url", url], 1, new RegExp(`${failed.source}--base-url says where the API is`));
});

test("HTML instead of JSON is 1, and none of it reaches the terminal raw", async () => {
  await emulator.faults({ body: "<html>\x1b[2J\x07</html>", contentType: "text/html" });
  const { code, stderr } = await run(["list"], env);
  assert.equal(code, 1);
  assert.doesNotMatch(stderr, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
});

test("a message of the server with control characters is shown as escapes", async () => {
  await emulator.faults({ status: 400, message: "bad\x1b[31m\x9b\nline" });
  const { code, stderr } = await run(["list"], env);
  assert.equal(code, 1);
  assert.match(stderr, /^comfycontrol-runners: [^\p{Cc}]+\n$/u);
});

test("wrong use is 2, before any request", async () => {
  await emulator.fresh();
  for (const args of [
    ["lst"],
    ["list", "--per_page", "3"],
    ["get", "x"],
    ["match"],
    ["list", "--token", "cfc_x"],
  ]) {
    await fails(args, 2, /./);
  }
  await fails(["list"], 2, /COMFYCONTROL_BASE_URL: expected an http\(s\) URL/, {
    COMFYCONTROL_BASE_URL: "nonsense",
  });
  // The client's message names an option that the command has not.
  const insecure =
    /: expected https, since a token is never sent over plain http \(loopback hosts excepted\), got/;
  await fails(["list", "--base-url", "http://192.0.2.1"], 2, new RegExp(`--base-url${insecure.source}`));
  await fails(["list"], 2, new RegExp(`COMFYCONTROL_BASE_URL${insecure.source}`), {
    COMFYCONTROL_BASE_URL: "http://192.0.2.1",
  });
  assert.equal((await emulator.stats()).requests, 0);
});

test("Ctrl-C while a call waits is 130", async () => {
  await emulator.faults({ stall: "before-headers", times: 3 });
  const { done, type } = startTerminal("comfycontrol-runners list --verbose", env);
  await until(async () => (await emulator.stats()).inFlight > 0, "the call waits");
  type("\x03");
  const { code, stdout } = await done;
  assert.equal(code, 130);
  assert.match(plain(stdout), /comfycontrol-runners: interrupted\n$/);
  await until(async () => (await emulator.stats()).inFlight === 0, "nothing under way");
});

test("a wait for the limit is said to people, and is gone when it is over", async () => {
  await emulator.fresh();
  await emulator.faults({ status: 429, retryAfter: 1 });
  const { code, stdout } = await startTerminal("comfycontrol-runners list --json id >/dev/null", env).done;
  assert.equal(code, 0);
  assert.match(plain(stdout), /\r\x1b\[Kwaiting \d s for the API's rate limit\r\x1b\[K/);
  await emulator.faults({ status: 429, retryAfter: 1 });
  assert.equal((await run(["list", "--json"], env)).stderr, "");
});

test("--help names every exit status", async () => {
  for (const args of [["--help"], ["all", "--help"]]) {
    const { code, stdout, stderr } = await run(args);
    assert.deepEqual([code, stderr], [0, ""]);
    for (const [status, meaning] of EXIT_CODES)
      assert.match(stdout, new RegExp(`^  ${status} +${meaning}$`, "m"));
  }
});
