// `comfycontrol-runners/ledger`: a shared rate limit over any store that can change one value atomically.

import * as core from "./core.js";

/** @type {typeof import("./index.js").createLedger} */
export function createLedger({ update, now = () => Date.now() }) {
  return {
    acquire: (key, lease) => update(key, (state) => core.acquire(state, now(), lease)),
    settle: (key, id, end) => update(key, (state) => core.settle(state, now(), id, end)),
    abandon: (key, id) => update(key, (state) => core.abandon(state, now(), id)),
    freeze: (key, pause) => update(key, (state) => core.freeze(state, now(), pause)),
  };
}
