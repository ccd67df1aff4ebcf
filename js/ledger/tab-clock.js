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
      const here = performance.now();
      if (!record) return here + (offset ??= Date.now() - here);
      const { state, wall } = record;
      offset ??= state.time + Math.max(0, Date.now() - wall) - here;
      // Where a computer sleeps, some of these clocks stand still. The one that is ahead is right.
      offset = Math.max(offset, state.time - here);
      return here + offset;
    },
  };
}
