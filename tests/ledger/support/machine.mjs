// Detects a machine that is too busy for time limits.

/** Timers that are later than this show that the machine is busy with something else, in milliseconds. */
export const STILL_MS = 25;

/** Measures how late the timers of this process are. `stop()` returns the maximum since the call, in milliseconds. */
export function watchMachine() {
  let latest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    latest = Math.max(latest, now - last - 10);
    last = now;
  }, 10);
  return {
    stop() {
      clearInterval(timer);
      return latest;
    },
  };
}
