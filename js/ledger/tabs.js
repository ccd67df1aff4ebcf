// `comfycontrol-runners/tabs`: all pages of one origin share a rate limit.

import * as core from "./core.js";
import { openChannel } from "./tab-channel.js";
import { tabShare } from "./tab-share.js";
import { STUCK_AFTER_MS, TIMED_OUT, tabStore } from "./tab-store.js";

/** How long to wait for the other tabs. Less than the 500 ms for which the client waits for a ledger. */
const TIME_OUT_MS = 300;
/**
 * How long to wait for tabs that use their shares. One of their waiting calls asks every 2 s whether the storage is free
 * (`src/ledger.rs`), for up to 500 ms. In a hidden tab, timers are up to a second late.
 */
const REGROUP_MS = 5_000;
/** How much the tabs' clocks may differ: `Date.now` counts whole milliseconds. */
const CLOCKS_APART_MS = 5;
/** The turn while the computer is busy: ask again. */
const LATER = { granted: false, retryInMs: 100, startInMs: 100, reason: "rate_limit" };

/** @type {typeof import("./tabs.js").tabsLedger} */
export function tabsLedger({ name = "default" } = {}) {
  if (typeof name !== "string" || name === "") {
    throw new TypeError("tabsLedger: name: expected a text that is not empty");
  }
  // Opened at the first call, so that creating a ledger has no side effects.
  let opened;
  function open() {
    if (!opened) {
      const channel = openChannel(`comfycontrol-runners/${name}`);
      const store = tabStore(`comfycontrol-runners/${name}`);
      opened = { channel, store, share: tabShare(channel) };
    }
    return opened;
  }

  /** Changes the shared state, or, if the page has no storage, this tab's own state. */
  async function update(key, step, { timeOutMs, alone = (share) => share.update(key, step) } = {}) {
    const { store, share } = open();
    try {
      return await store.update(key, step, timeOutMs);
    } catch (error) {
      if (store.isAvailable()) throw error;
      return alone(share);
    }
  }

  /** Since when every answer came too late; `undefined` if the last one was in time. */
  let lateSince;

  return {
    async acquire(key, lease) {
      const { channel, store } = open();
      channel.announce();
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
      // An answer from before this page was frozen is out of date. The request asks again, and gets the same slot if the
      // ledger still holds it.
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
