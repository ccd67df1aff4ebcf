// Hostile arguments, and checks that must hold for all of them.

import assert from "node:assert/strict";

import { answer, memory, origin } from "../../package/support/memory.mjs";
import { isComfyControlError, listManagedRunners } from "../../package/support/package.mjs";
import { poll } from "../../package/support/watch.mjs";

/** A proxy, or a function's proxy, that throws at every touch but `typeof`. */
export function revoked(target = {}) {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** A proxy whose every trap throws. */
export function trapped(target = {}) {
  const trap = () => {
    throw new Error("trapped");
  };
  return new Proxy(
    target,
    Object.fromEntries(Object.getOwnPropertyNames(Reflect).map((name) => [name, trap])),
  );
}

/** How a promise ended, as `{ value }` or `{ error }`; one that does not end fails the test. */
export async function ended(promise, limit = 3000) {
  let outcome;
  promise.then(
    (value) => (outcome = { value }),
    (error) => (outcome = { error }),
  );
  return poll(() => outcome, "the call settles", limit);
}

/** Returns how `run` ends. Meanwhile another caller's call is under way, which must succeed. */
export async function beside(run) {
  let open;
  const gate = new Promise((resolve) => (open = resolve));
  const other = memory(() => gate);
  const bystander = listManagedRunners({
    fetch: other.fetch,
    baseUrl: origin(),
    maxRetries: 0,
    timeout: 5000,
    rateLimit: false,
  });
  bystander.catch(() => {});
  await poll(() => other.requests.length === 1);
  const outcome = await ended((async () => run())()).finally(() => open(answer()));
  assert.equal((await bystander).total, 0, "somebody else's call");
  return outcome;
}

/** Options of a call without a network. */
export const offline = (options) => ({
  fetch: memory().fetch,
  baseUrl: origin(),
  maxRetries: 0,
  rateLimit: false,
  ...options,
});

/** Checks that `run` ends in an error of this code with a short message, and disturbs no other call. */
export async function fails(code, run, message = /./) {
  const { error } = await beside(run);
  assert.ok(isComfyControlError(error, code), `expected ${code}, got ${String(error)}`);
  assert.match(error.message, message);
  assert.ok(error.message.length < 700, "a short message");
  return error;
}
