// Rate limits that processes share, on one Redis: what a question costs, and how many 429s each causes.
//
//   EMULATOR=… node bench.mjs [--json]
//
// `cargo xtask bench ledger` calls it, and writes what it prints into BENCHMARKS.md.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

import { Ratelimit } from "@upstash/ratelimit";
import { Redis as Upstash } from "@upstash/redis";
import { RateLimiterRedis } from "rate-limiter-flexible";
import { createClient } from "redis";

import { ComfyControl } from "../../pkg/dist/index.js";
import { redisLedger } from "../../pkg/dist/redis.js";

const WINDOW_MS = 1000;
const LIMIT = 40;
const PROCESSES = 5;
const CALLS = 40;
const QUESTIONS = 20_000;
const AT_ONCE = 50;
const PLENTY = 100_000_000;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function startRedis() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  const child = spawn("redis-server", ["--port", port, "--save", "", "--appendonly", "no"].map(String), {
    stdio: "ignore",
  });
  // Also where something goes wrong here.
  process.once("exit", () => child.kill());
  const client = createClient({ url: `redis://127.0.0.1:${port}`, socket: { reconnectStrategy: 20 } });
  client.on("error", () => {});
  await client.connect();
  // Our script starts with a pause on a server that has just started.
  while (Number(/uptime_in_seconds:(\d+)/.exec(await client.info("server"))[1]) < 2) await sleep(50);
  return { client, child };
}

async function startEmulator() {
  const options = ["--limit", LIMIT, "--window-ms", WINDOW_MS, "--latency-ms", 30, "--runners", 5];
  const child = spawn(process.env.EMULATOR, ["--port", "0", "--exit-with-stdin", ...options.map(String)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = await once(createInterface(child.stdout), "line");
  const url = line.replace("listening on ", "");
  const stats = async () => (await (await fetch(`${url}/__control/state`)).json()).stats;
  return { url, stats, stop: () => child.stdin.end() };
}

/**
 * The client of Upstash over the same connection as the others, without its HTTP. Its scripts begin with a
 * flag that Upstash alone knows: they are sent without it, once, and then by their digest.
 */
function upstash(client) {
  const digests = new Map();
  const run = async ([command, script, ...rest]) => {
    if (command === "evalsha") {
      if (!digests.has(script)) throw new Error("NOSCRIPT");
      return client.sendCommand(["EVALSHA", digests.get(script), ...rest]);
    }
    if (command === "eval") {
      const plain = script.replace(/^\s*#!lua.*\n/, "");
      digests.set(createHash("sha1").update(script).digest("hex"), await client.scriptLoad(plain));
      return client.sendCommand(["EVAL", plain, ...rest]);
    }
    return client.sendCommand([command, script, ...rest]);
  };
  return new Upstash({ request: async ({ body }) => ({ result: await run(body.map(String)) }) });
}

/**
 * The limiters. `make(client, limit)` gives, for one process, `ask(id)`, a question that is answered at
 * once, and `call(url)`, which makes a request when it is allowed and again after a 429.
 */
const LIMITERS = {
  "comfycontrol-runners/redis": (client, requests) => {
    const ledger = redisLedger(client, { key: "bench" });
    const rateLimit = { requests, windowMs: WINDOW_MS, ledger };
    let own;
    return {
      ask: (id) => ledger.acquire("o", { id, requests, windowMs: WINDOW_MS, leaseMs: 1000 }),
      call: (url) => {
        own ??= new ComfyControl({ baseUrl: url, token: "cfc_demo", coalesce: false, rateLimit });
        return own.listManagedRunners({ perPage: 1 });
      },
    };
  },
  "rate-limiter-flexible": (client, points) => {
    const limiter = new RateLimiterRedis({
      storeClient: client,
      useRedisPackage: true,
      points,
      duration: WINDOW_MS / 1000,
      keyPrefix: "flexible",
    });
    const ask = () => limiter.consume("o");
    const allowed = async () => {
      for (;;) {
        try {
          return await ask();
        } catch (refused) {
          if (refused instanceof Error) throw refused;
          await sleep(Math.max(1, refused.msBeforeNext));
        }
      }
    };
    return { ask, call: (url) => plain(url, allowed) };
  },
  "@upstash/ratelimit, slidingWindow": (client, tokens) => {
    const limiter = new Ratelimit({
      redis: upstash(client),
      limiter: Ratelimit.slidingWindow(tokens, `${WINDOW_MS} ms`),
      ephemeralCache: false,
      prefix: "upstash",
    });
    const ask = () => limiter.limit("o");
    const allowed = async () => {
      for (;;) {
        const { success, reset } = await ask();
        if (success) return;
        await sleep(Math.max(5, reset - Date.now()));
      }
    };
    return { ask, call: (url) => plain(url, allowed) };
  },
};

/** What one writes around a limiter by hand: after a 429, the documented cooldown. */
async function plain(url, allowed) {
  for (;;) {
    await allowed();
    const response = await fetch(`${url}/v1/managed-runner?per_page=1`, {
      headers: { authorization: "Bearer cfc_demo" },
    });
    await response.arrayBuffer();
    if (response.status !== 429) return;
    await sleep(WINDOW_MS);
  }
}

async function cpuOf(client) {
  const info = await client.info("cpu");
  const [user, system] = ["user", "sys"].map((kind) =>
    Number(new RegExp(`used_cpu_${kind}:([\\d.]+)`).exec(info)[1]),
  );
  return user + system;
}

/** Questions per second, and what each costs the server, in microseconds of its processor. */
async function cost(client, make) {
  const { ask } = make(client, PLENTY);
  const round = async (count) => {
    let next = 0;
    const worker = async () => {
      while (next < count) await ask(`${(next += 1)}`);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  };
  await round(1000);
  const cpu = await cpuOf(client);
  const start = performance.now();
  await round(QUESTIONS);
  const perSecond = QUESTIONS / ((performance.now() - start) / 1000);
  return { perSecond, cpuMicroseconds: ((await cpuOf(client)) - cpu) * (1e6 / QUESTIONS) };
}

/** 200 calls of five processes under the limit: how long they take, and how many 429s there are. */
async function crowd(client, make) {
  const emulator = await startEmulator();
  const start = performance.now();
  const processes = Array.from({ length: PROCESSES }, () => make(client, LIMIT));
  await Promise.all(processes.flatMap(({ call }) => Array.from({ length: CALLS }, () => call(emulator.url))));
  const took = performance.now() - start;
  const { refused } = await emulator.stats();
  emulator.stop();
  const own = (Math.ceil((PROCESSES * CALLS) / LIMIT) - 1) * WINDOW_MS;
  return { refused, times: took / own };
}

const { client, child } = await startRedis();
const rows = [];
for (const [name, make] of Object.entries(LIMITERS)) {
  await client.flushAll();
  const costs = await cost(client, make);
  await client.flushAll();
  rows.push({ name, ...costs, ...(await crowd(client, make)) });
}
client.destroy();
child.kill();

if (process.argv.includes("--json")) console.log(JSON.stringify(rows, null, 2));
else {
  const [ours] = rows;
  const ratio = (one, other) => `${(one / other).toFixed(2)} ×`.padStart(9);
  console.log("                                    questions/s   ours   Redis CPU, µs   ours   429s   time");
  for (const row of rows) {
    const { name, perSecond, cpuMicroseconds, refused, times } = row;
    console.log(
      name.padEnd(36) +
        perSecond.toFixed(0).padStart(11) +
        ratio(ours.perSecond, perSecond) +
        cpuMicroseconds.toFixed(1).padStart(14) +
        ratio(ours.cpuMicroseconds, cpuMicroseconds) +
        String(refused).padStart(7) +
        `${times.toFixed(2)} ×`.padStart(9),
    );
  }
}
process.exit();
