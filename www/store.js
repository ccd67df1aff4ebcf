// The store. Only `dispatch` changes the state.

import { initialState, reduce } from "./state.js";

/** Holds the state, and calls its subscribers once after each burst of changes. */
export class Store {
  #state = initialState();
  #readers = [];
  #isNotified = true;

  get state() {
    return this.#state;
  }

  dispatch(action) {
    const next = reduce(this.#state, action);
    if (next === this.#state) return;
    this.#state = next;
    if (!this.#isNotified) return;
    this.#isNotified = false;
    queueMicrotask(() => {
      this.#isNotified = true;
      for (const read of this.#readers) read(this.#state);
    });
  }

  /** `read(state)` is called now and after every change. */
  subscribe(read) {
    this.#readers.push(read);
    read(this.#state);
  }
}
