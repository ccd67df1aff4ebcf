// Garbage collection of iterators: one that is still in use goes on, and one that nobody can use any more is closed.

/** What the functions of each iterator refer to. */
const heldOf = new WeakMap();
/** Closes iterators that were garbage-collected before they ended. */
let dropped;
/** Pending `next` calls. Keeps their iterators alive. */
const waiting = new Set();

// Outside of `begin`, because a function made there could keep `held` alive.
const close = (reader) => reader.close();

/** Connects an iterator with its reader, which must not keep it alive. */
export class Lifetime {
  /**
   * All functions of `iterator` must refer to `held`, and the reader must not. Closes `reader` once `held` is
   * garbage-collected.
   */
  begin(iterator, held, reader) {
    heldOf.set(iterator, held);
    if (typeof WeakRef !== "function") return;
    this.reference = new WeakRef(held);
    dropped ??= new FinalizationRegistry(close);
    dropped.register(held, reader);
  }

  /** Waits for a promise. Keeps `held` alive meanwhile, because the caller may have nothing but the promise of `next`. */
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
