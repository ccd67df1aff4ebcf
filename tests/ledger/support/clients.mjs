// The clients of Redis that people have, connected.

import { createClient } from "redis";
import { Redis } from "ioredis";

const KINDS = {
  async "node-redis"(url) {
    const client = createClient({ url, socket: { reconnectStrategy: 50 } });
    client.on("error", () => {});
    await client.connect();
    return { client, close: () => client.destroy() };
  },
  async ioredis(url) {
    const client = new Redis(url, { retryStrategy: () => 50 });
    client.on("error", () => {});
    await client.ping();
    return { client, close: () => client.disconnect() };
  },
};

/** Connects a client of a kind. Gives it, and what closes it. */
export const connect = (kind, url) => KINDS[kind](url);
