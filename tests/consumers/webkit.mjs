// WebKitGTK's small browser, driven by WebDriver: Safari's engine on Linux.

import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { api, freePort, serve, start } from "./kit.mjs";

const DRIVER = "/usr/bin/WebKitWebDriver";
const LIBRARIES = "/usr/lib";
const browser = (existsSync(LIBRARIES) ? readdirSync(LIBRARIES) : [])
  .map((triple) => join(LIBRARIES, triple, "webkit2gtk-4.1/MiniBrowser"))
  .find((file) => existsSync(file));

/** The browser's version, once it reported it. */
let known = "";

/** Opens pages one after another, and returns what each lists. */
async function lists(urls) {
  const display = await start(".", "Xvfb", ["-displayfd", "1", "-nolisten", "tcp"], /(\d+)\s/);
  const port = await freePort();
  const env = {
    DISPLAY: `:${display.match[1]}`,
    WEBKIT_DISABLE_DMABUF_RENDERER: "1",
    WEBKIT_DISABLE_COMPOSITING_MODE: "1",
  };
  // It prints nothing by itself.
  const driver = await start(
    ".",
    "sh",
    ["-c", `echo starting; exec ${DRIVER} --host=127.0.0.1 --port=${port}`],
    /starting/,
    env,
  );
  while (
    !(await fetch(`http://127.0.0.1:${port}/status`).then(
      ({ ok }) => ok,
      () => false,
    ))
  )
    await new Promise((resolve) => setTimeout(resolve, 50));
  const ask = async (path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    const { value } = await response.json();
    assert(response.ok, JSON.stringify(value));
    return value;
  };
  const capabilities = {
    alwaysMatch: { "webkitgtk:browserOptions": { binary: browser, args: ["--automation"] } },
  };
  const { sessionId, capabilities: chosen } = await ask("/session", { capabilities });
  known = chosen.browserVersion;
  const found = [];
  for (const url of urls) {
    await ask(`/session/${sessionId}/url`, { url });
    found.push(await ask(`/session/${sessionId}/execute/async`, { script: LOOK, args: [] }));
  }
  driver.stop();
  display.stop();
  return found;
}

const LOOK = `
  const done = arguments[arguments.length - 1];
  const names = () => Array.from(document.querySelectorAll("li"), (item) => item.textContent);
  const end = Date.now() + 20000;
  const look = () => (names().length || Date.now() > end ? done(names()) : setTimeout(look, 50));
  look();
`;

export const webkit = [
  {
    where: "WebKitGTK",
    name: "a page's module; dedicated worker; ./slim, compiled while it arrives; ./testing",
    full: Boolean(browser) && existsSync(DRIVER),
    more: false,
    run: async () => {
      const url = await serve("browser");
      const pages = ["index.html", "dedicated.html", "slim.html", "emulated.html"];
      assert.deepEqual(
        await lists(pages.map((page) => `${url}/${page}`)),
        pages.map(() => api.names),
      );
    },
    version: () => known,
  },
];
