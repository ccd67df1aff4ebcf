// One time for all tabs. The user can change `Date.now` while tabs run, and `performance.now` starts at 0 in each tab. So
// a tab reads the ledger's time once, and continues with its own monotonic clock.

export function tabClock() {
  /** The ledger's time minus `performance.now()`. */
  let offset;
  return {
    /**
     * The ledger's time.
     *
     * @param {{ state: { time: number }, wall: number } | undefined} record what the last tab has stored
     */
    read(record) {
      // In this order: if the tab is suspended in between, its time is too late rather than too early.
      const wallNow = Date.now();
      const here = performance.now();
      if (!record) return here + (offset ??= wallNow - here);
      const { state, wall } = record;
      offset ??= state.time + Math.max(0, wallNow - wall) - here;
      // While a computer sleeps, some of these clocks stop. The clock that is ahead is right.
      offset = Math.max(offset, state.time - here);
      return here + offset;
    },
  };
}
