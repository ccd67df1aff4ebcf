// Whether the machine itself stood still: nobody keeps a time limit then.

/** How late timers of this process have been at most, in milliseconds, since the call. `stop()` gives it. */
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
