// Frameworks that render on a server and in the browser, on the hosts that they build for.

import { rmSync } from "node:fs";
import { join } from "node:path";

import {
  HERE,
  TOKEN,
  answers,
  api,
  bin,
  freePort,
  run,
  serve,
  shows,
  start,
  version,
  wrangler,
} from "./kit.mjs";

// Run one after another, because the builds of one project share its folder.
const turns = new Map();
const alone = (folder, check) => () => {
  const turn = (turns.get(folder) ?? Promise.resolve()).then(check);
  turns.set(
    folder,
    turn.catch(() => {}),
  );
  return turn;
};

/** A project of a framework: `build(env)` builds it, `start(env)` serves it and returns a URL, `look(url)` checks it. */
function framework(name, folder, tool, { build, launch, look }) {
  const check = async () => {
    const env = { BACKEND: await serve(folder), NODE_ENV: undefined };
    await build(env);
    const { url, stop } = await launch(env);
    await look(url).finally(stop);
  };
  return { where: "framework", name, run: alone(folder, check), version: () => version(folder, tool) };
}

/** Checks a page rendered on the server, one rendered in the browser, and a JSON answer. */
const everywhere = async (url) => {
  await answers(`${url}/runners`);
  await shows(`${url}/`);
  await shows(`${url}/client`);
};

/** Starts a server in Deno, on a free port. */
async function deno(folder, program, env) {
  const port = String(await freePort());
  const { stop } = await start(folder, "deno", ["run", "--allow-all", program], /Listening/, {
    ...env,
    PORT: port,
    HOST: "127.0.0.1",
  });
  return { url: `http://127.0.0.1:${port}`, stop };
}

/** Starts a server in Node.js that prints its address. */
async function node(folder, args, ready, env) {
  const { match, stop } = await start(folder, "node", args, ready, { HOST: "127.0.0.1", ...env });
  return { url: match[1].replace(/\/$/, "").replace("localhost", "127.0.0.1"), stop };
}

const variables = (prefix = "") => ({
  [`${prefix}COMFYCONTROL_TOKEN`]: TOKEN,
  [`${prefix}COMFYCONTROL_BASE_URL`]: api.url,
});

function nuxt(preset, launch, { what = "page, page in the browser, route", look = everywhere } = {}) {
  const folder = "more/nuxt";
  const build = (env) => {
    for (const output of [".output", ".netlify"])
      rmSync(join(HERE, folder, output), { recursive: true, force: true });
    return run(folder, "node", [bin(folder, "nuxt", "nuxt"), "build"], {
      env: { ...env, NITRO_PRESET: preset },
    });
  };
  return framework(`Nuxt, ${preset}: ${what}`, folder, "nuxt", { build, launch, look });
}

function sveltekit(host, launch) {
  const folder = "more/sveltekit";
  const build = (env) =>
    run(folder, "node", [bin(folder, "vite"), "build"], { env: { ...env, HOST_KIND: host } });
  return framework(
    `SvelteKit, ${host}: load on the server, page in the browser, route`,
    folder,
    "@sveltejs/kit",
    { build, launch, look: everywhere },
  );
}

/** A page that a framework builds as files. */
function pages(name, folder, tool, { build, root, path = "/", policy, items }) {
  const check = async () => {
    await run(folder, "node", [bin(folder, ...build.tool), ...build.args], { env: { NODE_ENV: undefined } });
    await shows(`${await serve(`${folder}/${root}`, policy)}${path}`, "chrome", items);
  };
  return { where: "framework", name, run: alone(folder, check), version: () => version(folder, tool) };
}

export const frameworks = [
  nuxt("node_server", (env) =>
    node("more/nuxt", [".output/server/index.mjs"], /Listening on (\S+)/, {
      ...env,
      PORT: "0",
      ...variables("NUXT_"),
    }),
  ),
  sveltekit("node", (env) =>
    node("more/sveltekit", ["build/index.js"], /Listening on (\S+)/, { ...env, PORT: "0", ...variables() }),
  ),
  sveltekit("cloudflare", () => wrangler("more/sveltekit", [], variables())),
  framework("Astro, on Node: page, page in the browser, route", "more/astro", "astro", {
    build: (env) =>
      run("more/astro", "node", [bin("more/astro", "astro"), "build"], {
        env: { ...env, ASTRO_TELEMETRY_DISABLED: "1" },
      }),
    launch: (env) =>
      node("more/astro", ["dist/server/entry.mjs"], /Server listening on\s+(http\S+)/, { ...env, PORT: "0" }),
    look: everywhere,
  }),
  framework("React Router: loader, loader in the browser, route", "more/react-router", "react-router", {
    build: (env) =>
      run(
        "more/react-router",
        "node",
        [bin("more/react-router", "@react-router/dev", "react-router"), "build"],
        { env },
      ),
    launch: async (env) => {
      const port = String(await freePort());
      return node(
        "more/react-router",
        [bin("more/react-router", "@react-router/serve", "react-router-serve"), "build/server/index.js"],
        /(http:\/\/localhost:\d+)/,
        { ...env, PORT: port },
      );
    },
    look: everywhere,
  }),
  pages("Angular, with zone.js and its fetch", "more/angular", "@angular/core", {
    build: { tool: ["@angular/cli", "ng"], args: ["build"] },
    root: "dist/browser",
  }),
  pages("Storybook", "more/storybook", "storybook", {
    build: { tool: ["storybook"], args: ["build", "--quiet", "--disable-telemetry", "--output-dir", "dist"] },
    root: "dist",
    items: "#storybook-root li",
    path: "/iframe.html?id=runners--list&viewMode=story",
    // Storybook's own page has inline scripts.
    policy:
      "default-src 'self' 'unsafe-inline' data:; script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval'",
  }),
  framework(
    "OpenNext, Cloudflare: server component, client component, route handler",
    "more/opennext",
    "@opennextjs/cloudflare",
    {
      build: (env) =>
        run(
          "more/opennext",
          "node",
          [bin("more/opennext", "@opennextjs/cloudflare", "opennextjs-cloudflare"), "build"],
          { env },
        ),
      launch: () => wrangler("more/opennext", [], variables()),
      look: everywhere,
    },
  ),
  {
    where: "bundler",
    name: "Vite with Cloudflare's plugin: build, development server",
    run: async () => {
      const folder = "more/vite-cloudflare";
      await run(folder, "node", [bin(folder, "vite"), "build"]);
      const built = await wrangler(
        folder,
        ["--config", "dist/consumer_vite_cloudflare/wrangler.json"],
        variables(),
      );
      await answers(built.url).finally(built.stop);
      const env = { CLOUDFLARE_INCLUDE_PROCESS_ENV: "true" };
      const development = await node(
        folder,
        [bin(folder, "vite"), "--port", "0", "--host", "127.0.0.1"],
        /Local:\s+(http\S+)/,
        env,
      );
      await answers(development.url).finally(development.stop);
    },
    version: () => version("more/vite-cloudflare", "@cloudflare/vite-plugin"),
  },
  nuxt("cloudflare_module", () =>
    wrangler(
      "more/nuxt",
      [
        ".output/server/index.mjs",
        "--assets",
        ".output/public",
        "--compatibility-date",
        "2026-01-01",
        "--compatibility-flags",
        "nodejs_compat",
      ],
      variables("NUXT_"),
    ),
  ),
  nuxt("deno_server", (env) =>
    deno("more/nuxt", ".output/server/index.mjs", { ...env, ...variables("NUXT_") }),
  ),
  nuxt("netlify_edge", (env) => deno("more/nuxt", "netlify.mjs", { ...env, ...variables("NUXT_") }), {
    what: "route, its handler alone in Deno",
    look: (url) => answers(`${url}/runners`),
  }),
];
