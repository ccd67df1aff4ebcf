// Connected clients of every Redis library that `redisLedger` supports.

import { once } from "node:events";
import { createServer } from "node:http";

import { Redis as Upstash } from "@upstash/redis";
import { Redis } from "ioredis";
import { createClient } from "redis";

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

  /** The real client, with a server that implements Upstash's HTTP API. */
  async upstash(url) {
    const { client: redis, close } = await KINDS["node-redis"](url);
    const run = (words) =>
      redis.sendCommand(words.map(String)).then(
        (result) => ({ result }),
        (error) => ({ error: error.message }),
      );
    const server = createServer(async (request, response) => {
      const chunks = await all(request);
      const body = JSON.parse(Buffer.concat(chunks));
      const isMany = /\/(pipeline|multi-exec)$/.test(request.url);
      const answer = isMany ? await Promise.all(body.map(run)) : await run(body);
      response.statusCode = answer.error ? 400 : 200;
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(answer));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const options = { url: `http://127.0.0.1:${server.address().port}`, token: "x", responseEncoding: false };
    return {
      client: new Upstash({ ...options, enableTelemetry: false }),
      close() {
        close();
        server.close();
        server.closeAllConnections();
      },
    };
  },

  /** A fake of Bun's client: the one method that is used, and one whose namesake in other clients differs. */
  async bun(url) {
    const { client: redis, close } = await KINDS.ioredis(url);
    const evalsha = () =>
      Promise.reject(new TypeError("Expected additional arguments to be a string or buffer"));
    return { client: { evalsha, send: (command, args) => redis.call(command, ...args) }, close };
  },
};

async function all(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

export const CLIENTS = Object.keys(KINDS);

/** Connects a client of this kind. Returns the client, and a function that closes it. */
export const connect = (kind, url) => KINDS[kind](url);
