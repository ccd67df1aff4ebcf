// The sample server: the in-memory API of `comfycontrol-runners/testing` as the client's `fetch`. With it
// the page works from any static host, without a token or network. Its runners are added, removed and changed.

import { loadTesting } from "./config.js";

/** No such host exists. Nothing is ever sent there. */
export const SAMPLE_BASE_URL = "https://comfycontrol.sample.invalid";

const SIZE = 250;
const LATENCY = 220;
/** Time from one change to the next, in milliseconds. */
const CHANGE_EVERY = 7_000;
/** The largest number of changes after a long pause. */
const MOST_CHANGES = 5;
const DAY = 86_400_000;

const FAULTS = {
  "as usual": undefined,
  "401 token expired": { status: 401, message: "Token has expired" },
  "403 free tier": { status: 403, message: "Managed runners require Pro or Plus tier" },
  "429 too many requests": { status: 429, retryAfter: 5 },
  "503 unavailable": { status: 503, message: "service temporarily unavailable" },
  "a web page": { html: true },
  "no connection": { cut: "before-headers" },
};

/** The kinds of answers that the sample server can give, to try how the page handles them. */
export const SAMPLE_ANSWERS = Object.keys(FAULTS);

let fault;
let starting;

/** Chooses how the following requests are answered. */
export function setSampleAnswer(answer) {
  fault = FAULTS[answer];
  starting?.then(({ api }) => applyFault(api));
}

/** `fetch` for the client. Loads the sample server on first use. */
export async function sampleFetch(url, init) {
  const server = await (starting ??= start());
  drift(server);
  return server.api.fetch(url, init);
}

async function start() {
  const { createEmulator, fakeRunners } = await loadTesting();
  const now = Date.now();
  const runners = fakeRunners(SIZE, { seed: 20 }).map((runner, index) => {
    // More of them lately: a fleet grows.
    const age = (90 * (index / SIZE) ** 1.6 + 0.02) * DAY;
    const changed = age * ((index * 7) % 10) * 0.1;
    return { ...runner, createdAt: stamp(now - age), updatedAt: stamp(now - changed) };
  });
  const api = createEmulator({ runners, seed: 21, token: false, latency: LATENCY, clock: "real" });
  applyFault(api);
  return { api, changedAt: now, changes: 0 };
}

function applyFault(api) {
  api.clearFailures();
  if (fault) api.failNext({ ...fault, times: Infinity });
}

/** Changes the runners for the time that has passed. */
function drift(server) {
  const now = Date.now();
  server.changedAt = Math.max(server.changedAt, now - MOST_CHANGES * CHANGE_EVERY);
  for (; now - server.changedAt >= CHANGE_EVERY; server.changedAt += CHANGE_EVERY) change(server);
}

/** In turn, adds a runner, removes one, or changes the tags of one; mostly of the newest runners. */
function change(server) {
  const { api } = server;
  server.changes += 1;
  const { id, tags } = api.runners[(server.changes * server.changes * 5) % 40];
  if (server.changes % 3 === 0) api.add();
  else if (server.changes % 3 === 1) api.remove(id);
  else api.update(id, { tags: tags.includes("model:wan") ? tags.slice(0, -1) : [...tags, "model:wan"] });
}

const stamp = (time) => new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
