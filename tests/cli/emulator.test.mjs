// `emulator`: the API of the testing entry on a local port, and the message if the entry is missing.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";

import { answer } from "../../js/cli/commands/emulator.js";
import { home } from "../package/support/package.mjs";
import { CTRL_C, plain, run, scratch, start, startTerminal, until } from "./support/command.mjs";

const manifest = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
const skip = manifest.exports["./testing"] ? false : "this build of the package has no testing entry";
const urlIn = (text) => /listening on (http:\/\/127\.0\.0\.1:\d+)\n/.exec(text)?.[1];

test("it serves so many runners of a tier, and ends with Ctrl-C", { skip }, async () => {
  const { child, seen, done } = start(["emulator", "--runners", "130", "--tier", "pro", "--port", "0"]);
  const url = await until(() => urlIn(seen.stdout), "it listens");
  const env = { COMFYCONTROL_BASE_URL: url, COMFYCONTROL_TOKEN: "cfc_test" };
  const all = await run(["all", "--ndjson"], env);
  assert.deepEqual([all.code, all.stdout.split("\n").length - 1], [0, 130]);
  const { id } = JSON.parse(all.stdout.split("\n")[0]);
  assert.equal((await run(["get", id, "--json", "id"], env)).stdout, `[\n  {\n    "id": "${id}"\n  }\n]\n`);
  assert.equal((await run(["list"], { ...env, COMFYCONTROL_TOKEN: "cfc_wrong" })).code, 4);
  child.kill("SIGINT");
  assert.deepEqual(await done, { code: 130, signal: null, stdout: `listening on ${url}\n`, stderr: "" });
});

test("a free account gets 403 of it", { skip }, async () => {
  const { child, seen, done } = start(["emulator", "--tier", "free", "--port", "0"]);
  const url = await until(() => urlIn(seen.stdout), "it listens");
  const { code, stderr } = await run(["list"], {
    COMFYCONTROL_BASE_URL: url,
    COMFYCONTROL_TOKEN: "cfc_test",
  });
  assert.equal(code, 4);
  assert.match(stderr, /answered 403/);
  child.kill("SIGINT");
  await done;
});

test("in a terminal it says what to set in another one", { skip }, async () => {
  const { seen, done, type } = startTerminal("comfycontrol-runners emulator --port 0");
  await until(() => seen.stdout.includes("Ctrl-C ends it"), "it listens");
  type(CTRL_C);
  const { code, stdout } = await done;
  assert.equal(code, 130);
  assert.match(
    plain(stdout),
    /in another terminal: export COMFYCONTROL_BASE_URL=http:\/\/127\.0\.0\.1:\d+ COMFYCONTROL_TOKEN=cfc_test\n/,
  );
});

test("a port that is taken is a failure that says so", { skip }, async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address();
  const { code, stderr } = await run(["emulator", "--port", String(port)]);
  other.close();
  assert.deepEqual(
    [code, stderr],
    [1, `comfycontrol-runners: port ${port} is taken; --port 0 takes a free one\n`],
  );
});

test("without the testing entry it says so", async () => {
  const bare = join(scratch, "bare", "node_modules", "comfycontrol-runners");
  mkdirSync(bare, { recursive: true });
  cpSync(join(home, "dist"), join(bare, "dist"), { recursive: true });
  const { "./testing": _, ...exports } = manifest.exports;
  writeFileSync(join(bare, "package.json"), JSON.stringify({ ...manifest, exports }));
  const failed = await new Promise((resolve) => {
    execFile(process.execPath, [join(bare, "dist", "cli.js"), "emulator"], (error, stdout, stderr) =>
      resolve({ code: error?.code, stdout, stderr }),
    );
  });
  const message =
    "comfycontrol-runners: this version of the package has no testing entry, and so no emulator\n";
  assert.deepEqual(failed, { code: 1, stdout: "", stderr: message });
});

test("an answer goes over HTTP as it is: status, headers, body; a fetch that fails closes the connection", async () => {
  const details = [];
  const api = {
    async fetch(request) {
      if (request.url.endsWith("/cut")) throw new TypeError("cut");
      const body = `${request.method} ${new URL(request.url).search} ${request.headers.get("authorization")} ${await request.text()}`;
      return new Response(body, { status: 418, headers: { "x-kind": "teapot" } });
    },
  };
  const server = createServer((request, response) =>
    answer(api, request, response, { detail: (text) => details.push(text) }),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}`;
  const response = await fetch(`${url}/v1/x?page=2`, {
    method: "POST",
    body: "sent",
    headers: { authorization: "Bearer cfc_x" },
  });
  assert.deepEqual(
    [response.status, response.headers.get("x-kind"), await response.text()],
    [418, "teapot", "POST ?page=2 Bearer cfc_x sent"],
  );
  await assert.rejects(fetch(`${url}/cut`));
  assert.deepEqual(details, ["POST /v1/x?page=2: 418", "GET /cut: cut"]);
  server.close();
  server.closeAllConnections();
});

test("a caller that goes away aborts the request of the emulator", async () => {
  let aborted;
  const gone = new Promise((resolve) => (aborted = resolve));
  const api = {
    fetch: ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => (aborted(), reject(signal.reason)))),
  };
  const server = createServer((request, response) => answer(api, request, response, { detail() {} })).listen(
    0,
    "127.0.0.1",
  );
  await once(server, "listening");
  const caller = new AbortController();
  const call = fetch(`http://127.0.0.1:${server.address().port}/`, { signal: caller.signal });
  await once(server, "request");
  caller.abort();
  await assert.rejects(call);
  await gone;
  server.close();
});
