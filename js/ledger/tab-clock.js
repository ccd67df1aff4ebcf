// One time for all tabs. `Date.now` can be set while they run, and `performance.now` begins with each of them: a tab
// takes the ledger's time over once, and goes on by its own monotonic clock.

export function tabClock() {
  /** The ledger's time less `performance.now()`. */
  let offset;
  return {
    /**
     * The ledger's time.
     *
     * @param {{ state: { time: number }, wall: number } | undefined} record what the last tab has left
     */
    read(record) {
      // In this order: where the tab is held up in between, its time is late rather than early.
      const wallNow = Date.now();
      const here = performance.now();
      if (!record) return here + (offset ??= wallNow - here);
      const { state, wall } = record;
      offset ??= state.time + Math.max(0, wallNow - wall) - here;
      // Where a computer sleeps, some of these clocks stand still. The one that is ahead is right.
      offset = Math.max(offset, state.time - here);
      return here + offset;
    },
  };
}
