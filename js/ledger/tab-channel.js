// What the tabs tell each other: that they are there, and that the server asked for a pause.

/** How long a tab counts after it was last heard. */
const COUNTS_MS = 60_000;
/** How often a tab that is at work says so. */
const SAYS_SO_MS = 5_000;

/** @param {string} name */
export function openChannel(name) {
  const tab = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  const channel = typeof BroadcastChannel === "function" ? new BroadcastChannel(name) : undefined;
  // Node would not end.
  channel?.unref?.();
  /** When each other tab was last heard. */
  const heard = new Map();
  /** Until when nobody starts, by key. */
  const pauses = new Map();
  let joinedAt = -Infinity;
  let saidSoAt = -Infinity;

  const say = (message) => channel?.postMessage({ ...message, tab });
  function pause(key, forMs) {
    pauses.set(key, Math.max(pauses.get(key) ?? 0, performance.now() + forMs));
  }
  if (channel) {
    channel.onmessage = ({ data }) => {
      heard.set(data.tab, performance.now());
      if (data.type === "hello") say({ type: "here" });
      if (data.type === "freeze") pause(data.key, data.forMs);
    };
  }

  return {
    tab,

    /** Whether other tabs can be heard at all. */
    isOpen: channel !== undefined,

    /** Since when the others know of this tab. */
    joinedAt: () => joinedAt,

    /** Says that this tab is at work, now and then. After a long silence it joins anew. */
    sayHere() {
      const now = performance.now();
      const silentFor = now - saidSoAt;
      if (silentFor < SAYS_SO_MS) return;
      saidSoAt = now;
      if (silentFor > COUNTS_MS / 2) {
        joinedAt = now;
        say({ type: "hello" });
      } else {
        say({ type: "here" });
      }
    },

    /** How many tabs were heard within a minute, this one included; `undefined` where none can be heard. */
    tabs() {
      if (!channel) return undefined;
      const now = performance.now();
      for (const [other, at] of heard) if (at + COUNTS_MS < now) heard.delete(other);
      return heard.size + 1;
    },

    /** Nobody starts for so long. */
    freeze(key, forMs) {
      pause(key, forMs);
      say({ type: "freeze", key, forMs });
    },

    /** How long nobody starts yet, as far as this tab has heard. */
    pauseOf: (key) => Math.max(0, (pauses.get(key) ?? 0) - performance.now()),
  };
}
