// Runs the code of docs/observability.md with the real libraries, and checks how these show errors.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { context, trace } from "@opentelemetry/api";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { extraErrorDataIntegration } from "@sentry/core";
import pino from "pino";

import { ComfyControl, folder, listManagedRunners } from "../package/support/package.mjs";
import { answer, memory, origin, refusal, RUNNER } from "../package/support/memory.mjs";
import { thrown } from "../package/support/watch.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const DOCUMENT = readFileSync(join(HERE, "../../docs/observability.md"), "utf8");
const TOKEN = "cfc_Sup3rS3cret";

/** Imports a block of the document as a module, next to this file or next to the installed package. */
async function block(name, beside = HERE) {
  const text = new RegExp("^```js " + name.replace(".", "\\.") + "\\n([^]*?)^```$", "m").exec(DOCUMENT)[1];
  const path = join(beside, "guides", name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  after(() => rmSync(path, { force: true }));
  return import(pathToFileURL(path).href);
}

/** A client whose first request fails with 503. */
function flaky() {
  const { fetch } = memory(
    () => refusal(503, { "x-request-id": "req_1" }),
    () => answer({ runners: [RUNNER], total: 1 }, { headers: { "x-request-id": "req_2" } }),
  );
  return { fetch, baseUrl: origin(), token: TOKEN };
}

function lines() {
  const written = [];
  return { written, write: (line) => written.push(JSON.parse(line)) };
}

test("a logger writes a line for each response", async () => {
  const destination = lines();
  const { logCalls } = await block("pino.mjs");
  logCalls(destination);
  await listManagedRunners(flaky());
  const shown = destination.written.map(({ level, status, error, attempt }) => [
    level,
    status,
    error,
    attempt,
  ]);
  assert.deepEqual(shown, [
    [40, 503, "server_error", 1],
    [30, 200, undefined, 2],
  ]);
  await thrown(
    listManagedRunners({
      fetch: memory(() => refusal(429, { "retry-after": "3600" })).fetch,
      baseUrl: origin(),
    }),
  );
  assert.ok(destination.written.some(({ msg, until }) => msg === "ComfyControl asked for a pause" && until));
  assert.doesNotMatch(JSON.stringify(destination.written), /Sup3r/);
});

test("OpenTelemetry has a span for each attempt", async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  trace.setGlobalTracerProvider(provider);
  after(() => trace.disable());
  const { traceCalls } = await block("opentelemetry.mjs");
  traceCalls();
  await context.with(context.active(), () => listManagedRunners(flaky()));
  const spans = exporter.getFinishedSpans().map(({ name, attributes, status }) => [name, attributes, status]);
  const about = { "url.path": "/v1/managed-runner", "http.request.method": "GET" };
  assert.deepEqual(spans, [
    [
      "GET /v1/managed-runner",
      {
        ...about,
        "http.request.resend_count": 0,
        "http.response.status_code": 503,
        "error.type": "server_error",
      },
      { code: 2 },
    ],
    [
      "GET /v1/managed-runner",
      { ...about, "http.request.resend_count": 1, "http.response.status_code": 200 },
      { code: 0 },
    ],
  ]);
});

test("a support request gets the request id of a success and of a failure", async () => {
  const { firstPage } = await block("support.mjs", folder);
  assert.deepEqual(await firstPage(flaky()), { runners: 1, requestId: "req_2" });
  assert.deepEqual(await firstPage({ ...flaky(), maxRetries: 0 }), {
    failed: "server_error",
    requestId: "req_1",
  });
});

/** An error with everything that must not be logged: a cause, runners, a checkpoint, and a token. */
async function failure() {
  const { fetch } = memory(
    () => answer({ runners: [RUNNER], total: 2 }),
    () => refusal(503, { "x-request-id": "req_1" }, `no ${TOKEN}`),
  );
  const client = new ComfyControl({ fetch, baseUrl: origin(), token: TOKEN, maxRetries: 0 });
  return thrown(client.collectManagedRunners({ perPage: 1 }));
}

const FACTS = { code: "server_error", status: 503, requestId: "req_1", serverMessage: "no [token]" };
function shows(facts) {
  assert.deepEqual(Object.fromEntries(Object.keys(FACTS).map((name) => [name, facts[name]])), FACTS);
  assert.equal("runners" in facts || "checkpoint" in facts, false);
  assert.doesNotMatch(JSON.stringify(facts), /Sup3r/);
}

test("pino logs the details of an error, but no runners", async () => {
  const error = await failure();
  assert.ok(error.runners.length === 1 && error.checkpoint);
  const destination = lines();
  pino({}, destination).error(error);
  pino({}, destination).error({ failure: error }, "listing");
  const [own, member] = destination.written;
  shows(own.err);
  shows(member.failure);
});

test("Sentry reports the details of an error, but no runners", async () => {
  const error = await failure();
  const integration = extraErrorDataIntegration();
  const event = integration.processEvent({}, { originalException: error }, { getOptions: () => ({}) });
  shows(event.contexts.ComfyControlError);
});

test("JSON.stringify shows the details of an error, but no runners", async () => {
  shows(JSON.parse(JSON.stringify(await failure())));
});
