// The one file to edit when you put this page elsewhere.

import { tabsLedger } from "./pkg/tabs.js";

// The client. The emulator serves the built package at /pkg/; for any other static host, copy
// `pkg/dist` beside this file as `pkg`. In an application with a bundler these lines name
// "comfycontrol-runners" and "comfycontrol-runners/store".
export { ComfyControl, isComfyControlError, matchRunners } from "./pkg/index.js";
export { runnersStore } from "./pkg/store.js";

/** All tabs of this page share one rate limit: the API counts requests per address. */
export const rateLimit = { requests: 40, windowMs: 10_000, ledger: tabsLedger() };

/** The sample server, which the page loads only for sample data: `comfycontrol-runners/testing`. */
export const loadTesting = () => import("./pkg/testing.js");

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/**
 * What the connect form suggests: the server this page came from while that is on this machine
 * (the emulator), else the API itself. Behind `proxy.mjs`, or a proxy of your own, write "/api".
 */
export const suggestedBaseUrl = LOOPBACK.includes(location.hostname)
  ? location.origin
  : "https://api.comfycontrol.app";
