// Runs a script with the Redis clients of several libraries. Each library is recognized by its client's methods.

import { describe } from "../describe.js";
import { ComfyControlError } from "../error.js";

/**
 * Runs a script: `run(command, script, keys, args)`, where `command` is `eval` or `evalsha`.
 *
 * @typedef {(command: "eval" | "evalsha", script: string, keys: string[], args: string[]) => PromiseLike<unknown>} Run
 */

const has = (client, name) => typeof client[name] === "function";

const KINDS = [
  // node-redis: a client, a cluster, a pool
  {
    isIt: (client) => has(client, "evalSha"),
    run: (client) => (command, script, keys, args) =>
      client[command === "eval" ? "eval" : "evalSha"](script, { keys, arguments: args }),
  },
  // ioredis: a client or a cluster
  {
    isIt: (client) => has(client, "evalsha") && has(client, "defineCommand"),
    run: (client) => (command, script, keys, args) => client[command](script, keys.length, ...keys, ...args),
  },
  // Bun's RedisClient
  {
    isIt: (client) => has(client, "send"),
    run: (client) => (command, script, keys, args) =>
      client.send(command.toUpperCase(), [script, String(keys.length), ...keys, ...args]),
  },
  // @upstash/redis, and clients with the same methods
  {
    isIt: (client) => has(client, "evalsha"),
    run: (client) => (command, script, keys, args) => client[command](script, keys, args),
  },
];

/**
 * Returns the function that runs a script with this client. Throws `invalid_options` for an unknown client.
 *
 * @param {unknown} client
 * @returns {Run}
 */
export function runOf(client) {
  const isObject = (typeof client === "object" && client !== null) || typeof client === "function";
  const kind = isObject && KINDS.find(({ isIt }) => isIt(client));
  if (kind) return kind.run(client);
  throw invalid("client", "a client of node-redis, ioredis, @upstash/redis or Bun", client);
}

/**
 * The error for a wrong argument.
 *
 * @param {string} name
 * @param {string} expected
 * @param {unknown} value
 * @returns {import("../loaders/index.js").ComfyControlError}
 */
export function invalid(name, expected, value) {
  const message = `${name}: expected ${expected}, got ${describe(value, name === "client")}`;
  return new ComfyControlError("invalid_options", message, { retryable: false });
}
