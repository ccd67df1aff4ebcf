// A caller's functions run in the async context of its call: `AsyncLocalStorage` tells them whose call it is.

import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { channel } from "node:diagnostics_channel";
import { suite, test } from "node:test";

import { answer, origin, refusal, RUNNER } from "../package/support/memory.mjs";
import { ComfyControl, listManagedRunners } from "../package/support/package.mjs";

const visitor = new AsyncLocalStorage();
const VISITORS = ["ann", "bob", "cid"];
const tick = () => new Promise((resolve) => setImmediate(resolve));

/** A `fetch` that answers with the name of the account, and notes in whose context it was called. */
function api(answers = []) {
  const seen = [];
  const fetch = async (_, { headers }) => {
    const name = headers.authorization.replace("Bearer cfc_", "");
    seen.push([visitor.getStore(), name]);
    const given = answers.shift();
    await tick();
    return given?.() ?? answer({ runners: [{ ...RUNNER, name }], total: 1 });
  };
  return { fetch, seen };
}
const token = () => `cfc_${visitor.getStore()}`;

for (const coalesce of [true, false])
  suite(`coalesce: ${coalesce}`, () => {
    for (const [what, pause] of Object.entries({
      "in one turn": async () => {},
      "after one promise that all of them wait for": (shared) => shared,
      "one after another": async (_, index) => {
        for (let turn = 0; turn < index; turn += 1) await tick();
      },
    }))
      test(`visitors who call ${what} get their own runners, and their functions their context`, async () => {
        const { fetch, seen } = api();
        const events = [];
        const onEvent = ({ type }) => events.push([visitor.getStore(), type]);
        const client = new ComfyControl({ fetch, baseUrl: origin(), coalesce, token, onEvent });
        const shared = tick();
        const pages = await Promise.all(
          VISITORS.map((name, index) =>
            visitor.run(name, async () => {
              await pause(shared, index);
              return client.listManagedRunners();
            }),
          ),
        );
        assert.deepEqual(
          pages.map(({ runners: [{ name }] }) => name),
          VISITORS,
        );
        for (const [context, name] of seen) assert.equal(context, name);
        for (const name of VISITORS)
          assert.deepEqual(
            events.filter(([context]) => context === name).map(([, type]) => type),
            ["request", "response"],
          );
      });
  });

test("retries, refreshed tokens and whole lists stay in the context", async () => {
  for (const [answers, use] of [
    [[() => refusal(401)], (client) => client.listManagedRunners()],
    [[() => refusal(503, { "retry-after": "0" })], (client) => client.listManagedRunners()],
    [[], (client) => client.collectManagedRunners()],
    [[], (client) => client.watchManagedRunners().next()],
  ]) {
    const { fetch, seen } = api(answers);
    const client = new ComfyControl({
      fetch,
      baseUrl: origin(),
      token,
      rateLimit: { requests: 1, windowMs: 20 },
    });
    await Promise.all(VISITORS.map((name) => visitor.run(name, () => use(client))));
    assert.ok(seen.length >= VISITORS.length);
    for (const [context, name] of seen) assert.equal(context, name);
  }
});

test("subscribers of node:diagnostics_channel are called in the context of the call", async () => {
  const { fetch } = api();
  const contexts = [];
  const note = () => contexts.push(visitor.getStore());
  const requests = channel("comfycontrol-runners:request");
  requests.subscribe(note);
  try {
    const options = { fetch, baseUrl: origin(), token };
    await Promise.all(VISITORS.map((name) => visitor.run(name, () => listManagedRunners(options))));
  } finally {
    requests.unsubscribe(note);
  }
  assert.deepEqual(contexts.sort(), VISITORS);
});
