import type {
  ChangedRunner,
  ComfyControl,
  ComfyControlError,
  ManagedRunner,
  WatchOptions,
} from "../loaders/index.js";

/** The whole list at a moment. It never changes: whatever happens makes another one. */
export interface RunnersSnapshot {
  /**
   * - `loading`: there is no list yet.
   * - `ready`: `runners` is the list as it was last read.
   * - `stale`: `runners` is an older list: from the storage, from `initialRunners`, because the last
   *   reading failed (see `error`), or because there were no subscribers for a while.
   * - `error`: there is no list, and the last reading failed.
   */
  readonly status: "loading" | "ready" | "stale" | "error";
  /** The last good list; empty where there is none. The same array as before if nothing in it changed. */
  readonly runners: readonly ManagedRunner[];
  /** What the last reading found to be different; empty after the first one of a watch. */
  readonly changes: {
    /** Runners that were not in the list before. */
    readonly added: readonly ManagedRunner[];
    /** Runners that are no longer in the list. */
    readonly removed: readonly ManagedRunner[];
    /** Runners whose values changed. */
    readonly changed: readonly ChangedRunner[];
  };
  /** Why the last reading failed; nothing once one succeeds. */
  readonly error: ComfyControlError | undefined;
  /** When the list was read, in milliseconds since 1970, where that is known. */
  readonly updatedAt: number | undefined;
}

/** Where a list is kept: `localStorage`, or an object like it. The methods may also give promises. */
export interface RunnersStorage {
  /** The text of a key; `null` where there is none. */
  getItem(key: string): string | null | undefined | PromiseLike<string | null | undefined>;
  /** Keeps a text. */
  setItem(key: string, text: string): unknown;
  /** Forgets it. */
  removeItem(key: string): unknown;
}

/** Where the list is not kept. */
export interface NoStorage {
  /** Where to keep the list. */
  storage?: undefined;
  /** How long a kept list may be shown. */
  maxAge?: number | undefined;
  /** A label of your own for the account. */
  account?: string | undefined;
}

/** Where the list is kept, for the next visit and for times without a network. */
export interface KeptInStorage {
  /**
   * Where to keep the last good list; a function is asked each time, and may throw. What is read from
   * it is checked. A 401 or 403 removes it.
   */
  storage: RunnersStorage | (() => RunnersStorage) | undefined;
  /** How long a kept list may be shown, in milliseconds. Default 86400000, a day. */
  maxAge?: number | undefined;
  /** A label of your own for the account, such as a user's id: each has its own list. Never a token. */
  account: string;
}

/** Options of `runnersStore`: those of `watchManagedRunners`, and of the store itself. */
export type RunnersStoreOptions = Omit<WatchOptions, "signal" | "everyReading"> &
  (NoStorage | KeptInStorage) & {
    /** A list to begin with, such as one that the server has rendered. It is `stale` until it is read anew. */
    initialRunners?: readonly ManagedRunner[] | undefined;
    /** The API's address in the storage's key. Default: the client's base URL. */
    baseUrl?: string | undefined;
  };

/** Ends a subscription. Also has itself as a method, as RxJS expects. */
export interface Unsubscribe {
  (): void;
  /** The same. */
  unsubscribe(): void;
}

/** The list as something to subscribe to. No method needs its `this`. */
export interface RunnersStore {
  /**
   * Calls `listener` now and with every new snapshot, until the function that it returns is called. The
   * list is watched while there is a subscriber: several share one watch.
   */
  subscribe(
    this: void,
    listener:
      ((snapshot: RunnersSnapshot) => void) | { next?: ((snapshot: RunnersSnapshot) => void) | undefined },
  ): Unsubscribe;
  /** The list now. The same object until something happens. */
  getSnapshot(this: void): RunnersSnapshot;
  /** What a server renders and a page hydrates: `initialRunners`, or nothing yet. Always the same object. */
  getServerSnapshot(this: void): RunnersSnapshot;
  /** The list now, as `getSnapshot` gives it. */
  readonly value: RunnersSnapshot;
  /** Reads the list now, not only after the interval. Does nothing without subscribers. */
  refresh(this: void): void;
  /** Forgets the list, here and in the storage: for signing out. */
  clear(this: void): void;
}

/**
 * The whole list, kept up to date while there are subscribers.
 *
 * ```js
 * const store = runnersStore(client, { interval: 30_000 });
 * const { runners, status } = useSyncExternalStore(store.subscribe, store.getSnapshot, store.getServerSnapshot);
 * ```
 *
 * Throws a `TypeError` for options that it cannot use. Those of the watch are checked by the client,
 * and end as the snapshot's `error`.
 */
export function runnersStore(
  client: Pick<ComfyControl, "watchManagedRunners">,
  options?: RunnersStoreOptions,
): RunnersStore;
