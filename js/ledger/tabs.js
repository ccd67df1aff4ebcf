// `comfycontrol-runners/tabs`: the pages of one origin share a rate limit.

import * as core from "./core.js";
import { openChannel } from "./tab-channel.js";
import { tabShare } from "./tab-share.js";
import { tabStore } from "./tab-store.js";

/** An answer later than this is none. The client goes by its share from then on. */
const TIME_OUT_MS = 450;

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
      const store = tabStore(`comfycontrol-runners/${name}`, TIME_OUT_MS);
      opened = { channel, store, share: tabShare(channel) };
    }
    return opened;
  }

  /** Changes the shared state; or this tab's own, where the page can store nothing. */
  async function update(key, step, ownStep = (share) => share.update(key, step)) {
    const { store, share } = open();
    try {
      return await store.update(key, step);
    } catch (error) {
      if (store.isAvailable()) throw error;
      return ownStep(share);
    }
  }

  const abandon = (key, id) => update(key, (state, now) => core.abandon(state, now, id));

  return {
    async acquire(key, lease) {
      const { channel } = open();
      channel.sayHere();
      const pause = channel.pauseOf(key);
      if (pause > 0) return core.paused(pause);
      const asked = { ...lease, process: channel.tab };
      const askedAt = performance.now();
      const turn = await update(
        key,
        (state, now) => core.acquire(state, now, asked),
        (share) => share.acquire(key, asked),
      );
      if (turn.granted && performance.now() - askedAt > TIME_OUT_MS) {
        // This page was frozen with the answer on its way, perhaps for longer than the slot is held.
        await abandon(key, lease.id);
        throw new Error("tabsLedger: the answer came too late");
      }
      return turn;
    },

    settle: (key, id, end) => update(key, (state, now) => core.settle(state, now, id, end)),

    abandon,

    freeze(key, pause) {
      open().channel.freeze(key, pause.forMs);
      return update(key, (state, now) => core.freeze(state, now, pause));
    },

    get processes() {
      return open().channel.tabs();
    },
  };
}
