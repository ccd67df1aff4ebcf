import type { RateLimitLedger } from "comfycontrol-runners";

/**
 * Creates a ledger that keeps the rate limit in Redis (6 to 8) or Valkey, for all processes behind one address:
 *
 * ```js
 * import { createClient } from "redis";
 *
 * const redis = await createClient({ url: "redis://localhost:6379" }).connect();
 * const ledger = redisLedger(redis, { key: "office" });
 * const client = new ComfyControl({ rateLimit: { requests: 40, windowMs: 10_000, ledger } });
 * ```
 *
 * You connect the Redis client, handle its errors, and close it. Create one ledger per process, and pass it to
 * all ComfyControl clients. Throws `invalid_options` for a wrong argument.
 */
export function redisLedger(client: RedisClient, options?: RedisLedgerOptions): RateLimitLedger;

/** Options of `redisLedger`. */
export interface RedisLedgerOptions {
  /**
   * Names the address that the API counts: processes with the same key share one limit. Processes behind
   * different addresses need different keys, or they slow each other down for nothing. A string without
   * braces. Default `"default"`.
   */
  key?: string | undefined;
  /**
   * How many processes share the limit, a whole number from 1. While Redis is unavailable, each process
   * keeps to its share of the limit. Default: how many processes used the ledger in the last minute.
   */
  processes?: number | undefined;
}

/** A Redis client of node-redis, ioredis, `@upstash/redis` or Bun. Its methods tell which. */
export type RedisClient = NodeRedisLike | IoRedisLike | UpstashLike | BunRedisLike;

/** A client, cluster or pool of node-redis. */
export interface NodeRedisLike {
  eval(script: string, options: { keys: string[]; arguments: string[] }): PromiseLike<unknown>;
  evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): PromiseLike<unknown>;
}

/** A client or cluster of ioredis. */
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
