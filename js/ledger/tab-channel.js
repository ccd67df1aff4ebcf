// Messages between tabs: that a tab is active, and that the server asked for a pause.

/** How long a tab counts as active after its last message. */
const ACTIVE_MS = 60_000;
/** The shortest time between two messages of an active tab. */
const HEARTBEAT_MS = 5_000;

/** @param {string} name */
export function openChannel(name) {
  const tab = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  const channel = typeof BroadcastChannel === "function" ? new BroadcastChannel(name) : undefined;
  // Otherwise the open channel keeps a Node process alive.
  channel?.unref?.();
  /** When the last message of each other tab arrived. */
  const lastMessages = new Map();
  /** The end of the pause of each key. */
  const pauses = new Map();
  let joinedAt = -Infinity;
  let announcedAt = -Infinity;

  const send = (message) => channel?.postMessage({ ...message, tab });
  function pause(key, forMs) {
    pauses.set(key, Math.max(pauses.get(key) ?? 0, performance.now() + forMs));
  }
  if (channel) {
    channel.onmessage = ({ data }) => {
      lastMessages.set(data.tab, performance.now());
      if (data.type === "hello") send({ type: "here" });
      if (data.type === "freeze") pause(data.key, data.forMs);
    };
  }

  return {
    tab,

    /** Whether the tab can receive messages of others. */
    isOpen: channel !== undefined,

    /** When this tab last announced itself to the others. */
    joinedAt: () => joinedAt,

    /** Announces that this tab is active, at most every `HEARTBEAT_MS`. After a long silence the tab joins again. */
    announce() {
      const now = performance.now();
      const silentFor = now - announcedAt;
      if (silentFor < HEARTBEAT_MS) return;
      announcedAt = now;
      if (silentFor > ACTIVE_MS / 2) {
        joinedAt = now;
        send({ type: "hello" });
      } else {
        send({ type: "here" });
      }
    },

    /** How many tabs are active, this one included; `undefined` if the tab cannot receive messages. */
    tabs() {
      if (!channel) return undefined;
      const now = performance.now();
      for (const [other, at] of lastMessages) if (at + ACTIVE_MS < now) lastMessages.delete(other);
      return lastMessages.size + 1;
    },

    /** Pauses all tabs for `forMs`. */
    freeze(key, forMs) {
      pause(key, forMs);
      send({ type: "freeze", key, forMs });
    },

    /** How much of the pause is left, in milliseconds; 0 if there is none. */
    pauseOf: (key) => Math.max(0, (pauses.get(key) ?? 0) - performance.now()),
  };
}
