import type { RateLimitLedger } from "../loaders/index.js";

/**
 * Keeps the rate limit in Redis (6 to 8) or Valkey, for all processes that share an address:
 *
 * ```js
 * import { createClient } from "redis";
 *
 * const redis = await createClient({ url: "redis://localhost:6379" }).connect();
 * const ledger = redisLedger(redis, { key: "office" });
 * const client = new ComfyControl({ rateLimit: { requests: 40, windowMs: 10_000, ledger } });
 * ```
 *
 * The client stays yours: connect it, handle its errors, close it. Make one ledger in a process and give
 * it to all clients. Throws `invalid_options`.
 */
export function redisLedger(client: RedisClient, options?: RedisLedgerOptions): RateLimitLedger;

/** Options of `redisLedger`. */
export interface RedisLedgerOptions {
  /**
   * Names the address that the server counts: processes with the same key share one limit. Processes
   * behind different addresses need different keys, or they slow each other down for nothing. No braces.
   * Default `"default"`.
   */
  key?: string | undefined;
  /**
   * How many processes share the limit. While Redis is away, each goes by its share of it. Default: as
   * many as have used the ledger in the last minute.
   */
  processes?: number | undefined;
}

/** A client of Redis, told by its methods: node-redis, ioredis, `@upstash/redis`, and Bun's. */
export type RedisClient = NodeRedisLike | IoRedisLike | UpstashLike | BunRedisLike;

/** node-redis, a cluster or a pool of it. */
export interface NodeRedisLike {
  eval(script: string, options: { keys: string[]; arguments: string[] }): PromiseLike<unknown>;
  evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): PromiseLike<unknown>;
}

/** ioredis, or a cluster of it. */
export interface IoRedisLike {
  eval(script: string, keyCount: number, ...keysAndArguments: string[]): PromiseLike<unknown>;
  evalsha(sha1: string, keyCount: number, ...keysAndArguments: string[]): PromiseLike<unknown>;
  defineCommand(...definition: never[]): unknown;
}

/** `@upstash/redis`. */
export interface UpstashLike {
  eval(script: string, keys: string[], args: string[]): PromiseLike<unknown>;
  evalsha(sha1: string, keys: string[], args: string[]): PromiseLike<unknown>;
}

/** Bun's `RedisClient`. */
export interface BunRedisLike {
  send(command: string, args: string[]): PromiseLike<unknown>;
}
