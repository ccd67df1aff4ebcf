// One of several processes behind one address, controlled by `process.mjs`.

import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { connect } from "./clients.mjs";

const options = JSON.parse(process.argv[2]);

// Sets a wrong clock before other code reads it.
if (options.clockOffset) {
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...args) {
      if (args.length) super(...args);
      else super(RealDate.now() + options.clockOffset);
    }
    static now() {
      return RealDate.now() + options.clockOffset;
    }
  };
}

const { ComfyControl } = await import(options.entry);
const { redisLedger } = await import(pathToFileURL(join(options.home, "dist/redis.js")));
const { client: redis, close } = await connect(options.kind ?? "node-redis", options.redis);
const ledger = redisLedger(redis, { key: "test", ...options.ledger });
const client = new ComfyControl({
  baseUrl: options.url,
  token: "cfc_demo",
  coalesce: false,
  rateLimit: { ...options.rateLimit, ledger },
  timeout: options.timeout,
  onEvent: (event) => {
    if (event.type === "ledger" || event.type === "cooldown") process.send({ event });
  },
});

/** Milliseconds of a clock that all processes share. */
const now = () => Number(process.hrtime.bigint()) / 1e6;

process.on("message", async ({ count, end }) => {
  if (end) {
    await close();
    process.disconnect();
    return;
  }
  const ends = [];
  const errors = [];
  const one = () =>
    client.listManagedRunners({ perPage: 1 }).then(
      () => ends.push(now()),
      (error) => errors.push(`${error.code}: ${error.message}`),
    );
  await Promise.all(Array.from({ length: count }, one));
  process.send({ result: { ends, errors } });
});
process.send({ ready: true });
