// Frameworks that render on a server and in the browser, on the hosts they are built for.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";

import { HERE, TOKEN, answers, api, bin, listed, open, run, serve, shows, start, version, wrangler } from "./kit.mjs";

// Builds of one project share its folder.
const turns = new Map();
const alone = (folder, check) => () => {
  const turn = (turns.get(folder) ?? Promise.resolve()).then(check);
  turns.set(folder, turn.catch(() => {}));
  return turn;
};

/** A framework's project, built by `build(env)` and served by `start(env)` as a URL; what `look(url)` then sees. */
function framework(name, folder, tool, { build, launch, look }) {
  const check = async () => {
    const env = { BACKEND: await serve(folder), NODE_ENV: undefined };
    await build(env);
    const { url, stop } = await launch(env);
    await look(url).finally(stop);
  };
  return { where: "framework", name, run: alone(folder, check), version: () => version(folder, tool) };
}

/** Pages of the server's and of the browser's, and an answer in JSON. */
const everywhere = async (url) => {
  await answers(`${url}/runners`);
  await shows(`${url}/`);
  await shows(`${url}/client`);
};

/** Starts a server in Node.js that says where it listens. */
async function node(folder, args, ready, env) {
  const { match, stop } = await start(folder, "node", args, ready, { HOST: "127.0.0.1", ...env });
  return { url: match[1].replace(/\/$/, "").replace("localhost", "127.0.0.1"), stop };
}

const variables = (prefix = "") => ({ [`${prefix}COMFYCONTROL_TOKEN`]: TOKEN, [`${prefix}COMFYCONTROL_BASE_URL`]: api.url });

function nuxt(preset, launch) {
  const folder = "more/nuxt";
  const build = (env) => {
    rmSync(join(HERE, folder, ".output"), { recursive: true, force: true });
    return run(folder, "node", [bin(folder, "nuxt", "nuxt"), "build"], { env: { ...env, NITRO_PRESET: preset } });
  };
  return framework(`Nuxt, ${preset}: page, page in the browser, route`, folder, "nuxt", { build, launch, look: everywhere });
}

function sveltekit(host, launch) {
  const folder = "more/sveltekit";
  const build = (env) => run(folder, "node", [bin(folder, "vite"), "build"], { env: { ...env, HOST_KIND: host } });
  return framework(`SvelteKit, ${host}: load on the server, page in the browser, route`, folder, "@sveltejs/kit", { build, launch, look: everywhere });
}

export const frameworks = [
  nuxt("node_server", (env) => node("more/nuxt", [".output/server/index.mjs"], /Listening on (\S+)/, { ...env, PORT: "0", ...variables("NUXT_") })),
  sveltekit("node", (env) => node("more/sveltekit", ["build/index.js"], /Listening on (\S+)/, { ...env, PORT: "0", ...variables() })),
  sveltekit("cloudflare", () => wrangler("more/sveltekit", [], variables())),
  nuxt("cloudflare_module", () => wrangler("more/nuxt", [".output/server/index.mjs", "--assets", ".output/public", "--compatibility-date", "2026-01-01", "--compatibility-flags", "nodejs_compat"], variables("NUXT_"))),
];
