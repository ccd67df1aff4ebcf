// The events of calls on `node:diagnostics_channel`.

import assert from "node:assert/strict";
import { channel, subscribe, unsubscribe } from "node:diagnostics_channel";
import { suite, test } from "node:test";

import { virtualClock } from "./support/clock.mjs";
import { answer, memory, origin, refusal } from "./support/memory.mjs";
import { listManagedRunners } from "./support/package.mjs";
import { noUnhandledRejections, thrown } from "./support/watch.mjs";

const closing = noUnhandledRejections();
const TYPES = ["request", "response", "retry", "wait", "cooldown"];

suite("diagnostics_channel", () => {
  const clock = virtualClock();

  test("each event goes to the channel of its type, equal to that of `onEvent`, without the token", async () => {
    const seen = [];
    const given = [];
    const listen = (event, name) => seen.push([name, event]);
    for (const type of TYPES) subscribe(`comfycontrol-runners:${type}`, listen);
    const { fetch } = memory(
      () => refusal(503),
      () => refusal(429),
      () => answer(),
    );
    const onEvent = (event) => given.push(event);
    const options = { fetch, baseUrl: origin(), token: "cfc_Sup3rS3cret" };
    await clock.until(listManagedRunners({ ...options, onEvent }));
    for (const type of TYPES) unsubscribe(`comfycontrol-runners:${type}`, listen);
    assert.deepEqual(
      seen.map(([, event]) => event),
      given,
    );
    assert.deepEqual(new Set(seen.map(([, { type }]) => type)), new Set(TYPES));
    for (const [name, { type }] of seen) assert.equal(name, `comfycontrol-runners:${type}`);
    assert.doesNotMatch(JSON.stringify(seen), /Sup3r/);

    await clock.until(listManagedRunners(options));
    assert.equal(seen.length, given.length);
  });

  test("a listener that changes its event changes no other, and no call", async () => {
    const seen = [];
    const listen = ({ type, path }) => seen.push([type, path]);
    for (const type of TYPES) subscribe(`comfycontrol-runners:${type}`, listen);
    const onEvent = (event) => {
      event.path = "changed";
      delete event.type;
    };
    const { total } = await listManagedRunners({ fetch: memory().fetch, baseUrl: origin(), onEvent });
    for (const type of TYPES) unsubscribe(`comfycontrol-runners:${type}`, listen);
    assert.equal(total, 0);
    assert.deepEqual(seen, [
      ["request", "/v1/managed-runner"],
      ["response", "/v1/managed-runner"],
    ]);
  });

  test("one subscribed channel is enough, and a subscriber that throws does not affect the call", async () => {
    const name = "comfycontrol-runners:response";
    const statuses = [];
    const listen = ({ status }) => statuses.push(status);
    subscribe(name, listen);
    assert.ok(channel(name).hasSubscribers);
    const { fetch } = memory(() => refusal(404));
    await thrown(listManagedRunners({ fetch, baseUrl: origin() }));
    unsubscribe(name, listen);
    assert.deepEqual(statuses, [404]);
  });
});

closing();
