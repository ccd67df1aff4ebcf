// Typical environments of users: test environments, reactive state, hardened and patched globals.

import { bin, listed, run, serve, shows, version } from "./kit.mjs";

/** A test runner with a project's own tests. */
function tests(name, folder, tool, { args = [], env = {}, plugin = tool } = {}) {
  const check = () => run(folder, "node", [bin(folder, tool), ...args], { env });
  return { where: "test environment", name, run: check, version: () => version(folder, plugin) };
}

/** Programs that print the first ten names. */
function prints(where, name, folder, tool, programs) {
  const check = async () => {
    for (const program of programs) listed(await run(folder, "node", [program]));
  };
  return { where, name, run: check, version: () => version(folder, tool) };
}

export const environments = [
  tests("Jest 30 in jsdom: imports, messages, mocks, fake timers", "more/jest-jsdom", "jest"),
  tests("Jest 29 in jsdom: imports, messages, mocks, fake timers", "more/jest-jsdom-29", "jest"),
  tests("Vitest in Node, jsdom and happy-dom", "more/vitest-dom", "vitest", { args: ["run"] }),
  tests("Vitest in Node, jsdom and happy-dom, inlined", "more/vitest-dom", "vitest", {
    args: ["run"],
    env: { INLINED: "1" },
  }),
  tests("Vitest in workerd, with Cloudflare's plugin", "more/vitest-workers", "vitest", {
    args: ["run"],
    plugin: "@cloudflare/vitest-plugin",
  }),
  prints("language", "SES lockdown, before and after the first call", "more/ses", "ses", [
    "list.mjs",
    "before.mjs",
  ]),
  prints("language", "zone.js with its fetch", "more/zone", "zone.js", ["list.mjs"]),
  {
    where: "framework",
    name: "Vue, with the client and its iterator in reactive state",
    run: async () => {
      await run("more/vue", "npm", ["run", "--silent", "build"]);
      await shows(`${await serve("more/vue")}/`);
    },
    version: () => version("more/vue", "vue"),
  },
];
