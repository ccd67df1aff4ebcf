// What the caller holds of an iterator, and when the caller has let go of it.

/** What the caller holds of each iterator. */
const heldOf = new WeakMap();
/** Ends what belongs to iterators that the caller let go of half-way. */
let dropped;
/** Who waits for a `next`: the caller may hold nothing but its promise. */
const waiting = new Set();

/**
 * Connects an iterator with the work behind it, which must not keep it alive: otherwise nobody would notice that the
 * caller has let go of it.
 */
export class Lifetime {
  /**
   * `held` is what all functions of `iterator` refer to, and nothing else does. Calls `close` once it is garbage
   * collected.
   */
  begin(iterator, held, close) {
    heldOf.set(iterator, held);
    if (typeof FinalizationRegistry !== "function") return;
    this.reference = new WeakRef(held);
    dropped ??= new FinalizationRegistry((close) => close());
    dropped.register(held, close);
  }

  /** Waits for a promise, and keeps what the caller holds alive meanwhile. */
  async wait(promise) {
    const wait = { held: this.reference?.deref() };
    waiting.add(wait);
    try {
      return await promise;
    } finally {
      waiting.delete(wait);
    }
  }
}

/** Keeps `value` alive as long as the iterator. */
export function keepWith(iterator, value) {
  heldOf.get(iterator).kept = value;
}
