// A real Redis or Valkey on a free port, without persistence, for one test file.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

import { createClient } from "redis";

import { poll } from "../../package/support/watch.mjs";

/** The servers to test with. `cargo xtask test ledger` passes those that it found. */
export const SERVERS = (process.env.REDIS_SERVERS ?? "redis-server").split(",");

const running = new Set();
after(async () => {
  for (const server of running) await server.stop();
});

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

/**
 * Starts a server. `args` are its arguments. Returns `url`, `admin` (a client), `stop()`, `kill()` (at once) and
 * `start()`, which starts the server again on the same port.
 */
export async function startRedis({ program = SERVERS[0], args = [] } = {}) {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "ledger-"));
  const url = `redis://127.0.0.1:${port}`;
  const server = { port, url, program };
  const options = ["--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  let child;
  const end = async (signal) => {
    await server.admin?.destroy();
    server.admin = undefined;
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, "exit");
  };
  server.start = async () => {
    const all = [...options, "--dir", folder, "--enable-debug-command", "yes", ...args].map(String);
    child = spawn(program, all, { stdio: "ignore" });
    await once(child, "spawn");
    server.admin = await poll(() => connected(url), `${program} on ${port}`, 10_000);
  };
  server.kill = () => end("SIGKILL");
  server.stop = async () => {
    await end("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
    running.delete(server);
  };
  await server.start();
  running.add(server);
  return server;
}

async function connected(url) {
  const client = createClient({ url, socket: { reconnectStrategy: false } });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.ping();
    return client;
  } catch {
    return undefined;
  }
}

/** Polls until the server has certainly been up for longer than one window. The uptime may be a second too high. */
export async function settled(server, windowMs) {
  const up = async () => Number(/uptime_in_seconds:(\d+)/.exec(await server.admin.info("server"))[1]);
  await poll(async () => ((await up()) - 1) * 1000 >= windowMs, "the uptime", windowMs + 5000);
}
