// For pages without storage: each tab keeps to its share of the limit, divided by the number of active tabs.

import * as core from "./core.js";

/** How long a tab listens for others before it starts. */
const LISTENS_MS = 250;

/** @param {ReturnType<typeof import("./tab-channel.js").openChannel>} channel */
export function tabShare(channel) {
  /** What this tab has counted, by key. */
  const states = new Map();

  function update(key, step) {
    const { state, result } = step(states.get(key), performance.now());
    states.set(key, state);
    return result;
  }

  return {
    update,

    acquire(key, lease) {
      if (!channel.isOpen) throw new Error("tabsLedger: there is neither IndexedDB nor BroadcastChannel");
      const { requests, windowMs } = lease;
      const tabs = channel.tabs();
      // The other tabs may have used the whole limit just before this tab joined.
      const opensAt = channel.joinedAt() + (tabs > 1 ? windowMs : LISTENS_MS);
      const waitMs = opensAt - performance.now();
      if (waitMs > 0) {
        const retryInMs = Math.min(waitMs, LISTENS_MS);
        return { granted: false, retryInMs, startInMs: waitMs, reason: "rate_limit", processes: tabs };
      }
      const share = {
        requests: Math.max(1, Math.floor(requests / tabs)),
        // If there are more tabs than requests, each tab has one request in several windows.
        windowMs: windowMs * Math.max(1, Math.ceil(tabs / requests)),
      };
      const turn = update(key, (state, now) => core.acquire(state, now, { ...lease, ...share }));
      return { ...turn, processes: tabs };
    },
  };
}
