// Many visitors in one isolate of workerd. There, a promise hangs if another visitor's request resolves it, and a request
// that ended runs no more code. So no call may wait for the code of another call.

import assert from "node:assert/strict";
import { get } from "node:http";

import { TOKEN, emulator, version, wrangler } from "./kit.mjs";

/** The limit with a shorter window, so that a minute of waiting takes seconds. */
const SCALED = { requests: 10, windowMs: 1000 };
const DEFAULT = { requests: 40, windowMs: 10_000 };

/** A visitor; returns the final answer. A visitor that leaves closes its connection after some milliseconds. */
function visit(url, { leaves } = {}) {
  return new Promise((resolve) => {
    const asked = get(url, { agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (data) => (text += data));
      answer.on("end", () => resolve({ status: answer.statusCode, text }));
      answer.on("error", () => resolve({ status: "left", text: "" }));
    });
    asked.on("error", (error) => resolve({ status: leaves ? "left" : "broken", text: String(error) }));
    asked.setTimeout(60_000, () => asked.destroy(new Error("no answer within a minute")));
    if (leaves) setTimeout(() => asked.destroy(), leaves);
  });
}

const served = ({ status, text }) => (status === 200 ? "served" : `${status}: ${text.slice(0, 300)}`);
/** Counts the visitors by result. */
function tally(visits) {
  const counts = {};
  for (const visited of visits) counts[served(visited)] = (counts[served(visited)] ?? 0) + 1;
  return counts;
}
const after = (ms, run) => new Promise((resolve) => setTimeout(resolve, ms)).then(run);

/** Scenes: what the visitors do at `address(path)`. Each returns how many must have been served. */
const SCENES = {
  "45 at once, under the default limit": {
    limit: undefined,
    async run(address) {
      assert.deepEqual(tally(await Promise.all(Array.from({ length: 45 }, () => visit(address("/"))))), {
        served: 45,
      });
    },
  },
  "45 at once": {
    fast: true,
    limit: SCALED,
    async run(address) {
      assert.deepEqual(tally(await Promise.all(Array.from({ length: 45 }, () => visit(address("/"))))), {
        served: 45,
      });
    },
  },
  // Half a second apart, on the scale of ten seconds to one.
  "60 one after another, more than the limit lets through": {
    limit: SCALED,
    async run(address) {
      assert.deepEqual(
        tally(
          await Promise.all(Array.from({ length: 60 }, (_, at) => after(50 * at, () => visit(address("/"))))),
        ),
        { served: 60 },
      );
    },
  },
  "visitors who leave before their turn comes": {
    limit: SCALED,
    async run(address) {
      const visits = Array.from({ length: 45 }, (_, at) =>
        visit(address("/"), at % 3 === 0 ? {} : { leaves: 100 + at }),
      );
      const stayed = (await Promise.all(visits)).filter((_, at) => at % 3 === 0);
      assert.deepEqual(tally(stayed), { served: 15 });
    },
  },
  "all leave, and then somebody comes": {
    limit: SCALED,
    async run(address) {
      for (let round = 0; round < 3; round += 1) {
        await Promise.all(Array.from({ length: 30 }, () => visit(address("/"), { leaves: 150 })));
        assert.deepEqual(tally([await visit(address("/"))]), { served: 1 }, `round ${round}`);
      }
    },
  },
  "visitors who leave while the API takes its time": {
    limit: SCALED,
    latency: 400,
    async run(address) {
      await Promise.all(Array.from({ length: 10 }, () => visit(address("/"), { leaves: 100 })));
      assert.deepEqual(tally(await Promise.all(Array.from({ length: 12 }, () => visit(address("/"))))), {
        served: 12,
      });
    },
  },
  "whole lists": {
    limit: SCALED,
    async run(address) {
      const visits = await Promise.all(Array.from({ length: 8 }, () => visit(address("/all"))));
      assert.deepEqual(tally(visits), { served: 8 });
      for (const { text } of visits) assert.equal(JSON.parse(text).length, 250);
    },
  },
  "whole lists, with visitors who leave in the middle of theirs": {
    limit: SCALED,
    async run(address) {
      const visits = Array.from({ length: 12 }, (_, at) =>
        visit(address("/all"), at % 2 ? { leaves: 150 + 50 * at } : {}),
      );
      assert.deepEqual(tally((await Promise.all(visits)).filter((_, at) => at % 2 === 0)), { served: 6 });
    },
  },
};

// One isolate for all scenes, each of which has an API, and so a rate limit, of its own.
let worker;

/** Runs a scene with one client per visitor, or one for all, on its own API with the same limit. */
function consumer(scene, { fast, limit, latency = 5, run }, clients) {
  const check = async () => {
    const { requests, windowMs } = limit ?? DEFAULT;
    const own = await emulator(
      "--limit",
      String(requests),
      "--window-ms",
      String(windowMs),
      "--latency-ms",
      String(latency),
      "--token",
      TOKEN,
    );
    worker ??= wrangler("workerd", ["--config", "visitors.jsonc"], { COMFYCONTROL_TOKEN: TOKEN });
    const base = (await worker).url;
    const address = (path) => {
      const url = new URL(path, base);
      url.searchParams.set("api", own.url);
      if (limit) url.searchParams.set("limit", `${requests}/${windowMs}`);
      if (clients === "shared") url.searchParams.set("shared", "");
      return url;
    };
    await run(address);
    // Later visitors are served, too.
    assert.deepEqual(
      tally(await Promise.all([0, 1, 2].map(() => visit(address("/"))))),
      { served: 3 },
      "later visitors",
    );
    const { stats } = await own.state();
    assert.equal(stats.refused, 0, "the API refused none");
    own.stop();
  };
  const name = `${scene}, ${clients === "shared" ? "one client for all" : "a client for each"}`;
  return {
    where: "Cloudflare workerd, visitors",
    name,
    fast,
    more: false,
    run: check,
    version: () => version("workerd", "workerd"),
  };
}

export const visitors = Object.entries(SCENES).flatMap(([scene, what]) =>
  ["own", "shared"].map((clients) => consumer(scene, what, clients)),
);
