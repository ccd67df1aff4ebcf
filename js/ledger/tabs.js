// `comfycontrol-runners/tabs`: the pages of one origin share a rate limit.

import * as core from "./core.js";
import { openChannel } from "./tab-channel.js";
import { tabShare } from "./tab-share.js";
import { STUCK_AFTER_MS, TIMED_OUT, tabStore } from "./tab-store.js";

/** How long to wait for the other tabs. The client waits for 500 ms. */
const TIME_OUT_MS = 300;
/** When the storage is free again, those that went by their shares notice it within 2 s (`src/ledger.rs`). */
const REGROUP_MS = 3_000;
/** How far the tabs' clocks may be apart: `Date.now` counts whole milliseconds. */
const CLOCKS_APART_MS = 5;
/** The computer is busy: ask again. */
const LATER = { granted: false, retryInMs: 100, startInMs: 100, reason: "rate_limit" };

/** @type {typeof import("./tabs.js").tabsLedger} */
export function tabsLedger({ name = "default" } = {}) {
  if (typeof name !== "string" || name === "") {
    throw new TypeError("tabsLedger: name: expected a text that is not empty");
  }
  // Opened at the first call: making a ledger does nothing yet.
  let opened;
  function open() {
    if (!opened) {
      const channel = openChannel(`comfycontrol-runners/${name}`);
      const store = tabStore(`comfycontrol-runners/${name}`);
      opened = { channel, store, share: tabShare(channel) };
    }
    return opened;
  }

  /** Changes the shared state; or this tab's own, where the page can store nothing. */
  async function update(key, step, { timeOutMs, alone = (share) => share.update(key, step) } = {}) {
    const { store, share } = open();
    try {
      return await store.update(key, step, timeOutMs);
    } catch (error) {
      if (store.isAvailable()) throw error;
      return alone(share);
    }
  }

  /** When the answers began to come too late. */
  let lateSince;

  return {
    async acquire(key, lease) {
      const { channel, store } = open();
      channel.sayHere();
      const pause = channel.pauseOf(key);
      if (pause > 0) return core.paused(pause);
      const windowMs = lease.windowMs + CLOCKS_APART_MS;
      const asked = { ...lease, windowMs, process: channel.tab };
      const askedAt = performance.now();
      const turn = await update(key, (state, now) => core.acquire(state, now, asked), {
        timeOutMs: TIME_OUT_MS,
        alone: (share) => share.acquire(key, asked),
      });
      const now = performance.now();
      // An answer from before this page was frozen says nothing any more. It asks again, and has the same slot if that
      // is still held.
      const isLate = turn === TIMED_OUT || now - askedAt > 2 * TIME_OUT_MS;
      if (isLate) {
        lateSince ??= now;
        if (now - lateSince > STUCK_AFTER_MS) throw new Error("tabsLedger: another tab holds the storage up");
        return LATER;
      }
      lateSince = undefined;
      return turn.granted && now < store.stuckUntil() + REGROUP_MS ? LATER : turn;
    },

    async settle(key, id, end) {
      await update(key, (state, now) => core.settle(state, now, id, end));
    },

    async abandon(key, id) {
      await update(key, (state, now) => core.abandon(state, now, id));
    },

    async freeze(key, pause) {
      open().channel.freeze(key, pause.forMs);
      await update(key, (state, now) => core.freeze(state, now, pause));
    },

    get processes() {
      return open().channel.tabs();
    },
  };
}
