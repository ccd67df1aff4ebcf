// Foreign signals: whatever they do, the call ends, and other calls go on.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ComfyControl, listManagedRunners } from "../package/support/package.mjs";
import { noUnhandledRejections } from "../package/support/watch.mjs";
import { beside, offline, revoked, trapped } from "./support/hostile.mjs";

const closing = noUnhandledRejections();
const signal = (members) => ({
  aborted: false,
  reason: "enough",
  addEventListener() {},
  removeEventListener() {},
  ...members,
});
const broken = () => {
  throw new Error("broken");
};
/** `aborted` as the n-th reading of it gives it. */
const changing = (...readings) => {
  let reads = 0;
  return Object.defineProperty(signal(), "aborted", {
    get: () => readings[Math.min(reads++, readings.length - 1)](),
  });
};

test("a reason may be anything: it is handed back as it is, and says nothing about the module", async () => {
  const overflow = (() => {
    try {
      (function again() {
        again();
      })();
    } catch (error) {
      return error;
    }
  })();
  const throwing = Object.defineProperty(new Error("x"), "message", { get: broken });
  for (const reason of [overflow, throwing, revoked(), revoked(() => {}), trapped(), Symbol("x"), 0, null]) {
    for (const use of [
      (client, options) => client.listManagedRunners(options),
      (client, options) => client.iterateManagedRunners(options).next(),
      (client, options) => client.collectManagedRunners(options),
    ]) {
      const controller = new AbortController();
      const client = new ComfyControl(offline({ fetch: () => new Promise(() => {}) }));
      const { error } = await beside(() => {
        setImmediate(() => controller.abort(reason));
        return use(client, { signal: controller.signal });
      });
      assert.ok(Object.is(error, reason), typeof reason);
    }
  }
});

test("one of plain members will do", async () => {
  for (const plain of [signal(), Object.freeze(signal()), Object.assign(Object.create(null), signal())]) {
    const { value } = await beside(() => listManagedRunners(offline({ signal: plain })));
    assert.equal(value.total, 0);
  }
  const { error } = await beside(() => listManagedRunners(offline({ signal: signal({ aborted: true }) })));
  assert.equal(error, "enough");
});

/** Broken signals, each as a function that makes one. */
const BROKEN = {
  "no removeEventListener": [() => signal({ removeEventListener: undefined })],
  "a removeEventListener that throws": [() => signal({ removeEventListener: broken })],
  "an addEventListener that throws": [() => signal({ addEventListener: broken })],
  "an `aborted` that throws from its second reading on": [() => changing(() => false, broken)],
  "an `aborted` that throws from its third reading on": [
    () =>
      changing(
        () => false,
        () => false,
        broken,
      ),
  ],
  "an `aborted` that becomes a symbol": [
    () =>
      changing(
        () => false,
        () => Symbol("x"),
      ),
  ],
};
for (const [what, [make]] of Object.entries(BROKEN)) {
  test(`one with ${what} ends the call one way or another, and nobody else's`, async () => {
    const { error } = await beside(() => listManagedRunners(offline({ signal: make(), timeout: 500 })));
    assert.notEqual(error?.code, "internal", String(error?.cause));
    const iteration = await beside(() =>
      new ComfyControl(offline({ timeout: 500 })).collectManagedRunners({ signal: make() }),
    );
    assert.notEqual(iteration.error?.code, "internal", String(iteration.error?.cause));
  });
}

closing();
