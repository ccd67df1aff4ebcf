// Uses that must compile, with the types of the real clients, and some that must not.

import { Redis as Upstash } from "@upstash/redis";
import { type ClientEvent, ComfyControl, type LedgerTurn, type RateLimitLedger } from "comfycontrol-runners";
import { redisLedger, type RedisClient, type RedisLedgerOptions } from "comfycontrol-runners/redis";
import { Cluster, Redis } from "ioredis";
import { createClient, createCluster } from "redis";

const options: RedisLedgerOptions = { key: "office", processes: 5 };
const ledger: RateLimitLedger = redisLedger(createClient(), options);
redisLedger(createCluster({ rootNodes: [] }));
redisLedger(new Redis());
redisLedger(new Cluster([]), { key: undefined, processes: undefined });
redisLedger(new Upstash({ url: "https://x.example", token: "x" }));
const bun: RedisClient = { send: async (command: string, args: string[]) => [command, args] };
redisLedger(bun);

new ComfyControl({ rateLimit: { requests: 40, windowMs: 10_000, ledger } });
new ComfyControl({ rateLimit: { requests: 40, windowMs: 10_000, ledger: undefined } });

/** A custom ledger that answers synchronously. */
const own: RateLimitLedger = {
  acquire(key, { id, requests, windowMs, leaseMs }): LedgerTurn {
    return id === key && requests + windowMs > leaseMs
      ? { granted: true, epoch: 0 }
      : { granted: false, retryInMs: 1, startInMs: 1, reason: "cooldown", processes: 2 };
  },
  settle: (key, id, { answered }) => void [key, id, answered],
  abandon: async (key, id) => void [key, id],
  freeze: (key, { forMs, epoch }) => void [key, forMs, epoch],
  processes: 2,
};

function hear(event: ClientEvent): string {
  return event.type === "ledger" ? `${event.state satisfies "lost" | "back"} ${event.requests}` : event.type;
}

export const uses = [own, hear];

// @ts-expect-error: no client
redisLedger("redis://localhost");
// @ts-expect-error: no such option
redisLedger(bun, { prefix: "x" });
// @ts-expect-error: a ledger has four methods
new ComfyControl({ rateLimit: { requests: 40, windowMs: 10_000, ledger: { acquire: own.acquire } } });
