// `redisLedger` passes the conformance suite of `comfycontrol-runners/testing`.

import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { pathToFileURL } from "node:url";

import { home } from "../package/support/package.mjs";
import { connect } from "./support/clients.mjs";
import { SERVERS, startRedis } from "./support/redis.mjs";

const entry = (name) => import(pathToFileURL(join(home, `dist/${name}.js`)));
const { redisLedger } = await entry("redis");
const { ledgerConformance } = await entry("testing");

for (const program of SERVERS) {
  suite(program, () => {
    let redis;
    const connections = [];
    before(async () => void (redis = await startRedis({ program })));
    after(() => connections.forEach((connection) => connection.close()));

    const makeLedger = async () => {
      const connection = await connect("node-redis", redis.url);
      connections.push(connection);
      return redisLedger(connection.client, { key: "conformance" });
    };
    for (const { name, run } of ledgerConformance()) test(name, () => run(makeLedger));
  });
}
