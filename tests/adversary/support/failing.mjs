// A program that fails in many ways, logs everything, and ends with an unhandled rejection. Its environment has the token.

import { memory, origin, refusal } from "../../package/support/memory.mjs";
import { echoes } from "./echoes.mjs";

const secret = process.env.COMFYCONTROL_TOKEN;
const client = await import("../../package/support/package.mjs");
// Loading that module deletes these environment variables.
process.env.COMFYCONTROL_TOKEN = secret;

let failures = 0;
for (const [, [, echo]] of Object.entries(echoes(secret))) {
  const options = {
    fetch: memory(echo).fetch,
    baseUrl: origin(),
    maxRetries: 0,
    onEvent: console.error,
    onInvalidRunner: console.warn,
  };
  const calls = [
    client.listManagedRunners(options),
    new client.ComfyControl(options).collectManagedRunners(),
  ];
  for (const { reason } of await Promise.allSettled(calls)) {
    if (!reason) continue;
    failures += 1;
    console.error(reason);
    console.dir(reason, { depth: null, showHidden: true });
    console.table(reason);
    console.trace(reason);
    process.emitWarning(reason);
  }
}
console.log(`${failures} failures`);
// Not awaited, and nobody catches it.
client.listManagedRunners({
  fetch: async () => refusal(401, {}, `Invalid token ${secret}`),
  baseUrl: origin(),
});
