// A server inside the page, handed to the client as `fetch`: the documented API over made-up
// runners, so that the page works from any static host, without a token and without a network.
// Its runners come, go and change while it is watched.

/** No such host exists; nothing is ever sent there. */
export const SAMPLE_BASE_URL = "https://comfycontrol.sample.invalid";

const SIZE = 250;
/** Time from one change to the next, in milliseconds. */
const CHANGE_EVERY = 7_000;
const LATENCY = 220;

const ROLES = ["render", "studio", "batch", "preview", "upscale", "video"];
const REGIONS = ["eu", "us", "ap", "uk", "sa"];
const GPUS = ["rtx4090", "rtx4090", "a100", "h100", "l40s", "rtx5090"];
const MODELS = ["sdxl", "flux", "wan", "sd15"];
const FAR_NAMES = ["Zürich Atelier", "東京レンダー", "São Paulo “B”", "استوديو دبي"];

let runners;
let made = 0;
let changedAt;
let nextAnswer = "as usual";

/** What the next request can be answered with, to see how the page takes it. */
export const SAMPLE_ANSWERS = [
  "as usual",
  "401 token expired",
  "403 free tier",
  "429 too many requests",
  "503 unavailable",
  "a web page",
  "no connection",
];

/** Chooses how the following requests are answered. */
export function setSampleAnswer(answer) {
  nextAnswer = answer;
}

/** `fetch` for the client. */
export async function sampleFetch(url, { signal } = {}) {
  await pause(LATENCY, signal);
  grow(Date.now());
  const { pathname, searchParams } = new URL(url);
  const refused = refusal();
  if (refused) return refused;
  const id = /^\/v1\/managed-runner\/([^/]+)$/.exec(pathname)?.[1];
  if (id) {
    const runner = runners.find((runner) => runner.id === id);
    return runner ? json(200, runner) : json(404, error(404, "requested entity not found"));
  }
  const page = Number(searchParams.get("page") ?? 1);
  const perPage = Number(searchParams.get("per_page") ?? 10);
  const from = (page - 1) * perPage;
  return json(200, { runners: runners.slice(from, from + perPage), total: runners.length });
}

function refusal() {
  switch (nextAnswer) {
    case "401 token expired":
      return json(401, error(401, "Token has expired"));
    case "403 free tier":
      return json(403, error(403, "Managed runners require Pro or Plus tier"));
    case "429 too many requests":
      return json(429, error(429, "Too many requests"), { "Retry-After": "5" });
    case "503 unavailable":
      return json(503, error(503, "service temporarily unavailable"));
    case "a web page":
      return new Response("<!doctype html><title>Sign in</title>", {
        headers: { "Content-Type": "text/html" },
      });
    case "no connection":
      throw new TypeError("Failed to fetch");
  }
}

const error = (status, message) => ({ status, message });

function json(status, body, headers = {}) {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/json", ...headers },
  });
}

function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });
}

/** The fleet at `now`: made on first use, then changed for the time that has passed. */
function grow(now) {
  if (!runners) {
    runners = [];
    // More of them lately: a fleet grows.
    for (let index = 0; index < SIZE; index += 1) {
      const daysAgo = 90 * (1 - index / SIZE) ** 1.6 + 0.02;
      runners.unshift(makeRunner(now - daysAgo * 86_400_000));
    }
    changedAt = now;
  }
  // After a long pause a few changes will do.
  if (now - changedAt > 5 * CHANGE_EVERY) changedAt = now - 5 * CHANGE_EVERY;
  for (; now - changedAt >= CHANGE_EVERY; changedAt += CHANGE_EVERY) change(changedAt + CHANGE_EVERY);
}

function change(now) {
  const kind = random() * 3;
  const index = Math.floor(random() ** 3 * runners.length);
  if (kind < 1 || runners.length < 20) runners.unshift(makeRunner(now));
  else if (kind < 2) runners.splice(index, 1);
  else {
    const { id, tags, ...rest } = runners[index];
    const model = `model:${pick(MODELS)}`;
    const others = tags.filter((tag) => !tag.startsWith("model:"));
    const next = tags.includes(model) ? others : [...others, model];
    runners[index] = { id, ...rest, tags: next, updated_at: stamp(now) };
  }
}

function makeRunner(created) {
  made += 1;
  const [role, region] = [pick(ROLES), pick(REGIONS)];
  const far = made % 41 === 17;
  const tags = [`gpu:${pick(GPUS)}`, `region:${region}`];
  if (random() < 0.5) tags.push(`model:${pick(MODELS)}`);
  return {
    id: uuid(),
    name: far
      ? FAR_NAMES[(made >> 2) % FAR_NAMES.length]
      : `${role}-${region}-${String(made).padStart(3, "0")}`,
    runner_type: random() < 0.34 ? "plus" : "pro",
    status: "active",
    // A runner without tags accepts any workflow; a few are like that.
    tags: random() < 0.07 ? [] : tags,
    created_at: stamp(created),
    updated_at: stamp(created + random() * Math.max(0, Date.now() - created) * 0.9),
  };
}

const stamp = (time) => new Date(time).toISOString().replace(/\.\d+Z$/, "Z");

function uuid() {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join("");
  const variant = "89ab"[Math.floor(random() * 4)];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

const pick = (from) => from[Math.floor(random() * from.length)];

// The same runners in every run (mulberry32).
let seed = 20;
function random() {
  seed = (seed + 0x6d2b79f5) | 0;
  let bits = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
  return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296;
}
